# SPDX-License-Identifier: GPL-3.0-or-later
"""What the face does, on weights and points of known meaning, and on a piece of the clip."""

import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.capture.capture import Models
from mien.core.capture.sources import open_source
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.model.params import FloatArray
from mien.core.solve.motion import solve_take

from tests.conftest import made_take
from training.evaluate.acting import Acted, acted_points, keyed_points, measure_acting
from training.evaluate.acting_figures import (
    CORNERS,
    EYES,
    INNER_BROWS,
    LIPS,
    SHAPES,
    blink_peaks,
    face_shapes,
    figures,
    lips_closed,
    neutral,
    opposites_together,
)
from training.evaluate.acting_report import report_acting
from training.evaluate.blendshapes import EYES as LIDS
from training.evaluate.report import Report
from training.evaluate.witness_track import WitnessTrack, track_of
from training.labels.mediapipe_tool import FaceLandmarker

SHARED = Path(os.environ.get("MIEN_SHARED", Path(__file__).resolve().parents[3] / "shared"))
COUNT = 60


def weights(count: int = COUNT, **known: object) -> FloatArray:
    out = np.zeros((count, N_BLENDSHAPES), np.float32)
    for name, values in known.items():
        out[:, ARKIT_BLENDSHAPES.index(name)] = values
    return out


def points(count: int = COUNT, apart: object = 0.0, openness: object = 0.3) -> FloatArray:
    """Faces whose eyes' outer corners are 100 pixels apart; lips in shares of that, lids of the eye's width."""
    out = np.zeros((count, 478, 2), np.float32)
    for i, place in zip(
        (*EYES, *CORNERS, *INNER_BROWS),
        ((-50, 0), (50, 0), (-25, 80), (25, 80), (-10, -20), (10, -20)),
        strict=True,
    ):
        out[:, i] = place
    out[:, LIPS[0]] = (0, 80)
    out[:, LIPS[1], 1] = 80 + 100 * np.asarray(apart)
    for outer, high, higher, inner, lower, low in LIDS:
        out[:, inner] = out[:, outer] * 0.4
        for i in (high, higher):
            out[:, i] = out[:, outer] * 0.7
        out[:, lower] = out[:, higher]
        out[:, low] = out[:, high]
        for i in (lower, low):
            out[:, i, 1] += 30 * np.asarray(openness)
    return out


def acted(keyed: FloatArray, theirs: FloatArray, seen: FloatArray) -> Acted:
    on_head = seen[:, :468]
    by_stage = {"keyed": keyed, "network": np.zeros_like(keyed)}
    return Acted(by_stage, {"keyed": on_head, "components": on_head}, WitnessTrack(theirs, seen))


def test_weights_are_compared_by_group_beside_zeros() -> None:
    theirs = weights(jawOpen=0.27, browInnerUp=0.5)
    found = figures(acted(weights(jawOpen=0.27, browInnerUp=1.0), theirs, points()))
    assert found["mouth_jaw_keyed"] == 0
    assert np.isclose(found["mouth_jaw_zeros"], 0.01)
    assert np.isclose(found["mouth_jaw_network"], 0.01)
    assert np.isclose(found["brows_keyed"], 0.1)
    assert np.isclose(found["brows_zeros"], 0.1)


