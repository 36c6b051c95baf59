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
from training.ablation.measure import curve_point, measure
from training.ablation.report import BASE, FIGURES, UNTRAINED, judge, write_report
from training.ablation.rows import CLAIMS, DECIDING, ROWS, Claim
from training.ablation.run import RowRun, begun, train_base
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
    assert set(DECIDING) <= set(NAMES)


def test_all_rows_see_the_same_samples(data: Data, labels: Path, tmp_path: Path) -> None:
    again = Data(tmp_path, labels, BUDGET, CPU)
    for kind in ("stills", "clips"):
        assert torch.equal(data.pool(kind).first(64)["crop"], again.pool(kind).first(64)["crop"])
        assert data.held_out(kind)["crop"].shape == (64, 48, 48, 3)
    assert not data.pool("stills").first(64)["clip"].any()
    assert data.held_out("clips")["clip"].any()


def test_small_crops_show_the_same() -> None:
    crop = torch.zeros((1, 120, 120, 3), dtype=torch.uint8)
    crop[:, :60] = 200
    small = shrunk({"crop": crop, "face": torch.ones(1)}, 48)
    assert small["crop"].shape == (1, 48, 48, 3)
    assert small["crop"][0, :23].min() == 200
    assert small["crop"][0, 25:].max() == 0
    large = shrunk({"crop": crop, "face": torch.ones(1)}, 224)["crop"]
    assert large.shape == (1, 224, 224, 3)
    assert large[0, :110].min() == 200
    assert large[0, 114:].max() == 0


def plain(result: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in result.items() if name != "seconds"}


@pytest.mark.parametrize("states", ["carried", "apart"])
def test_a_row_repeats_to_the_bit(data: Data, face: FaceModel, tmp_path: Path, states: str) -> None:
    row, budget = NAMES["Meta-joint w/ lrr + svs"], replace(BUDGET, states=states)
    one, other = (RowRun(row, budget, data, face, 0, tmp_path / "a").run() for _ in range(2))
    assert plain(one) == plain(other)
    choices, curve = (
        [json.loads(line) for line in (tmp_path / f"a.{kind}.jsonl").read_text().splitlines()]
        for kind in ("choices", "curve")
    )
    assert [c["step"] for c in choices] == [1, 2]
    assert all(c["chosen"] == min(("fwpdc", "vdc"), key=c.__getitem__) for c in choices)
    assert [p["step"] for p in curve] == [0, 1, 2]
    assert np.isfinite([one["clips"], one["stability"]]).all()


@pytest.mark.parametrize("states", ["carried", "apart"])
@pytest.mark.parametrize("name", ["Meta-joint w/ lrr", "VDC from fWPDC"])
def test_a_row_that_was_cut_off_goes_on_to_the_bit(
    data: Data, face: FaceModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str,
    states: str,
) -> None:  # fmt: skip
    budget = replace(BUDGET, steps=4, optimiser="sgd", states=states, rate=1e-3)
    whole = RowRun(NAMES[name], budget, data, face, 0, tmp_path / "whole").run()
    monkeypatch.setattr("training.optimise.loop.SAVE_SECONDS", -1.0)
    advance, taken = RowRun._advance, []

    def cut_off(self: RowRun, progress: float) -> int:
        if len(taken) == 3:
            raise KeyboardInterrupt
        taken.append(1)
        return advance(self, progress)

    monkeypatch.setattr(RowRun, "_advance", cut_off)
    with pytest.raises(KeyboardInterrupt):
        RowRun(NAMES[name], budget, data, face, 0, tmp_path / "cut").run()
    monkeypatch.setattr(RowRun, "_advance", advance)
    again = RowRun(NAMES[name], budget, data, face, 0, tmp_path / "cut")
    assert plain(again.run()) == plain(whole)
    logs = [(tmp_path / f"{stem}.curve.jsonl").read_text() for stem in ("whole", "cut")]
    assert logs[0] == logs[1]


def test_a_row_that_comes_apart_says_so(data: Data, face: FaceModel, tmp_path: Path) -> None:
    budget = replace(BUDGET, steps=6, optimiser="sgd", rate=1e6)
    with pytest.raises(SystemExit, match=r"VDC came apart .* choose a lower --rate"):
        RowRun(NAMES["VDC"], budget, data, face, 0, tmp_path / "row").run()


def test_the_second_half_begins_with_a_new_state_of_the_optimiser(
    data: Data, face: FaceModel, tmp_path: Path
) -> None:
    momenta = {}
    for states in ("carried", "apart"):
        budget = replace(BUDGET, states=states)
        run = RowRun(NAMES["VDC from fWPDC"], budget, data, face, 0, tmp_path / states)
        run.run()
        momenta[states] = [v["step"] for v in run.learner.descent.optimiser.state.values()]
    assert set(map(float, momenta["carried"])) == {2.0}
    assert set(map(float, momenta["apart"])) == {1.0}


def test_the_landmark_branch_is_measured_by_itself(data: Data, face: FaceModel) -> None:
    """A branch that says the truth has no error, whatever the parameters say; without lrr it is not named."""
    learner = begun(BUDGET, data, face, Options(lrr=True))
    truth = learner.face.landmarks(data.held_out("stills")["params"])
    said = learner.predict(data.held_out("stills"), averaged=False)
    right = said._replace(landmarks=truth[:, :2].transpose(1, 2) / 60)
    wrong = right._replace(landmarks=right.landmarks + torch.tensor([0.1, 0.0]))
    clips, predict = data.held_out("clips"), learner.predict
    found = []
    for answer in (right, wrong):
        learner.predict = lambda batch, averaged, answer=answer: (  # type: ignore[method-assign, misc]
            predict(batch, averaged) if batch is clips else answer
        )
        found.append(measure(learner, data))
    assert found[0]["branch_balanced"] < 2e-4
    extent = truth[:, :2].amax(dim=2) - truth[:, :2].amin(dim=2)
    faces = data.held_out("stills")["face"] > 0
    box = extent.prod(dim=1).sqrt()[faces]
    bins = [name for name in ("0-30", "30-60", "60-90") if np.isfinite(found[1][name])]
    each = [found[1][f"branch_{name}"] for name in bins]
    assert float((6 / box).min()) - 1e-4 <= min(each) <= max(each) <= float((6 / box).max()) + 1e-4
    assert found[0]["balanced"] == found[1]["balanced"] > 0.05
    learner.options = Options()
    assert not any(name.startswith("branch") for name in measure(learner, data))


def test_a_curve_is_of_the_vertex_error(data: Data, face: FaceModel) -> None:
    learner = begun(BUDGET, data, face, Options())
    point = curve_point(learner, data)
    wanted = learner.measure(data.held_out("stills"), averaged=False)["vdc"]
    assert np.isclose(point["vdc"], float(wanted), rtol=1e-4)


def test_rows_go_on_from_the_base(data: Data, face: FaceModel, tmp_path: Path) -> None:
    budget, base = replace(BUDGET, base=2), tmp_path / "base.pt"
    train_base(budget, data, face, base)
    kept = torch.load(base, weights_only=True)
    learner = begun(budget, data, face, Options(lrr=True), base)
    for weights in (learner.network.state_dict(), learner.averaged.state_dict()):
        assert all(torch.equal(weights[name], value) for name, value in kept.items())
    row = NAMES["VDC"]
    on = RowRun(row, budget, data, face, 0, tmp_path / "on", base).run()
    fresh = RowRun(row, budget, data, face, 0, tmp_path / "fresh").run()
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
