# SPDX-License-Identifier: GPL-3.0-or-later
"""Some blendshapes learnt anew, while the rest of a network stays as it is."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head

from training.networks.details import DETAIL_BLENDSHAPES, MouthBrowRefiner
from training.optimise.regressed_faces import RegressedFaces
from training.optimise.train_units import NAMES, print_errors, teach

from .conftest import random_params

JAW, SMILE = NAMES.index("jawOpen"), NAMES.index("mouthSmileLeft")


def faces(count: int) -> RegressedFaces:
    """Faces whose jaws are open by .3 wherever that is known."""
    params = torch.from_numpy(random_params(count))
    blendshapes, mask = torch.full((count, 52), 0.9), torch.ones(count, 52)
    jaw = ARKIT_BLENDSHAPES.index("jawOpen")
    blendshapes[:, jaw] = 0.3
    blendshapes[::2, jaw], mask[::2, jaw] = 1.0, 0.0
    crop = torch.randint(0, 256, (count, 120, 120, 3), dtype=torch.uint8)
    return RegressedFaces(crop, params, params, blendshapes, mask)


def test_the_rows_that_are_meant_learn_and_nothing_else_changes(
    head: Head, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(0)
    reader, data = MouthBrowRefiner(head), faces(256)
    before = {name: value.clone() for name, value in reader.state_dict().items()}
    print_errors("before", reader, [JAW], data)
    teach(reader, [JAW], data, epochs=60)
    print_errors("after", reader, [JAW], data)
    for name, value in reader.state_dict().items():
        same = value == before[name]
        if name.startswith("units."):
            assert not same[JAW].all()
            assert same[SMILE].all()
            same = same[torch.arange(len(DETAIL_BLENDSHAPES)) != JAW]
        assert same.all(), name
    first, last = (
        float(line.split()[4].rstrip(",")) for line in capsys.readouterr().out.splitlines()
    )
    assert last < 0.5 * first


def test_the_command_says_what_it_needs(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "training.optimise.train_units", str(tmp_path / "weights.pt")]
    told = subprocess.run(
        [*words, "--units", "jawOpen"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 2
    assert "--start" in told.stderr
    told = subprocess.run(
        [*words, "--units", "eyeBlinkLeft"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 2
    assert "invalid choice" in told.stderr
