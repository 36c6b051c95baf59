# SPDX-License-Identifier: GPL-3.0-or-later
"""The public sets' formats, on pictures of our own head whose points and pose are known."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mien.core.capture.capture import Models
from mien.core.model.crop import CropBox, box_around_landmarks, crop_to_image, cut
from mien.core.model.head import Head
from scipy.io import savemat

from training.evaluate.aflw import FROM_68, from_68, measure_aflw
from training.evaluate.aflw2000 import (
    measure_aflw2000,
    read_label,
    read_reannotated,
    reannotated,
    report_aflw2000,
    report_reannotated,
)
from training.evaluate.dense import surface_error
from training.evaluate.regress_still import regress_still
from training.evaluate.report import Report
from training.evaluate.turns import between, constant_turn, from_pose_para, to_pose_para
from training.evaluate.yaw import by_yaw

from .drawn import WHOLE, YAWS, Drawn

angles = st.floats(-1.5, 1.5)


@pytest.fixture(scope="module")
def drawn(head: Head) -> list[Drawn]:
    return [Drawn(head, yaw, seed) for seed, yaw in enumerate(YAWS)]


@pytest.fixture(scope="module")
def aflw2000(drawn: list[Drawn], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the format of AFLW2000-3D."""
    folder = tmp_path_factory.mktemp("aflw2000")
    for number, face in enumerate(drawn):
        cv2.imwrite(str(folder / f"image{number:05}.jpg"), face.image)
        pose = [*to_pose_para(face.turn[None])[0], 0, 0, 0, 1]
        savemat(
            str(folder / f"image{number:05}.mat"),
            {"pt3d_68": face.points.T.astype(float) + [[1], [1], [0]], "Pose_Para": [pose]},
        )
    return folder


@given(angles, angles, angles)
def test_angles_and_matrices_of_the_set_are_the_same(pitch: float, yaw: float, roll: float) -> None:
    wanted = np.array([pitch, yaw, roll], np.float32)
    assert np.allclose(to_pose_para(from_pose_para(wanted[None]))[0], wanted, atol=2e-3)


def test_the_factors_of_the_sets_rotation_are_as_its_code_has_them() -> None:
    p, y, r = 0.2, -0.7, 0.4
    rx = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    ry = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    rz = np.array([[np.cos(r), np.sin(r), 0], [-np.sin(r), np.cos(r), 0], [0, 0, 1]])
    assert np.allclose(from_pose_para([p, y, r]), rx @ ry @ rz, atol=1e-6)


@pytest.mark.parametrize(
    ("angle", "axis", "toward"),
    [((0.5, 0, 0), 2, (0, 1, 0)), ((0, 0.5, 0), 2, (-1, 0, 0)), ((0, 0, 0.5), 1, (1, 0, 0))],
)
def test_signs_mean_what_is_written(
    angle: tuple[float, float, float], axis: int, toward: tuple[float, float, float]
) -> None:
    """Pitch lifts the face, yaw turns it to the picture's left, roll leans the crown to its right."""
    assert from_pose_para(angle)[:, axis] @ np.array(toward) > 0.4


def test_a_constant_turn_is_found() -> None:
    turns = from_pose_para(np.random.default_rng(0).normal(0, 0.5, (20, 3)))
    tilt = from_pose_para([0.1, 0.0, 0.0])
    assert np.allclose(constant_turn(turns, turns @ tilt), tilt, atol=1e-5)
    assert np.allclose(between(turns, turns @ tilt), np.degrees(0.1), atol=1e-2)


def test_the_balanced_mean_does_not_count_faces() -> None:
    means = by_yaw([1, 1, 1, 1, 4, 7], [0, 10, -20, 30, -30.1, 95])
    assert means == {"0-30": 1, "30-60": 4, "60-90": 7, "balanced": 4}
    assert np.isnan(by_yaw([1.0], [0.0])["balanced"])


def test_the_sets_figures_are_those_of_the_protocol(
    aflw2000: Path, drawn: list[Drawn], models: Models
) -> None:
    result = measure_aflw2000(aflw2000, models.head, models.regressor)
    assert np.allclose(result.angles[:, 1], [-y for y in YAWS], atol=15)
    for face, truth in zip(result.faces, drawn, strict=True):
        assert np.allclose(face.truth, truth.points[:, :2], atol=1e-3)
        wide, high = np.ptp(truth.points[:, :2], axis=0)
        away = sum(
            np.hypot(*(p - q)) for p, q in zip(face.predicted, truth.points[:, :2], strict=True)
        )
        assert np.isclose(face.error, away / 68 / np.sqrt(wide * high), rtol=1e-4)
        assert face.error < 0.1
    assert np.allclose(result.turns, [face.turn for face in drawn], atol=1e-4)
    assert between(result.predicted, result.turns).mean() < 8


