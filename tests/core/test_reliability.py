# SPDX-License-Identifier: GPL-3.0-or-later
import json
from pathlib import Path

import pytest
from mien.core.assets import reliability_path
from mien.core.errors import ModelError
from mien.core.model.arkit import ARKIT_BLENDSHAPES, UNSEEN
from mien.core.solve.reliability import load_reliability, reliability


def changed(folder: Path, **values: object) -> Path:
    """The shipped file with some entries replaced."""
    stored = json.loads(reliability_path().read_text(encoding="utf-8"))
    path = folder / "reliability.json"
    path.write_text(json.dumps({**stored, **values}), encoding="utf-8")
    return path


def test_what_cannot_be_seen_is_not_believed() -> None:
    blendshapes = reliability().blendshapes
    assert all(blendshapes[ARKIT_BLENDSHAPES.index(name)] == 0 for name in UNSEEN)
    assert blendshapes[ARKIT_BLENDSHAPES.index("jawOpen")] > 0.5


@pytest.mark.parametrize(
    "values",
    [
        {"units": {}},
        {"units": dict.fromkeys(ARKIT_BLENDSHAPES, 1.5)},
        {"units": dict.fromkeys(ARKIT_BLENDSHAPES, float("nan"))},
        {"units": [1, 2]},
        {"turning": [[0.0] * 10] * 4},
        {"turning": [[-1.0] * 10] * 5},
        {"turning": "none"},
    ],
)
def test_damage_is_named(tmp_path: Path, values: dict[str, object]) -> None:
    with pytest.raises(ModelError, match=r"reliability\.json"):
        load_reliability(changed(tmp_path, **values))


def test_a_file_that_is_missing_or_no_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        load_reliability(tmp_path / "reliability.json")
    (tmp_path / "reliability.json").write_bytes(b"\xff\x00")
    with pytest.raises(ModelError, match="damaged"):
        load_reliability(tmp_path / "reliability.json")
