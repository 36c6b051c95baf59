# SPDX-License-Identifier: GPL-3.0-or-later
"""Mapping tables: every shipped one loads, what is written reads back, every mistake is named."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mien.core.errors import MappingError
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.retarget.files import LIBRARY, library, load_table, save_table, to_toml
from mien.core.retarget.table import Move, Skeleton, Table

NUMBERS = st.floats(-9, 9).map(lambda n: round(n, 3) + 0.0)
NAMES = st.text('aZ09_. "\\=[]#é語', min_size=1, max_size=12)
UNITS = st.sampled_from(ARKIT_BLENDSHAPES)
MOVES = st.builds(
    Move, move=st.tuples(NUMBERS, NUMBERS, NUMBERS), turn=st.tuples(NUMBERS, NUMBERS, NUMBERS)
)
TABLES = st.builds(
    Table,
    name=NAMES,
    note=NAMES,
    keys=st.dictionaries(NAMES, st.dictionaries(UNITS, NUMBERS, min_size=1), max_size=5),
    bones=st.dictionaries(NAMES, st.dictionaries(UNITS, MOVES, min_size=1), max_size=3),
    size=st.just(("a bone", 'a "quoted" bone')),
    skeleton=st.builds(
        Skeleton, head=NAMES, neck=st.tuples(NAMES), neck_share=st.floats(0, 1).map(lambda n: round(n, 4)),
        aims=st.booleans(),
    ),
).map(lambda t: replace(t, instead={k: tuple(t.keys) for k in list(t.keys)[:1]}))  # fmt: skip


def test_every_shipped_table_loads_and_says_what_it_is_for() -> None:
    tables = library()
    assert len(tables) == len(list(LIBRARY.glob("*.toml"))) >= 16
    assert len({t.name for t in tables}) == len(tables)
    assert all(t.note for t in tables)
    assert all(t.keys or t.bones or t.skeleton.head for t in tables)


@pytest.mark.parametrize("name", ["arkit", "cc4", "daz9", "daz8_facs", "metahuman", "vrchat_unified",
                                  "meta_quest"])  # fmt: skip
def test_tables_of_full_faces_reach_every_unit(name: str) -> None:
    assert load_table(LIBRARY / f"{name}.toml").blendshapes == set(ARKIT_BLENDSHAPES)


@pytest.mark.parametrize("name", ["rigify", "auto_rig_pro"])
def test_bones_of_both_sides_move_alike(name: str) -> None:
    table = load_table(LIBRARY / f"{name}.toml")
    for bone, moves in table.bones.items():
        for blendshape, move in moves.items():
            other = table.bones[_other(bone)][_other(blendshape)]
            assert other.move == pytest.approx((-move.move[0], *move.move[1:]))
            assert other.toward == _other(move.toward)
            assert other.share == move.share


def _other(name: str) -> str:
    for one, two in ((".L", ".R"), (".l", ".r"), ("Left", "Right")):
        for here, there in ((one, two), (two, one)):
            if here in name.removesuffix(".x") and (here.isalpha() or len(here) == 2):
                end = name.rpartition(here)
                return end[0] + there + end[2]
    return name


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLES)
def test_what_is_written_reads_back(tmp_path_factory: pytest.TempPathFactory, table: Table) -> None:
    path = tmp_path_factory.mktemp("tables") / "mine.toml"
    save_table(table, path)
    assert load_table(path) == table
    assert to_toml(load_table(path)) == to_toml(table)
    assert [p.name for p in path.parent.iterdir()] == ["mine.toml"]


def test_the_users_own_tables_come_first(tmp_path: Path) -> None:
    save_table(Table("mine", keys={"blink": {"eyeBlinkLeft": 1.0}}), tmp_path / "x.toml")
    assert library(tmp_path)[0].name == "mine"


START = 'format = 1\nname = "x"\n'
WRONG = {
    "not toml": ("this is not a table", "not a mapping table"),
    "binary": ("\x00\x01", "not a mapping table"),
    "format": ('format = 9\nname = "x"', "format is 9"),
    "no name": ("format = 1", "name is not a text"),
    "unit": (START + '[keys]\nblink = "eyeBlnkLeft"', "is eyeBlinkLeft meant"),
    "weight": (START + "[keys]\nblink = { eyeBlinkLeft = 1e9 }", "at most 100"),
    "nan": (START + "[keys]\nblink = { eyeBlinkLeft = nan }", "not a number"),
    "truth": (START + "[keys]\nblink = { eyeBlinkLeft = true }", "not a number"),
    "list": (START + "[keys]\nblink = [1]", "neither a unit nor"),
    "keys": (START + "keys = 3", "keys is not a group"),
    "odd": (START + "colour = 3", "'colour', which means nothing"),
    "size": (START + "[bones.jaw]\njawOpen = { turn = [1, 0, 0] }", "size does not name two"),
    "move": (START + 'size = ["a", "b"]\n[bones.jaw]\njawOpen = { move = [1, 0] }', "three numbers"),
    "share": (START + 'size = ["a", "b"]\n[bones.jaw]\njawOpen = { share = 1 }', "both toward and share"),
    "neck": (START + "[skeleton]\nneck_share = 3", "between 0 and 1"),
    "instead": (START + "[keys]\na = 'jawOpen'\n[instead]\na = ['b']", "'b', which is none of its keys"),
    "bone": (START + "[skeleton]\nheed = 'head'", "'heed', which means nothing"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_every_mistake_is_named_with_its_file(case: str, tmp_path: Path) -> None:
    text, said = WRONG[case]
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        load_table(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "; " in str(caught.value)


def test_missing_large_and_unwritable_files(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="does not exist"):
        load_table(tmp_path / "gone.toml")
    (tmp_path / "big.toml").write_text("#" * (2**20 + 1))
    with pytest.raises(MappingError, match="too large"):
        load_table(tmp_path / "big.toml")
    with pytest.raises(MappingError, match="cannot be written"):
        save_table(Table("x"), tmp_path / "gone" / "x.toml")
