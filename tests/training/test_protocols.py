# SPDX-License-Identifier: GPL-3.0-or-later
"""Florence and Menpo-3D: the figures by hand, and folders made up in the layout that is documented."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
from mien.core.capture.capture import Models
from mien.core.model.crop import box_around_landmarks, cut
from mien.core.model.head import Head
from mien.core.model.params import join, split
from scipy.spatial.transform import Rotation

from training.evaluate.florence import (
    aligned_error,
    measure_florence,
    read_scan,
    report_florence,
)
from training.evaluate.menpo3d import measure_menpo3d, report_menpo3d
from training.evaluate.point_files import read_csv_points, read_pts
from training.evaluate.regress_still import regress_still
from training.evaluate.report import Report
from training.geometry.alignment import align_points

from .drawn import Drawn

TURN = Rotation.from_euler("xyz", [0.4, -0.8, 0.3]).as_matrix()
MOVE = np.array([3.0, -7.0, 2.0])


@pytest.fixture(scope="module")
def drawn(head: Head) -> list[Drawn]:
    return [Drawn(head, yaw, seed) for seed, yaw in enumerate((-20.0, 0.0, 15.0))]


def test_an_alignment_is_found_and_never_a_mirror() -> None:
    points = np.random.default_rng(0).normal(size=(30, 3))
    found = align_points(points, 2.5 * points @ TURN.T + MOVE, scaled=True)
    assert np.isclose(found.scale, 2.5)
    assert np.allclose(found.rotation, TURN)
    assert np.allclose(found.shift, MOVE)
    rigid = align_points(points, 2.5 * points @ TURN.T + MOVE, scaled=False)
    assert rigid.scale == 1
    assert np.allclose(rigid.rotation, TURN)
    mirror = align_points(points, points * [-1, 1, 1], scaled=True)
    assert np.isclose(np.linalg.det(mirror.rotation), 1)


def flat() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A plane of 20 by 20 quads, 10 apart, with 68 points: eyes' outer corners 90 apart, nose tip in the middle."""
    line = np.arange(21) * 10.0 - 100
    x, y = np.meshgrid(line, line)
    vertices = np.column_stack([x.ravel(), y.ravel(), np.zeros(441)])
    corner = (np.arange(20)[:, None] * 21 + np.arange(20)).ravel()
    quads = np.column_stack([corner, corner + 1, corner + 22, corner + 21])
    points = np.column_stack([np.random.default_rng(1).uniform(-60, 60, (68, 2)), np.zeros(68)])
    points[[36, 45, 30]] = [[-45, 20, 0], [45, 20, 0], [0, 0, 0]]
    return vertices, quads.astype(np.int32), points


@pytest.mark.parametrize("units", [1.0, 0.5, 0.001])
def test_florences_error_is_over_the_outer_eyes_after_a_rigid_alignment(units: float) -> None:
    """A chequered scan 1.8 above and below a plane: 1.8 / 90 is 2 %, whatever its place, turn and units."""
    vertices, quads, points = flat()
    line = np.arange(8) * 12.0 - 42
    x, y = np.meshgrid(line, line)
    sign = (-1.0) ** np.add.outer(np.arange(8), np.arange(8))
    scan = np.column_stack([x.ravel(), y.ravel(), 1.8 * sign.ravel()])
    hair = np.array([[0, 0, 400.0], [96, 0, 40]])  # beyond 1.05 * 90 of the nose's tip

    def elsewhere(p: np.ndarray) -> np.ndarray:
        return (units * p @ TURN.T + MOVE).astype(np.float64)

    whole = np.concatenate([scan, hair])
    error = aligned_error(elsewhere(whole), elsewhere(points), vertices, points, quads)
    assert np.isclose(error, 0.02, rtol=1e-3)
    raised = scan + [0, 0, 3]  # what a rigid alignment takes off is no error
    error = aligned_error(elsewhere(raised), elsewhere(points), vertices, points, quads)
    assert np.isclose(error, 0.02, rtol=1e-3)
    with pytest.raises(ValueError, match="do not lie on it"):
        aligned_error(elsewhere(scan) + 1e4, elsewhere(points), vertices, points, quads)


