# SPDX-License-Identifier: GPL-3.0-or-later
"""Mapping tables as TOML files: reading, with every mistake named, and writing."""

import difflib
import json
import math
from pathlib import Path
from typing import Any

from ..errors import MappingError
from ..model.arkit import ARKIT_BLENDSHAPES
from ..reading import parse_toml, read_bytes
from ..writing import write_whole
from .table import NECK_SHARE, Move, Skeleton, Table, Weights

FORMAT = 1
"""Version of a table's layout, which every table states."""
SUFFIX = ".toml"
"""Of a table's file."""
_MAX_BYTES = 2**20
"""The largest table that ships has 6 kB; a megabyte is no table."""
_MOST = 100.0
"""A weight or an amount beyond this is a slip of the pen."""

LIBRARY = Path(__file__).resolve().parents[2] / "mappings"
"""The tables that ship."""


def library(folder: Path | None = None) -> list[Table]:
    """Every table that Mien ships, and those of the user's folder before them.

    Raises:
        MappingError: a table is damaged.
    """
    own = sorted(folder.glob("*" + SUFFIX)) if folder is not None and folder.is_dir() else []
    return [load_table(path) for path in (*own, *sorted(LIBRARY.glob("*" + SUFFIX)))]


def load_table(path: Path) -> Table:
    """Read a mapping table.

    Raises:
        MappingError: it is missing, is not a table, or something in it makes no sense.
    """
    try:
        values = parse_toml(read_bytes(path, _MAX_BYTES).decode("utf-8"))
    except FileNotFoundError:
        raise MappingError(f"The mapping table {path} does not exist; check the path.") from None
    except ValueError as error:
        raise MappingError(f"{path} is not a mapping table ({error}); correct it there.") from error
    except OSError as error:
        raise MappingError(f"{path} cannot be read ({error.strerror}); choose another.") from error
    return _Reader(path).table(values)


def save_table(table: Table, path: Path) -> None:
    """Write a mapping table; an older file of that name stays until the new one is whole.

    Raises:
        MappingError: the folder cannot be written.
    """
    write_whole(path, to_toml(table).encode(), MappingError)


def to_toml(table: Table) -> str:
    """The text of a table's file."""
    lines = [f"format = {FORMAT}", f"name = {_quoted(table.name)}"]
    if table.note:
        lines.append(f"note = {_quoted(table.note)}")
    if table.size:
        lines.append(f"size = [{', '.join(map(_quoted, table.size))}]")
    if table.keys:
        lines += ["", "[keys]"]
        lines += [f"{_quoted(k)} = {_inline(w)}" for k, w in table.keys.items()]
    if table.instead:
        lines += ["", "[instead]"]
        lines += [f"{_quoted(k)} = {_value(names)}" for k, names in table.instead.items()]
    for bone, moves in table.bones.items():
        lines += ["", f"[bones.{_quoted(bone)}]"]
        lines += [f"{blendshape} = {_inline(_said(move))}" for blendshape, move in moves.items()]
    skeleton = _said(table.skeleton)
    if skeleton:
        lines += ["", "[skeleton]"]
        lines += [f"{name} = {_value(value)}" for name, value in skeleton.items()]
    return "\n".join(lines) + "\n"


def _said(thing: Move | Skeleton) -> dict[str, Any]:
    plain = type(thing)()
    return {n: v for n, v in vars(thing).items() if v != getattr(plain, n)}


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        return _quoted(value)
    return str(value).lower() if isinstance(value, bool) else f"{value:.6g}"


def _inline(values: dict[str, Any]) -> str:
    return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in values.items()) + " }"