def test_a_witness_whose_brow_is_up_at_rest_is_measured_from_there() -> None:
    raised = np.repeat([0.0, 0.4], COUNT // 2)
    theirs = weights(browOuterUpLeft=0.3 + raised, jawOpen=raised)
    found = figures(acted(weights(browOuterUpLeft=raised), theirs, points()))
    assert np.isclose(found["brows_keyed"], 0.3 / 5)
    assert np.isclose(found["brows_beyond_rest_keyed"], 0, atol=1e-6)
    assert np.isclose(found["brows_beyond_rest_network"], 0.2 / 5)
    smiling = acted(weights(), weights(mouthSmileLeft=0.5, mouthSmileRight=0.5), points())
    assert np.isnan(figures(smiling)["brows_beyond_rest_keyed"])


def test_opposites_count_where_both_are_on() -> None:
    half = np.arange(COUNT) % 2
    assert opposites_together(weights(mouthLeft=0.2, mouthRight=0.2 * half)) == 0.5
    assert opposites_together(weights(mouthLeft=0.2, jawRight=0.2)) == 0
    assert opposites_together(weights(mouthSmileLeft=0.2, mouthFrownRight=0.2)) == 0
    assert opposites_together(weights(browDownLeft=0.2, browOuterUpLeft=0.2)) == 1


def test_weights_rest_where_the_witness_sees_a_neutral_face() -> None:
    smiling = np.repeat([0.0, 0.6], COUNT // 2)
    theirs = weights(mouthSmileLeft=smiling, browOuterUpLeft=0.4, eyeSquintLeft=0.4)
    assert neutral(theirs).tolist() == [s == 0 for s in smiling]
    ours = weights(jawLeft=0.2, mouthPucker=0.05, noseSneerLeft=0.3, eyeSquintLeft=0.9)
    ours[smiling > 0] = 1
    assert figures(acted(ours, theirs, points()))["resting_keyed"] == 2
    assert np.isnan(figures(acted(ours, theirs + 0.5, points()))["resting_keyed"])


def test_a_smile_is_told_by_its_share_and_by_its_sides() -> None:
    wave = np.linspace(0, 0.8, COUNT)
    theirs = weights(mouthSmileLeft=wave, mouthSmileRight=wave / 2)
    ours = weights(mouthSmileLeft=wave / 4, mouthSmileRight=wave / 4 - wave / 16)
    found = figures(acted(ours, theirs, points()))
    assert np.isclose(found["smile_p99_keyed"], (1 / 4 + 3 / 16) / 1.5)
    assert np.isclose(found["smile_asymmetry_gain_keyed"], 1 / 8, atol=1e-3)
    assert np.isclose(found["smile_asymmetry_r_keyed"], 1, atol=1e-3)
    assert np.isnan(figures(acted(ours, theirs / 8, points()))["smile_p99_keyed"])


def test_a_jaw_that_opens_behind_closed_lips_shows() -> None:
    open_ = np.arange(COUNT) % 3 == 0
    seen = points(apart=np.where(open_, 0.15, 0.008))
    assert (lips_closed(seen) == ~open_).all()
    found = figures(acted(weights(jawOpen=np.where(open_, 0.9, 0.06)), weights(), seen))
    assert np.isclose(found["jaw_open_lips_closed_keyed"], 0.06)


def test_the_peak_of_full_blinks_alone_counts() -> None:
    openness, blink = np.full(COUNT, 0.3), np.zeros(COUNT)
    openness[[10, 11, 30, 59]] = 0.05, 0.03, 0.15, 0.05  # two are full ones, the last is cut off
    blink[[12, 30, 50, 58]] = 0.6, 1.0, 1.0, 0.9  # a frame late counts still
    ours = weights(eyeBlinkLeft=blink, eyeBlinkRight=blink)
    assert np.allclose(blink_peaks(ours, points(openness=openness)), [0.6, 0.9])
    found = figures(acted(ours, weights(), points(openness=openness)))
    assert np.isclose(found["blink_peak_keyed"], 0.75)
    assert found["blinks_ajar_keyed"] == 0.5
    assert np.isnan(figures(acted(ours, weights(), points()))["blink_peak_keyed"])


@pytest.mark.parametrize("roll", [0.0, 0.6])
def test_shapes_follow_the_face_and_not_its_roll(roll: float) -> None:
    face = points(1, apart=0.1)
    face[0, CORNERS[1], 1] -= 6  # the subject's left corner is raised
    c, s = np.cos(roll), np.sin(roll)
    turned = face @ np.array([[c, s], [-s, c]], np.float32) * 3
    wanted = {
        "lips_apart": 0.1,
        "mouth_width": np.hypot(50, 6) / 100,
        "corners": 0.08,  # 5 pixels over the lips' middle, and half of 6
        "corner_asymmetry": 0.06,
        "brows_apart": 0.2,
    }
    assert np.allclose(face_shapes(turned)[0], [wanted[name] for name in SHAPES], atol=1e-5)


def test_brows_that_come_together_are_told_by_geometry() -> None:
    near = np.linspace(0, 1, COUNT)
    seen, keyed = points(), points()[:, :468]
    seen[:, INNER_BROWS[1], 0] -= 5 * near
    keyed[:, INNER_BROWS[1], 0] -= near
    down = weights(browDownLeft=near, browDownRight=near)
    both = {"keyed": keyed, "components": seen[:, :468]}
    found = figures(replace(acted(down, weights(), seen), points=both))
    assert np.isclose(found["brows_apart_gain_keyed"], 0.2, atol=1e-3)
    assert np.isclose(found["brows_apart_gain_components"], 1, atol=1e-3)
    assert np.isclose(found["brow_down_r_keyed"], 1, atol=1e-3)


def test_the_table_has_a_column_for_each_video_and_the_median(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report(tmp_path)
    nothing = float("nan")
    videos = {"a": {"x": 1.0, "y": nothing}, "b": {"x": 3.0, "y": 5.0}, "c": {"x": 4.0, "y": 6.0}}
    report_acting(videos, report)
    assert report.figures == {"acting_x": "3.000", "acting_y": "5.500"}
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["a", "b", "c", "median"]
    assert lines[2] == ["y", "-", "5.000", "6.000", "5.500"]
    assert (
        tmp_path / "acting.csv"
    ).read_text() == "video,x,y\na,1.000,-\nb,3.000,5.000\nc,4.000,6.000\n"


def test_the_head_that_weights_move_lies_where_the_motion_has_it(head: Head) -> None:
    motion = solve_take(made_take(head, 4))
    still = replace(motion, expression=np.zeros_like(motion.expression))
    rest = acted_points(still, np.zeros((4, N_BLENDSHAPES), np.float32), head)
    assert np.abs(rest - keyed_points(still, head)).max() < 0.02
    smiling = acted_points(still, weights(4, mouthSmileLeft=1.0, mouthSmileRight=1.0), head)
    before, after = (face_shapes(p)[:, SHAPES.index("corners")] for p in (rest, smiling))
    assert (after > before + 0.02).all()


def test_what_is_no_bundle_is_named(tmp_path: Path) -> None:
    (tmp_path / "torn.task").write_bytes(b"torn")
    for name in ("torn.task", "gone.task"):
        with pytest.raises(ValueError, match=name):
            FaceLandmarker(tmp_path / name)


def test_a_piece_of_the_clip_is_acted(
    clip: Path, models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = SHARED / "labelling" / "face_landmarker.task"
    if not task.is_file():
        pytest.skip(f"MediaPipe's bundle is not at {task}; set MIEN_SHARED")
    monkeypatch.chdir(tmp_path)
    video = tmp_path / "piece.mp4"
    images = [frame.image for frame, _ in zip(open_source(clip), range(16), strict=False)]
    size = images[0].shape[1::-1]
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"mp4v"), 30, size)
    for image in images:
        writer.write(image)
    writer.release()
    result = measure_acting(video, task, models)
    assert result.weights["keyed"].shape == result.weights["network"].shape == (16, N_BLENDSHAPES)
    keyed, seen = face_shapes(result.points["keyed"]), face_shapes(result.witness.points)
    assert np.abs(keyed - seen)[:, SHAPES.index("mouth_width")].max() < 0.15
    found = figures(result)
    assert 0 < found["mouth_jaw_keyed"] < 0.3
    # What was seen once is not looked at again.
    (kept,) = Path("cache/witness").iterdir()
    with np.load(kept) as file:
        arrays = dict(file)
    np.savez(kept, **(arrays | {"weights": arrays["weights"] * 0 + 0.5}))
    assert (track_of(video, task).weights == 0.5).all()
    with pytest.raises(ValueError, match=r"gone\.task"):
        measure_acting(video, Path("gone.task"), models)