@pytest.fixture
def florence(drawn: list[Drawn], head: Head, tmp_path: Path) -> Path:
    """Two subjects in the documented layout; scans in millimetres, turned and moved."""
    for number, face in enumerate(drawn[:2]):
        subject = tmp_path / f"subject{number}"
        subject.mkdir()
        shape = head.shape(face.params[12:52], face.params[52:])
        skin = np.unique(head.quads[head.materials == 0])

        def millimetres(p: np.ndarray) -> np.ndarray:
            return 1000 * p @ TURN.T + 50

        rows = [f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in millimetres(shape[skin])]
        (subject / "scan.obj").write_text("# a scan\n" + "\n".join(rows) + "\nf 1 2 3\n")
        points = millimetres(head.take_landmarks(shape))
        np.savetxt(subject / "scan.csv", points, delimiter=",", fmt="%.4f")
        cv2.imwrite(str(subject / "pose0.png"), face.image)
        np.savetxt(subject / "pose0.csv", face.points[:, :2], delimiter=",", fmt="%.4f")
    return tmp_path


def test_florences_folder_is_measured(florence: Path, models: Models, tmp_path: Path) -> None:
    errors = measure_florence(florence, models.head, models.regressor)
    assert list(errors) == ["subject0", "subject1"]
    each = [errors[name][0] for name in errors]
    assert all(0.002 < error < 0.08 for error in each)
    report = Report(tmp_path)
    report_florence(errors, report)
    assert report.figures["florence_subject1"] == f"{each[1]:.2%}"
    assert report.figures["florence_nme"] == f"{np.mean(each):.2%}"
    (florence / "subject1" / "scan.csv").write_text("1,2,3\n")
    with pytest.raises(ValueError, match=r"scan\.csv holds \(1, 3\)"):
        measure_florence(florence, models.head, models.regressor)
    (florence / "subject0" / "pose0.csv").unlink()
    with pytest.raises(ValueError, match=r"pose0\.csv cannot be read"):
        measure_florence(florence, models.head, models.regressor)
    (florence / "subject0" / "pose0.png").unlink()
    with pytest.raises(ValueError, match="subject0 holds no picture"):
        measure_florence(florence, models.head, models.regressor)
    with pytest.raises(ValueError, match=r"no folder with a scan\.obj"):
        measure_florence(tmp_path / "subject0", models.head, models.regressor)


def test_a_scan_without_vertices_is_named(tmp_path: Path) -> None:
    (tmp_path / "scan.obj").write_text("vn 0 0 1\n")
    with pytest.raises(ValueError, match="no vertices"):
        read_scan(tmp_path / "scan.obj")


class Answer(NamedTuple):
    params: np.ndarray
    blendshapes: np.ndarray
    confidence: np.ndarray


class SaysTheSame:
    """A regressor that sees a head at rest in the middle of every crop, and has no mirror."""

    mirrors = False

    def __init__(self) -> None:
        turn = np.column_stack([400 * np.eye(3), np.zeros(3)])
        self.params = join(turn, np.zeros(40), np.zeros(10))

    def look(self, crops: np.ndarray, mirrored: bool, rolls: np.ndarray | None) -> Answer:
        assert not mirrored
        assert rolls is None, "the head is upright"
        return Answer(self.params[None], np.zeros((1, 52)), np.ones(1))


def write_pts(path: Path, points: np.ndarray) -> None:
    rows = [" ".join(f"{n:.4f}" for n in row) for row in points + 1]
    path.write_text("\n".join(["version: 1", f"n_points: {len(points)}", "{", *rows, "}"]))


