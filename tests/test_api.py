# SPDX-License-Identifier: GPL-3.0-or-later
"""The library as ``docs/api.md`` shows it: its examples run, and they give what they say."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import mien
import numpy as np
import pytest
from mien.core.model.head import Head
from mien.core.solve.adjust import clean_motion

from .conftest import made_take

WRONG = """mien.capture("man.mp4", faces="some")
mien.solve(performance)
one: mien.Take = mien.capture("man.mp4", faces=2)
"""
UNTYPED_MODULES = ("bpy", "cv2", "mathutils", "onnxruntime", "scipy")
UNTYPED = "".join(
    f"[mypy-{m}.*]\nfollow_imports = skip\nfollow_imports_for_stubs = True\n"
    for m in UNTYPED_MODULES
)
PAGE = Path(__file__).resolve().parents[1] / "docs" / "api.md"


def examples(kind: str) -> list[str]:
    """The code of a page's examples for plain Python (``python``) or for ``python blender``."""
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.S | re.M)


@pytest.fixture(scope="module")
def shown(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the names of the examples stand for once all of them have run."""
    folder = tmp_path_factory.mktemp("api")
    shutil.copy(clip, folder / "man.mp4")
    names: dict[str, Any] = {"FOLDER": folder}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for code in examples("python"):
            exec(compile(code, str(PAGE), "exec"), names)
    return names


def test_five_lines_from_footage_to_a_file(shown: dict[str, Any]) -> None:
    performance, found = shown["performance"], mien.read_live_link(shown["FOLDER"] / "man.csv")
    assert performance.blendshapes.shape == (120, 52)
    assert np.abs(found.blendshapes - performance.blendshapes).max() < 1e-6
    assert 0.3 < shown["jaw"].max() <= 1


def test_a_list_of_takes_for_more_than_one_face(shown: dict[str, Any]) -> None:
    assert [len(take) for take in shown["takes"]] == [30]
    assert len(shown["take"]) == 30


def test_matrices_say_where_the_head_is(shown: dict[str, Any]) -> None:
    performance = shown["performance"]
    placed = performance.head @ [0, 0, 0, 1]
    assert np.allclose(placed[:, :3], performance.translation)
    assert np.allclose(np.linalg.det(performance.head[:, :3, :3]), 1, atol=1e-4)
    nose = performance.head[:, :3, 2]  # the way out of the face: toward the camera, which sees him
    assert (nose[:, 2] > 0.7).all()


def test_a_take_is_adjusted_as_everywhere(head: Head) -> None:
    take = made_take(head)
    ours, theirs = mien.solve(take), clean_motion(take, head)
    assert np.array_equal(ours.blendshapes, theirs.blendshapes)
    assert np.array_equal(ours.rotation, theirs.rotation)
    strong = mien.solve(take, gains={"brows": 2.0})
    assert strong.blendshapes.sum() > ours.blendshapes.sum()


def test_senseless_values_are_explained(head: Head) -> None:
    take = made_take(head, 5)
    with pytest.raises(mien.MienError, match="give 0 to 1"):
        mien.solve(take, smoothing=7.0)
    with pytest.raises(mien.MienError, match="brows"):
        mien.solve(take, gains={"nose": 1.0})
    with pytest.raises(mien.MienError, match="give 0 to 4"):
        mien.solve(take, gains={"jaw": float("nan")})
    with pytest.raises(mien.MienError, match="above 0"):
        mien.capture("man.mp4", faces=0)


def test_a_take_of_another_head_is_refused(head: Head) -> None:
    take = made_take(head, 5)
    other = replace(take, info=replace(take.info, head="0123456789abcdef"))
    with pytest.raises(mien.MienError, match="another head model"):
        mien.solve(other)


def test_a_typed_program_sees_types(tmp_path: Path) -> None:
    check = pytest.importorskip("mypy.api")
    program = tmp_path / "user.py"
    program.write_text("\n".join([*examples("python"), WRONG]))
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nstrict = True\n" + UNTYPED)
    said, _, _ = check.run(
        ["--config-file", str(config), "--cache-dir", str(tmp_path), str(program)]
    )
    own = [
        line for line in said.splitlines() if line.startswith(str(program)) and ": error:" in line
    ]
    last = len(program.read_text().splitlines())
    assert [int(line.split(":")[1]) for line in own] == [last - 2, last - 1, last], said


def test_importing_loads_nothing() -> None:
    program = (
        "import sys, mien\n"
        "assert mien.__version__ and 'capture' in dir(mien)\n"
        "assert not {'numpy', 'cv2', 'scipy', 'onnxruntime', 'bpy'} & set(sys.modules)\n"
        "assert not hasattr(mien, 'nonsense')\n"
        "assert callable(mien.capture) and 'bpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_name_is_there() -> None:
    assert all(getattr(mien, name) is not None for name in mien.__all__)
    assert set(mien.api.__all__) < set(mien.__all__)