def test_the_command_prints_every_bin_and_draws_the_worst(
    aflw2000: Path, models: Models, tmp_path: Path
) -> None:
    result = measure_aflw2000(aflw2000, models.head, models.regressor)
    report = Report(tmp_path)
    report_aflw2000(result, report)
    shown = {k: float(v.rstrip("%")) for k, v in report.figures.items()}
    bins = [shown[f"aflw2000_nme68_{name}"] for name in ("0-30", "30-60", "60-90")]
    assert np.isclose(shown["aflw2000_nme68_balanced"], np.mean(bins), atol=0.011)
    middle = [
        f.error for f, y in zip(result.faces, result.angles[:, 1], strict=True) if abs(y) <= 30
    ]
    assert np.isclose(bins[0], 100 * np.mean(middle), atol=0.006)
    assert shown["aflw2000_rotation_levelled"] <= shown["aflw2000_rotation"] + 0.5
    assert cv2.imread(str(tmp_path / "aflw2000.jpg")) is not None


def test_a_second_annotation_is_measured_beside(
    aflw2000: Path, drawn: list[Drawn], models: Models, tmp_path: Path
) -> None:
    result = measure_aflw2000(aflw2000, models.head, models.regressor)
    second = np.stack([(2 * face.points[:, :2] - 40).T + 1 for face in drawn]).astype(np.float32)
    np.save(tmp_path / "second.npy", np.concatenate([second, second[:, :1]], axis=1))
    faces = reannotated(result, read_reannotated(tmp_path / "second.npy", len(drawn)))
    for one, other, face in zip(faces, result.faces, drawn, strict=True):
        assert np.allclose(one.truth, 2 * face.points[:, :2] - 40, atol=1e-3)
        assert np.isclose(one.box, 2 * other.box, rtol=1e-4)
        assert one.predicted is other.predicted
    report = Report(tmp_path)
    report_reannotated(faces, result.angles[:, 1], report)
    shown = float(report.figures["aflw2000_reannotated_nme68_balanced"].rstrip("%"))
    bins = by_yaw([face.error for face in faces], result.angles[:, 1])
    assert np.isclose(shown, 100 * bins["balanced"], atol=0.006)
    assert "aflw2000_reannotated_nme68_unshifted" in report.figures
    with pytest.raises(ValueError, match=r"second\.npy is float32\(7, 3, 68\)"):
        read_reannotated(tmp_path / "second.npy", len(drawn) + 1)
    np.save(tmp_path / "second.npy", np.array([{}]))
    with pytest.raises(ValueError, match="not a plain array"):
        read_reannotated(tmp_path / "second.npy", 1)


def test_the_surface_is_measured_where_vertices_are_given(
    drawn: list[Drawn], models: Models, tmp_path: Path
) -> None:
    head, face = models.head, drawn[4]
    front = np.unique(head.quads[head.materials == 0])
    front = front[head.vertices[front, 2] > 0.02]
    truth = face.surface[front] + [0, 0, 300]  # where depth begins is anybody's choice
    box = CropBox(*WHOLE)
    assert surface_error(truth, face.params, box, head) < 0.02
    moved = face.params.copy()
    moved[3] += 3
    assert 0.5 < surface_error(truth, moved, box, head) < 3
    cv2.imwrite(str(tmp_path / "a.jpg"), face.image)
    label = {
        "pt3d_68": face.points.T.astype(float) + [[1], [1], [0]],
        "Pose_Para": [[*to_pose_para(face.turn[None])[0], 0, 0, 0, 1]],
        "vertices": truth.T.astype(float) + [[1], [1], [0]],
    }
    savemat(str(tmp_path / "a.mat"), label)
    result = measure_aflw2000(tmp_path, head, models.regressor)
    report = Report(tmp_path)
    report_aflw2000(result, report)
    assert 0 < result.dense[0] < result.faces[0].error
    # In pixels it is the distance of the surface; the box that divides is that of the 68 points.
    points = face.points[:, :2].astype(np.float32)
    box = box_around_landmarks(points)
    still = regress_still(
        cut(result.faces[0].image, box), box, head.landmark_model(), models.regressor
    )
    wide, high = np.ptp(points, axis=0)
    wanted = surface_error(truth, still[1], box, head) / np.sqrt(wide * high)
    assert np.isclose(result.dense[0], wanted, rtol=1e-3)
    assert report.figures["aflw2000_dense_0-30"] == f"{result.dense[0]:.2%}"
    savemat(str(tmp_path / "a.mat"), label | {"vertices": truth})
    with pytest.raises(ValueError, match="vertices are"):
        read_label(tmp_path / "a.mat")


