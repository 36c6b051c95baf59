# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the window can say to a user, found in the source: labels, tooltips, reports, errors."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ADDON = Path(__file__).resolve().parents[1] / "addon" / "mien"
CLASS_WORDS = ("bl_label", "bl_description")
NAMED = ("HINT", "HAIR", "MATCH", "ACTING", "REFINE", "TEXTURE", "SEQUENCE", "BAKED")
"""Constants that hold a sentence."""
_GAP = re.compile(r"\{[^{}]*\}")


def phrases() -> set[str]:
    """Every phrase, gaps for names and numbers written as they are in the source or as ``{}``."""
    found: set[str] = set()
    for path in sorted((ADDON / "window").rglob("*.py")):
        found |= set(_of_window(ast.parse(path.read_text(encoding="utf-8"))))
    for room in ("core", "worker", "scene", "avatar", "window"):
        for path in sorted((ADDON / room).rglob("*.py")):
            found |= set(_of_errors(ast.parse(path.read_text(encoding="utf-8"))))
    return {p for p in found if re.search(r"[A-Za-z]{2}", _GAP.sub("", p))}


def template(node: ast.expr) -> str | None:
    """The text of a string with ``{}`` in place of every value; None if it is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
        return "".join(map(str, parts))
    return None


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _of_window(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from _of_class(node)
        elif isinstance(node, ast.Assign):
            yield from _of_assignment(node)
        elif isinstance(node, ast.Call):
            yield from _of_call(node)


def _of_class(node: ast.ClassDef) -> Iterator[str]:
    bases = {b.id for b in node.bases if isinstance(b, ast.Name)}
    if "Operator" in bases:
        yield ast.get_docstring(node) or ""
    for line in node.body:
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            text = template(line.value)
            if line.targets[0].id in CLASS_WORDS and text:
                yield text


def _of_assignment(node: ast.Assign) -> Iterator[str]:
    target = node.targets[0]
    if not isinstance(target, ast.Name):
        return
    if target.id in NAMED or target.id == "sentence":
        yield template(node.value) or ""
    elif target.id in {"FACES", "TIMING", "KEY_SETS", "NEUTRAL", "HAIR_STYLES"}:
        yield from _of_items(node.value)


def _of_items(node: ast.expr) -> Iterator[str]:
    for item in getattr(node, "elts", ()):
        for part in getattr(item, "elts", ())[1:3]:
            yield template(part) or ""


def _of_call(node: ast.Call) -> Iterator[str]:
    name = _name(node)
    words = {k.arg: k.value for k in node.keywords}
    if name.endswith("Property"):
        for word in ("name", "description"):
            yield template(words[word]) or "" if word in words else ""
        yield from _of_items(words.get("items", node))
    elif name in {"report", "iface", "translate", "message", "poll_message_set", "pgettext_iface"}:
        yield from (t for a in node.args for t in [template(a)] if (t and " " in t) or t in _SHORT)
    elif name in {"label", "operator", "prop", "column", "row", "_gain"}:
        arguments = [words[w] for w in ("text", "heading") if w in words]
        arguments += node.args if name == "_gain" else []
        for argument in arguments:
            for part in ast.walk(argument):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


_SHORT = ("Confidence", "Starting", "Applied", "Keyed", "Table", "Matched", "Missing", "Doubtful")


def _of_errors(tree: ast.Module) -> Iterator[str]:
    """Sentences of exceptions, of warnings, and of what a child says of its end."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name, last = _name(node), node.args[-1]
            if (
                name.endswith("Error")
                or name == "kind"
                or (name == "append" and "warnings" in ast.unparse(node.func))
            ):
                yield from _sentence(node.args[0])
            elif name == "_fail":
                yield from _sentence(last)
        elif isinstance(node, ast.FunctionDef) and node.name in {"refusal", "_obituary"}:
            for part in ast.walk(node):
                if isinstance(part, ast.Return) and part.value is not None:
                    yield from _sentence(part.value)


def _sentence(node: ast.expr) -> Iterator[str]:
    text = template(node)
    if text and text.endswith("."):
        yield text