def test_menpos_figures_by_hand(head: Head, tmp_path: Path) -> None:
    """A network that answers alike: in crop pixels its points are known, and so are all distances."""
    network = SaysTheSame()
    model = head.landmark_model()
    said = model.project(*split(network.params))
    said = said[:, :2] * [1, -1]  # crop pixels, y down
    wide, high = np.ptp(said, axis=0)
    side = np.sqrt(wide * high)
    video = tmp_path / "sets" / "video1"
    video.mkdir(parents=True)
    # The true points are the said ones in a picture of 300 pixels, wrong by a step of its own in each frame.
    box = box_around_landmarks(said)
    steps = np.array([[0, 0], [6, 0], [6, 8]])
    centre = np.array([150.0, 140.0])
    for k, step in enumerate(steps):
        truth = said - [box.x, box.y] + centre + step
        cv2.imwrite(str(video / f"{k:04}.png"), np.zeros((300, 300, 3), np.uint8))
        write_pts(video / f"{k:04}.pts", truth)
    (found,) = measure_menpo3d(tmp_path / "sets", head, network)  # type: ignore[arg-type]
    # Crop k lies around the points found in frame k - 1; the first around the true ones.
    x, y = centre[0], centre[1]
    size = box.size
    errors, offsets = [], []
    for step in steps:
        predicted = said * size / 120 + [x, y]
        truth = said - [box.x, box.y] + centre + step
        errors.append(np.linalg.norm(predicted - truth, axis=1).mean() / side)
        offsets.append(predicted - truth)
        x, y = predicted.min(axis=0) / 2 + predicted.max(axis=0) / 2
        size = np.ptp(predicted, axis=0).max() * np.sqrt(2)
    assert np.allclose([face.error for face in found.faces], errors, rtol=1e-3)
    wanted = [np.linalg.norm(offsets[k] - offsets[k - 1], axis=1).mean() / side for k in (1, 2)]
    assert np.isnan(found.stability[0])
    assert np.allclose(found.stability[1:], wanted, rtol=1e-3)
    report = Report(tmp_path)
    report_menpo3d([found], report)
    assert report.figures["menpo3d_video1_nme68"] == f"{np.mean(errors):.2%}"
    assert report.figures["menpo3d_stability"] == f"{np.mean(wanted):.2%}"
    assert report.figures["menpo3d_strayed"] == "0.00%"


def test_menpos_folder_is_measured(drawn: list[Drawn], models: Models, tmp_path: Path) -> None:
    """Two videos with the real network; one set holds more points and says which are meant."""
    for name, faces in (("a", drawn[:1]), ("b", drawn[1:])):
        (tmp_path / name).mkdir()
        for k, face in enumerate(faces):
            cv2.imwrite(
                str(tmp_path / name / f"{k}.jpg"), face.image, [cv2.IMWRITE_JPEG_QUALITY, 100]
            )
            extra = np.full((16, 2), 5.0)
            write_pts(tmp_path / name / f"{k}.pts", np.concatenate([extra, face.points[:, :2]]))
    with pytest.raises(ValueError, match=r"holds 84 points; say in order\.txt"):
        measure_menpo3d(tmp_path, models.head, models.regressor)
    (tmp_path / "order.txt").write_text(" ".join(map(str, range(16, 84))))
    videos = measure_menpo3d(tmp_path, models.head, models.regressor)
    assert [(v.name, len(v.faces)) for v in videos] == [("a", 1), ("b", 2)]
    assert np.isnan(videos[0].stability).all()
    points = drawn[0].points[:, :2].astype(np.float32)
    image, box = cv2.imread(str(tmp_path / "a" / "0.jpg")), box_around_landmarks(points)
    assert image is not None
    crop = cut(image.astype(np.uint8), box)
    still, _ = regress_still(crop, box, models.head.landmark_model(), models.regressor)
    wide, high = np.ptp(points, axis=0)
    wanted = np.linalg.norm(still - points, axis=1).mean() / np.sqrt(wide * high)
    assert np.isclose(videos[0].faces[0].error, wanted, rtol=2e-3)
    report = Report(tmp_path / "out")
    report_menpo3d(videos, report)
    assert cv2.imread(str(tmp_path / "out" / "menpo3d.jpg")) is not None
    (tmp_path / "order.txt").write_text("1 2 3")
    with pytest.raises(ValueError, match="something else than 68 numbers"):
        measure_menpo3d(tmp_path, models.head, models.regressor)
    (tmp_path / "a" / "0.jpg").unlink()
    (tmp_path / "order.txt").unlink()
    with pytest.raises(ValueError, match="has no picture of its name"):
        measure_menpo3d(tmp_path, models.head, models.regressor)


def test_pts_count_from_one(tmp_path: Path) -> None:
    path = tmp_path / "a.pts"
    path.write_text("version: 1\nn_points:  2\n{\n1 1 7\n3.5 2.25 9\n}\n")
    assert read_pts(path).tolist() == [[0, 0], [2.5, 1.25]]
    path.write_text("1 1\n")
    with pytest.raises(ValueError, match=r"no \.pts file"):
        read_pts(path)
    path.write_text("{\n1 x\n}")
    with pytest.raises(ValueError, match="rows of numbers"):
        read_pts(path)
    path.write_text("1,2\n3,4\n")
    assert read_csv_points(path, 2, 2).tolist() == [[1, 2], [3, 4]]