def test_a_label_of_another_make_is_named(tmp_path: Path) -> None:
    savemat(str(tmp_path / "short.mat"), {"pt3d_68": np.zeros((3, 21)), "Pose_Para": np.zeros(7)})
    with pytest.raises(ValueError, match=r"short\.mat: pt3d_68 is \(3, 21\)"):
        read_label(tmp_path / "short.mat")
    (tmp_path / "torn.mat").write_bytes(b"not a label")
    with pytest.raises(ValueError, match=r"torn\.mat is not a label"):
        read_label(tmp_path / "torn.mat")


def test_an_empty_folder_is_named(tmp_path: Path, models: Models) -> None:
    with pytest.raises(ValueError, match=r"no \.mat file"):
        measure_aflw2000(tmp_path, models.head, models.regressor)
    with pytest.raises(ValueError, match="AFLW_GT_crop_yaws"):
        measure_aflw(tmp_path, models.head, models.regressor)


def test_the_21_points_are_means_of_landmarks() -> None:
    assert len(FROM_68) == 21
    points = np.arange(136, dtype=np.float32).reshape(68, 2)
    assert np.allclose(from_68(points)[7], points[36:42].mean(axis=0))


@pytest.fixture
def aflw(drawn: list[Drawn], tmp_path: Path) -> Path:
    """Crops and arrays in the format of AFLW, cut out of larger pictures."""
    (tmp_path / "AFLW_GT_crop").mkdir()
    names, boxes, points68, points21 = [], [], [], []
    for number, face in enumerate(drawn):
        low, high = face.points[:, :2].min(axis=0), face.points[:, :2].max(axis=0)
        half = round(float((high - low).max()) / np.sqrt(2))
        left, top = (int(n) for n in np.round((low + high) / 2 - half))
        crop = face.image[max(0, top) : top + 2 * half, max(0, left) : left + 2 * half]
        assert crop.shape == (2 * half, 2 * half, 3)
        crop = cv2.resize(crop, (120, 120), interpolation=cv2.INTER_AREA)
        name = f"{number}.png"
        cv2.imwrite(str(tmp_path / "AFLW_GT_crop" / name), crop)
        names.append(name)
        boxes.append([left, top, left + 2 * half, top + 2 * half])
        points68.append(face.points[:, :2].T)
        points21.append(from_68(face.points[:, :2]).T)
    points21[0][:, 3] = -1
    (tmp_path / "AFLW_GT_crop.list").write_text("\n".join(names) + "\n")
    np.save(tmp_path / "AFLW_GT_crop_yaws.npy", np.array(YAWS))
    np.save(tmp_path / "AFLW_GT_crop_roi_box.npy", np.array(boxes))
    np.save(tmp_path / "AFLW_GT_pts68.npy", np.array(points68, np.float32))
    np.save(tmp_path / "AFLW_GT_pts21.npy", np.array(points21, np.float32))
    return tmp_path


def test_aflw_is_measured_in_the_photos_pixels(
    aflw: Path, drawn: list[Drawn], models: Models
) -> None:
    faces, yaw = measure_aflw(aflw, models.head, models.regressor)
    assert np.array_equal(yaw, np.array(YAWS, np.float32))
    assert [len(face.truth) for face in faces] == [20, 21, 21, 21, 21, 21, 21]
    assert np.mean([face.error for face in faces]) < 0.07
    # The same faces cropped out of their pictures give the same points.
    boxes = np.load(aflw / "AFLW_GT_crop_roi_box.npy").astype(float)
    left, top, right, bottom = boxes[3]
    box = CropBox((left + right - 1) / 2, (top + bottom - 1) / 2, right - left)
    whole = crop_to_image(np.zeros((1, 3), np.float32), np.array(box, np.float32))[0, :2]
    assert np.allclose(whole, (boxes[3, :2] + boxes[3, 2:] - 1) / 2)
    wide, high = np.ptp(drawn[3].points[:, :2], axis=0)
    assert np.isclose(faces[3].box, np.sqrt(wide * high) * 120 / (right - left), rtol=1e-4)


def test_arrays_of_another_shape_are_refused(aflw: Path, models: Models) -> None:
    np.save(aflw / "AFLW_GT_pts21.npy", np.zeros((len(YAWS), 21, 2), np.float32))
    with pytest.raises(ValueError, match="AFLW_GT_pts21"):
        measure_aflw(aflw, models.head, models.regressor)
    np.save(aflw / "AFLW_GT_pts21.npy", np.array([{}]))
    with pytest.raises(ValueError, match="not a plain array"):
        measure_aflw(aflw, models.head, models.regressor)