class _Reader:
    """Turns what a TOML file says into a table, or says what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def table(self, values: dict[str, Any]) -> Table:
        known = {"format", "name", "note", "size", "keys", "bones", "skeleton", "instead"}
        self._only(values, known, "the table")
        if values.get("format") != FORMAT:
            raise self._wrong(f"its format is {values.get('format')!r}, not {FORMAT}")
        keys = {k: self._weights(k, w) for k, w in self._group(values, "keys").items()}
        bones = {b: self._moves(b, m) for b, m in self._group(values, "bones").items()}
        size = tuple(self._texts(values.get("size", []), "size"))
        if bones and len(size) != 2:
            raise self._wrong("it moves bones but size does not name two bones")
        return Table(
            self._text(values.get("name"), "name"), self._text(values.get("note", ""), "note"),
            keys, bones, size, self._skeleton(self._group(values, "skeleton")),
            self._stand_ins(self._group(values, "instead"), keys),
        )  # fmt: skip

    def _stand_ins(
        self, said: dict[str, Any], keys: dict[str, Weights]
    ) -> dict[str, tuple[str, ...]]:
        stand_ins = {key: tuple(self._texts(names, key)) for key, names in said.items()}
        for name in (n for key, names in stand_ins.items() for n in (key, *names)):
            if name not in keys:
                raise self._wrong(f"instead names {name!r}, which is none of its keys")
        return stand_ins

    def _weights(self, key: str, said: object) -> Weights:
        if isinstance(said, str):
            return {self._unit(said, key): 1.0}
        if not isinstance(said, dict):
            raise self._wrong(f"{key!r} is neither a unit nor a group of units with weights")
        return {self._unit(u, key): self._number(w, f"{key}, {u}") for u, w in said.items()}

    def _moves(self, bone: str, said: object) -> dict[str, Move]:
        if not isinstance(said, dict):
            raise self._wrong(f"the bone {bone!r} has no units")
        return {self._unit(u, bone): self._move(m, f"{bone}, {u}") for u, m in said.items()}

    def _move(self, said: object, where: str) -> Move:
        if not isinstance(said, dict):
            raise self._wrong(f"{where} says no move")
        self._only(said, {"move", "turn", "toward", "share"}, where)
        if ("toward" in said) != ("share" in said):
            raise self._wrong(f"{where} needs both toward and share, or neither")
        return Move(
            self._triple(said.get("move", (0, 0, 0)), where),
            self._triple(said.get("turn", (0, 0, 0)), where),
            self._text(said.get("toward", ""), where), self._number(said.get("share", 0.0), where),
        )  # fmt: skip

    def _skeleton(self, said: dict[str, Any]) -> Skeleton:
        names = set(vars(Skeleton()))
        self._only(said, names, "skeleton")
        share = self._number(said.get("neck_share", NECK_SHARE), "neck_share")
        if not 0 <= share <= 1:
            raise self._wrong("neck_share is not between 0 and 1")
        aims = said.get("aims", False)
        if not isinstance(aims, bool):
            raise self._wrong("aims is neither true nor false")
        single = names - {"neck", "neck_share", "aims"}
        texts = {n: self._text(said.get(n, ""), n) for n in single}
        neck = tuple(self._texts(said.get("neck", []), "neck"))
        return Skeleton(neck=neck, neck_share=share, aims=aims, **texts)

    def _unit(self, name: str, where: str) -> str:
        if name in ARKIT_BLENDSHAPES:
            return name
        near = difflib.get_close_matches(name, ARKIT_BLENDSHAPES, 1)
        hint = f"; is {near[0]} meant?" if near else ""
        raise self._wrong(f"{where!r} names {name!r}, which is not one of ARKit's 52 units{hint}")

    def _group(self, values: dict[str, Any], name: str) -> dict[str, Any]:
        group = values.get(name, {})
        if not isinstance(group, dict):
            raise self._wrong(f"{name} is not a group")
        return group

    def _only(self, said: dict[str, Any], known: set[str], where: str) -> None:
        odd = sorted(set(said) - known)
        if odd:
            raise self._wrong(f"{where} has {odd[0]!r}, which means nothing")

    def _number(self, value: object, where: str) -> float:
        ok = isinstance(value, int | float) and not isinstance(value, bool)
        if not ok or not math.isfinite(value) or abs(value) > _MOST:  # type: ignore[arg-type]
            raise self._wrong(f"{where} is {value!r}, not a number of at most {_MOST:g}")
        return float(value)  # type: ignore[arg-type]

    def _triple(self, value: object, where: str) -> tuple[float, float, float]:
        if not isinstance(value, list | tuple) or len(value) != 3:
            raise self._wrong(f"{where} does not give three numbers")
        x, y, z = (self._number(v, where) for v in value)
        return (x, y, z)

    def _texts(self, value: object, where: str) -> list[str]:
        if not isinstance(value, list):
            raise self._wrong(f"{where} is not a list of names")
        return [self._text(v, where) for v in value]

    def _text(self, value: object, where: str) -> str:
        if not isinstance(value, str):
            raise self._wrong(f"{where} is not a text")
        return value

    def _wrong(self, what: str) -> MappingError:
        return MappingError(f"The mapping table {self.path} is wrong: {what}; correct it there.")
