# SPDX-License-Identifier: GPL-3.0-or-later
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from mien.core.model.head import Head

from training.ablation.data import Budget, Data, shrunk
from training.ablation.report import BASE, FIGURES, UNTRAINED, judge, write_report
from training.ablation.rows import CLAIMS, ROWS, Claim
from training.ablation.run import begun, train_base, train_row
from training.geometry.face_model import FaceModel
from training.optimise.objective import Options

BUDGET = Budget("mobilenet_x05", 48, 2, 16, 1e-3, 0, 64, 64)
CPU = torch.device("cpu")
NAMES = {row.name: row for row in ROWS}


@pytest.fixture(scope="module")
def data(labels: Path, tmp_path_factory: pytest.TempPathFactory) -> Data:
    return Data(tmp_path_factory.mktemp("samples"), labels, BUDGET, CPU)


@pytest.fixture(scope="module")
def face(head: Head) -> FaceModel:
    return FaceModel(head, 100)


def made(name: str, seed: int, value: float) -> dict[str, object]:
    return {"name": name, "seed": seed, **dict.fromkeys(FIGURES, value)}


def test_rows_and_claims_speak_of_the_same_names() -> None:
    assert len(NAMES) == len(ROWS)
    for claim in CLAIMS:
        assert {claim.better, claim.worse} <= set(NAMES)


def test_all_rows_see_the_same_samples(data: Data, labels: Path, tmp_path: Path) -> None:
    again = Data(tmp_path, labels, BUDGET, CPU)
    for kind in ("stills", "clips"):
        assert torch.equal(data.train[kind].first(64)["crop"], again.train[kind].first(64)["crop"])
        assert data.held_out[kind]["crop"].shape == (64, 48, 48, 3)
    assert not data.train["stills"].first(64)["clip"].any()
    assert data.held_out["clips"]["clip"].any()


def test_small_crops_show_the_same() -> None:
    crop = torch.zeros((1, 120, 120, 3), dtype=torch.uint8)
    crop[:, :60] = 200
    small = shrunk({"crop": crop, "face": torch.ones(1)}, 48)
    assert small["crop"].shape == (1, 48, 48, 3)
    assert small["crop"][0, :23].min() == 200
    assert small["crop"][0, 25:].max() == 0


def test_a_row_repeats_to_the_bit(data: Data, face: FaceModel, tmp_path: Path) -> None:
    row = NAMES["Meta-joint w/ lrr + svs"]
    log = tmp_path / "choices.jsonl"
    one, other = (train_row(row, BUDGET, data, face, 0, log) for _ in range(2))
    assert {k: v for k, v in one.items() if k != "seconds"} == {
        k: v for k, v in other.items() if k != "seconds"
    }
    choices = [json.loads(line) for line in log.read_text().splitlines()]
    assert [c["step"] for c in choices] == [1, 2]
    assert all(c["chosen"] == min(("fwpdc", "vdc"), key=c.__getitem__) for c in choices)
    assert np.isfinite([one["clips"], one["stability"]]).all()


def test_rows_go_on_from_the_base(data: Data, face: FaceModel, tmp_path: Path) -> None:
    budget, base = replace(BUDGET, base=2), tmp_path / "base.pt"
    train_base(budget, data, face, base)
    kept = torch.load(base, weights_only=True)
    learner = begun(budget, data, face, Options(lrr=True), base)
    for weights in (learner.network.state_dict(), learner.average.module.state_dict()):
        assert all(torch.equal(weights[name], value) for name, value in kept.items())
    row, log = NAMES["VDC"], tmp_path / "log"
    on, fresh = (train_row(row, budget, data, face, 0, log, start) for start in (base, None))
    assert on["balanced"] != fresh["balanced"]


def test_verdicts_need_agreement_and_more_than_noise() -> None:
    claim = Claim("text", "VDC", "fWPDC", "balanced")
    rows = {"VDC": [made("VDC", 0, 0.05), made("VDC", 1, 0.051)]}
    assert judge(claim, rows) == ""
    rows["fWPDC"] = [made("fWPDC", 0, 0.06), made("fWPDC", 1, 0.061)]
    assert judge(claim, rows).startswith("held; 5.05 against 6.05 %")
    assert judge(Claim("text", "fWPDC", "VDC", "balanced"), rows).startswith("reversed")
    rows["fWPDC"] = [made("fWPDC", 0, 0.06), made("fWPDC", 1, 0.045)]
    assert judge(claim, rows).startswith("open")
    rows["fWPDC"] = [made("fWPDC", 0, 0.0502), made("fWPDC", 1, 0.0512)]
    assert judge(claim, rows).startswith("open")


def test_the_table_shows_the_paper_beside_ours(tmp_path: Path) -> None:
    results = [made("VDC", 0, 0.1234), made("Meta-joint w/ lrr", 0, 0.1)]
    write_report(
        results,
        {UNTRAINED: made("", 0, 0.25), BASE: made("", 0, 0.2)},
        BUDGET,
        tmp_path / "A.md",
        "a command",
    )
    text = (tmp_path / "A.md").read_text()
    assert "| VDC | 12.34 | 12.34 | 12.34 | 12.34 (5.23) | 12.34 | 12.34 |" in text
    assert "10.00 (0.52)" in text
    assert "| *no training* | 25.00 |" in text
    assert "| *the common base* | 20.00 |" in text
    assert "`a command`" in text


def test_finished_rows_are_not_trained_again(labels: Path, tmp_path: Path) -> None:
    words = ["--steps", "2", "--batch", "16", "--samples", "64", "--measured", "64", "--seeds", "1"]
    command = [
        sys.executable, "-m", "training.ablation", *words, "--labels", str(labels),
        "--out", str(tmp_path), "--table", str(tmp_path / "ABLATION.md"),
    ]  # fmt: skip
    budget = {**vars(BUDGET), "rate": 2e-3}
    done = [made(row.name, 0, 0.1) | {"budget": budget} for row in ROWS[:-1]]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in done))
    first = subprocess.run(command, capture_output=True, text=True)
    assert first.returncode == 0, first.stderr
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert [r["name"] for r in rows] == [row.name for row in ROWS]
    assert (tmp_path / "ablation_choices.png").exists()
    other = subprocess.run([*command, "--size", "64"], capture_output=True, text=True)
    assert "another budget" in other.stderr
