# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file may import which: no circles, and the arrows between packages that CONTRIBUTING.md draws."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TREES = {"mien": ROOT / "addon" / "mien", "training": ROOT / "training"}

# From a package (a module's name begins so), what none of its files may reach, be it by way of others.
NEVER = {
    "mien.core.model": ("mien.core.take", "mien.core.capture", "mien.core.solve"),
    "mien.core.take": ("mien.core.capture", "mien.core.solve"),
    "mien.core.capture": ("mien.core.solve", "mien.core.refine", "mien.core.performance"),
    "mien.core.solve": ("mien.core.capture", "mien.core.performance"),
    "mien.core": (
        "mien.scene", "mien.avatar", "mien.window", "mien.worker", "mien.batch", "mien.cli",
        "mien.api", "training", "bpy",
    ),
    "mien.worker": ("mien.scene", "mien.window", "mien.batch", "mien.cli", "bpy"),
    "mien.batch": ("mien.cli", "mien.window"),
    "mien.scene": ("mien.avatar", "mien.window", "mien.batch", "mien.cli"),
    "mien.avatar": ("mien.window", "mien.batch", "mien.cli"),
    "mien.cli": ("mien.window",),
    "mien": ("training",),
    "mien.window.state": ("mien.window.operators", "mien.window.panels"),
    "mien.window.overlay": ("mien.window.operators", "mien.window.panels"),
    "mien.window.operators": ("mien.window.panels",),
    "training.geometry": ("training.labels", "training.head", "training.generator"),
    "training.labels": ("training.head", "training.generator", "training.evaluate"),
    "training.head": ("training.generator", "training.evaluate", "training.optimise"),
    "training.generator": ("training.evaluate", "training.optimise"),
    "training.networks": ("training.optimise", "training.deploy", "training.generator"),
    "training.optimise": ("training.deploy",),
}  # fmt: skip


def named(path: Path) -> str:
    """The name by which a file is imported."""
    name, root = next((n, r) for n, r in TREES.items() if path.is_relative_to(r))
    parts = [name, *path.relative_to(root).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {named(p): p for root in TREES.values() for p in root.rglob("*.py")}


def imported(name: str) -> Iterator[str]:
    """Names of modules that a file imports, inside its functions too; not for types alone."""
    path, tree = FILES[name], ast.parse(FILES[name].read_text(encoding="utf-8"))
    for_types = {
        id(inner) for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }  # fmt: skip
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*up, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield whole if whole in FILES else base


@cache
def arrows() -> dict[str, set[str]]:
    """What each file imports."""
    return {name: set(imported(name)) - {name} for name in FILES}


@cache
def reached(name: str) -> frozenset[str]:
    """All that a file reaches, by way of others too."""
    found: set[str] = set()
    ahead = [name]
    while ahead:
        for other in arrows().get(ahead.pop(), set()) - found:
            found.add(other)
            ahead.append(other)
    return frozenset(found)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def package_of(name: str) -> str:
    """The package that a file counts to: two names, three inside core and window."""
    parts = name.split(".")
    return ".".join(parts[: 3 if parts[1:2] and parts[1] in ("core", "window") else 2])


def test_files_form_no_circle() -> None:
    inside = {name: found & set(FILES) for name, found in arrows().items()}
    try:
        TopologicalSorter(inside).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_packages_form_no_circle() -> None:
    between: dict[str, set[str]] = {}
    for name, found in arrows().items():
        own = package_of(name)
        between.setdefault(own, set()).update({package_of(o) for o in found & set(FILES)} - {own})
    for top in ("mien", "mien.core"):  # they hold what all use: version, errors, reading, writing
        between.pop(top, None)
    try:
        TopologicalSorter(between).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("package", NEVER)
def test_packages_reach_only_what_lies_below_them(package: str) -> None:
    wrong = [
        f"{name} reaches {other}"
        for name in FILES if within(name, package)
        for other in reached(name)
        if any(within(other, forbidden) for forbidden in NEVER[package])
    ]  # fmt: skip
    assert not sorted(wrong)


def test_every_package_is_in_the_table_of_contributing() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for root in (*TREES.values(), ROOT / "addon" / "mien" / "core"):
        for folder in sorted(p for p in root.iterdir() if (p / "__init__.py").exists()):
            assert f"{folder.name}`" in text, folder
