# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in their spellings, and the table that is chosen by them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.modes import NameMatch
from mien.core.retarget.files import library
from mien.core.retarget.match import match, of_table
from mien.core.retarget.names import canonical, fuzzy_match, normalised_matches
from mien.core.retarget.table import Table

TABLES = library()
ARKIT = next(t for t in TABLES if t.name == "ARKit 52")


def snake(blendshape: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", blendshape).lower()


SPELLINGS = {
    "as is": lambda u: u,
    "short sides": lambda u: re.sub("Left$", "_L", re.sub("Right$", "_R", u)),
    "capital": lambda u: u[0].upper() + u[1:],
    "snake": snake,
    "snake, short": lambda u: re.sub("_left$", "_l", re.sub("_right$", "_r", snake(u))),
    "ARKit_": lambda u: "ARKit_" + u,
    "head_": lambda u: "head_" + u,
    "blendShape1.": lambda u: "blendShape1." + u,
    "any prefix": lambda u: "Wolf_Avatar_" + u,
    "numbered": lambda u: f"A{ARKIT_BLENDSHAPES.index(u):02d}_" + snake(u).title(),
    "lower": str.lower,
    "spaces": lambda u: snake(u).replace("_", " ").title(),
    "side first": lambda u: re.sub(r"^(.*)(Left|Right)$", r"\2_\1", u),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_all_units_are_found_in_every_spelling(spelling: str) -> None:
    keys = {SPELLINGS[spelling](u): u for u in ARKIT_BLENDSHAPES}
    assert len(keys) == len(ARKIT_BLENDSHAPES)
    found = match(keys, (), TABLES)
    assert found.source == "ARKit 52"
    assert {key: next(iter(said)) for key, said in found.table.keys.items()} == keys
    assert not found.missing
    assert not found.unreached


@pytest.mark.parametrize(
    "table", [t for t in TABLES if len(t.keys) + len(t.bones) > 3], ids=lambda t: t.name
)
def test_every_table_is_chosen_for_a_face_made_after_it(table: Table) -> None:
    bones = [*table.bones, *table.size, *table.skeleton.bones]
    found = match(["Basis", *table.keys], bones, TABLES)
    assert found.source == table.name
    assert found.table.keys == {k: w for k, w in table.keys.items() if k not in table.instead}
    assert found.table.bones == table.bones
    assert not found.missing
    assert found.table.skeleton == table.skeleton or not table.skeleton.head


def test_what_is_much_like_a_name_is_said_and_moves_only_where_that_is_asked_for() -> None:
    renamed = {"mouthFunnel": "mouthFunel", "cheekPuff": "cheekPuffs"}
    keys = [renamed.get(u, u) for u in ARKIT_BLENDSHAPES]
    found = match(keys, (), TABLES)
    assert {(f.wanted, f.name) for f in found.doubtful} == set(renamed.items())
    assert "mouthFunel" not in found.table.keys
    assert set(found.missing) == set(renamed)
    assert set(found.unreached) == set(renamed)
    assert "mouthFunel for mouthFunnel?" in found.report()
    accepted = match(keys, (), TABLES, guesses=True)
    assert accepted.table.keys["mouthFunel"] == {"mouthFunnel": 1.0}
    assert {f.name for f in accepted.found if f.how == NameMatch.FUZZY} == {
        "mouthFunel",
        "cheekPuffs",
    }
    assert not accepted.doubtful
    assert not accepted.missing
    assert "mouthFunel as mouthFunnel" in accepted.report()


def test_a_whole_that_is_split_is_moved_by_both_halves() -> None:
    split = [u for u in ARKIT_BLENDSHAPES if u not in ("browInnerUp", "cheekPuff")]
    halves = ["browInnerUp_L", "browInnerUp_R", "cheekPuffLeft", "cheekPuffRight"]
    for prefix in ("", "Wolf_Avatar_"):
        found = match([prefix + k for k in (*split, *halves)], (), TABLES)
        assert found.source == "ARKit 52"
        assert found.table.keys[prefix + "browInnerUp_R"] == {"browInnerUp": 1.0}
        assert found.table.keys[prefix + "cheekPuffLeft"] == {"cheekPuff": 1.0}
        assert not found.unreached
        assert not found.missing
    # One half alone is no whole, and where the whole is there its halves would move it twice.
    assert "browInnerUp" in match([*split, "browInnerUp_L"], (), TABLES).missing
    both = match([*ARKIT_BLENDSHAPES, "browInnerUp_L", "browInnerUp_R"], (), TABLES)
    assert both.spare == ("browInnerUp_L", "browInnerUp_R")


def test_simplified_shapes_stand_in_for_the_missing_ones_only() -> None:
    unified = next(t for t in TABLES if t.name == "VRChat Unified Expressions")
    base = [k for k in unified.keys if k not in unified.instead]
    assert not match(base, (), TABLES).unreached
    simple = [
        k for k in base if not k.startswith(("MouthCorner", "LipFunnel", "BrowPinch", "BrowLow"))
    ]
    simple += ["MouthSmileLeft", "MouthSmileRight", "LipFunnel", "BrowDownLeft", "BrowDownRight"]
    found = match(simple, (), TABLES)
    assert found.source == unified.name
    assert found.table.keys["MouthSmileLeft"] == {"mouthSmileLeft": 1.0}
    assert found.table.keys["LipFunnel"] == {"mouthFunnel": 1.0}
    assert not found.unreached
    assert not found.missing
    both = match([*base, "MouthSmileLeft", "LipFunnel"], (), TABLES)
    assert set(both.spare) == {"MouthSmileLeft", "LipFunnel"}


def test_japanese_morphs_and_bones_are_found_in_both_widths() -> None:
    lids = ["まばたき", "ウィンク", "ウィンク右", "ウィンク２", "ｳｨﾝｸ２右"]
    keys = [*lids, "あ", "い", "う", "え", "お", "怒り", "困る"]
    for bones in (["頭", "首", "左目", "右目"], ["頭", "首", "目.L", "目.R"]):
        found = match(keys, bones, TABLES)
        assert found.source == "MikuMikuDance morphs"
        assert found.table.keys["ウィンク２"] == {"eyeBlinkLeft": 1.0}
        assert found.table.keys["ｳｨﾝｸ２右"] == {"eyeBlinkRight": 1.0}
        assert set(found.spare) == {"まばたき", "ウィンク", "ウィンク右"}
        skeleton = found.table.skeleton
        assert skeleton.bones == tuple(bones)
    blink = match(["まばたき", "あ", "い", "う", "え", "お"], (), TABLES)
    assert blink.table.keys["まばたき"] == {"eyeBlinkLeft": 0.5, "eyeBlinkRight": 0.5}


def test_names_of_no_letters_are_told_apart() -> None:
    assert canonical("∧") != canonical("▲")
    assert not normalised_matches(["∧"], ["▲", "__"])


@pytest.mark.parametrize(
    ("wanted", "name"),
    [("mouthLeft", "mouthRight"), ("mouthRollLower", "mouthRollUpper"), ("eyeLookInLeft", "eyeLookUpLeft"),
     ("mouthSmileLeft", "mouthSmileRight"), ("jawOpen", "jawClose")],
)  # fmt: skip
def test_a_guess_never_turns_a_name_around(wanted: str, name: str) -> None:
    assert fuzzy_match(wanted, [name]) is None


@given(st.sampled_from(ARKIT_BLENDSHAPES))
def test_units_keep_apart_whatever_their_spelling(blendshape: str) -> None:
    assert [u for u in ARKIT_BLENDSHAPES if canonical(u) == canonical(blendshape)] == [blendshape]


def test_a_word_before_a_name_may_mean_something() -> None:
    # "corrective jawOpen" is not jawOpen; one odd name is no prefix.
    assert normalised_matches(ARKIT_BLENDSHAPES, ["correctivejawOpen", "eyeBlink_L"]) == {
        "eyeBlink_L": "eyeBlinkLeft"
    }


def test_what_was_found_and_what_not_is_reported() -> None:
    keys = ["Basis", "Smirk", *(u for u in ARKIT_BLENDSHAPES if not u.startswith("mouth"))]
    found = match(keys, ["head", "neck01", "eye.L", "eye.R"], TABLES)
    assert set(found.missing) == {u for u in ARKIT_BLENDSHAPES if u.startswith("mouth")}
    assert "Smirk" in found.spare
    report = found.report()
    assert "29 of 52 units" in report
    assert "mouthFunnel" in report
    assert "head        head" in report


def test_nothing_is_made_of_foreign_names() -> None:
    found = match(["Key 1", "smile", "fat"], ["Bone", "Bone.001"], TABLES)
    assert found.source == ""
    assert not found.table.keys
    assert found.report() == "nothing matched"


@pytest.mark.parametrize(
    ("bones", "head", "eyes"),
    [
        (["mixamorig:Head", "mixamorig:Neck", "mixamorig:LeftEye", "mixamorig:RightEye",
          "mixamorig:Hips", "mixamorig:Spine"], "mixamorig:Head", "mixamorig:LeftEye"),
        (["J_Bip_C_Head", "J_Bip_C_Neck", "J_Adj_L_FaceEye", "J_Adj_R_FaceEye"], "J_Bip_C_Head",
         "J_Adj_L_FaceEye"),
        (["CC_Base_Head", "CC_Base_NeckTwist01", "CC_Base_L_Eye", "CC_Base_R_Eye"], "CC_Base_Head",
         "CC_Base_L_Eye"),
        (["Head", "Neck", "Hips"], "Head", ""),
        (["head", "neck_01", "spine_01"], "head", ""),
        (["c_head.x", "c_neck.x"], "c_head.x", ""),
        (["Bip01 Head", "Bip01 Neck", "Bip01 HeadNub", "Bip01 L Eye", "Bip01 R Eye"], "Bip01 Head",
         "Bip01 L Eye"),
        (["Bip001_Head", "Bip001_Neck"], "Bip001_Head", ""),
        (["ValveBiped.Bip01_Head1", "ValveBiped.Bip01_Neck1"], "ValveBiped.Bip01_Head1", ""),
    ],
)  # fmt: skip
def test_head_and_eyes_are_found_in_common_skeletons(
    bones: list[str], head: str, eyes: str
) -> None:
    skeleton = match(list(ARKIT_BLENDSHAPES), bones, TABLES).table.skeleton
    assert skeleton.head == head
    assert skeleton.eye_left == eyes


def test_a_chosen_table_is_used_even_if_another_fits_better() -> None:
    vrm = next(t for t in TABLES if t.name.startswith("VRM 1"))
    found = of_table(vrm, [*ARKIT_BLENDSHAPES, "blinkLeft", "Blink_Right", "aa"], ())
    assert set(found.table.keys) == {"blinkLeft", "Blink_Right", "aa"}
    assert {f.how for f in found.found} == {"exact", NameMatch.NORMALISED}
