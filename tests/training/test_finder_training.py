# SPDX-License-Identifier: GPL-3.0-or-later
import math
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.capture.finder import Face
from mien.core.model.crop import CropBox
from mien.core.model.head import Head

from training.finder.cutouts import SIDE, Cutter
from training.finder.export import to_onnx
from training.finder.measure import hits, is_hit
from training.finder.network import STRIDE, UNIT, FinderNetwork, lit
from training.finder.scenes import Scene, SceneMaker, paste
from training.finder.targets import loss, targets
from training.labels.store import LabelledPhoto


@pytest.fixture(scope="module")
def maker(head: Head, photos: list[LabelledPhoto]) -> SceneMaker:
    return SceneMaker(head, photos, 0, 10)


def test_heads_are_cut_out_of_nothing(head: Head, photos: list[LabelledPhoto]) -> None:
    cutter = Cutter(head, photos, 3)
    for cutout in [cutter.rendered() for _ in range(12)]:
        assert cutout.picture.shape == (SIDE, SIDE, 4)
        opaque = cutout.picture[..., 3] > 128
        assert 0.05 < opaque.mean() < 1
        if cutout.points is not None:
            x, y = np.rint(cutout.points.mean(axis=0)).astype(int)
            assert opaque[y, x]


def test_photos_are_cut_out_around_their_face(head: Head, photos: list[LabelledPhoto]) -> None:
    cutter = Cutter(head, photos, 4)
    for cutout in [cutter.photo() for _ in range(12)]:
        assert cutout.points is not None
        inner = cutout.points[17:].mean(axis=0)
        x, y = np.rint(inner).astype(int)
        assert cutout.picture[y, x, 3] > 200


def test_scenes_hold_none_or_several_faces_within_the_frame(maker: SceneMaker) -> None:
    counts = []
    for width, height in ((160, 96), (192, 320)) * 6:
        scene = maker.make(width, height)
        assert scene.image.shape == (height, width, 3)
        assert scene.image.dtype == np.uint8
        counts.append(len(scene.boxes))
        for box in scene.boxes:
            assert 0 <= box.x < width
            assert 0 <= box.y < height
            assert 11 < box.size < 2 * height
    assert min(counts) == 0
    assert max(counts) >= 2


def test_the_same_seed_makes_the_same_scenes(head: Head, photos: list[LabelledPhoto]) -> None:
    one, other = (SceneMaker(head, photos, 5, 4) for _ in range(2))
    for _ in range(5):
        a, b = one.make(160, 96), other.make(160, 96)
        assert np.array_equal(a.image, b.image)
        assert a.boxes == b.boxes


def test_a_pasted_picture_lies_where_the_matrix_says() -> None:
    image = np.zeros((60, 80, 3), np.float32)
    picture = np.full((10, 10, 4), 255, np.uint8)
    paste(image, picture, np.array([[2.0, 0, 30], [0, 2.0, 20]]), 2.0)
    y, x = np.nonzero(image[..., 0] > 127)
    assert abs(x.mean() - (30 + 2 * 4.5)) < 0.6
    assert abs(y.mean() - (20 + 2 * 4.5)) < 0.6
    before = image.copy()
    paste(image, picture, np.array([[1.0, 0, 500], [0, 1.0, 20]]), 1.0)
    assert np.array_equal(image, before)


@settings(max_examples=30, deadline=None)
@given(st.floats(5, 150), st.floats(5, 90), st.floats(15, 150))
def test_targets_give_back_their_boxes(x: float, y: float, size: float) -> None:
    wanted = targets([[CropBox(x, y, size)]], 160, 96)
    assert wanted.hills.shape == (1, 12, 20)
    assert wanted.hills.max() == 1
    row, column = np.argwhere(wanted.hills[0].numpy() == 1)[0]
    dx, dy, log_size = (float(n) for n in wanted.boxes[0, :, row, column])
    assert math.isclose(STRIDE * (column + dx) + (STRIDE - 1) / 2, x, abs_tol=1e-3)
    assert math.isclose(STRIDE * (row + dy) + (STRIDE - 1) / 2, y, abs_tol=1e-3)
    assert math.isclose(UNIT * math.exp(log_size), size, rel_tol=1e-4)


def test_the_right_answer_costs_next_to_nothing() -> None:
    wanted = targets([[CropBox(60, 40, 40)], []], 160, 96)
    sure = torch.where(wanted.hills >= 1, 9.0, -9.0)
    right = loss(sure, wanted.boxes, wanted)
    assert right < 0.02
    assert loss(-sure, wanted.boxes, wanted) > 10
    assert loss(sure, wanted.boxes + 1, wanted) > right + 0.5
    assert torch.isfinite(loss(sure[1:], wanted.boxes[1:], targets([[]], 160, 96)))


def test_darkness_is_lifted_before_the_network() -> None:
    frame = torch.rand(1, 3, 32, 32) * 255
    assert torch.allclose(lit(frame), lit(0.3 * frame), atol=0.35)


def test_the_file_says_what_the_network_says(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = FinderNetwork().eval()
    for part in network.modules():  # statistics as training leaves them, which folding must keep
        if isinstance(part, torch.nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.1)
            part.running_var.uniform_(0.5, 2)
    torch.nn.init.normal_(network.box.weight, std=0.3)
    to_onnx(network, tmp_path / "finder.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "finder.onnx"))
    image = np.random.default_rng(0).integers(0, 255, (1, 96, 160, 3), np.uint8)
    score, box = session.run(["score", "box"], {"frame": image})
    with torch.no_grad():
        sure, wanted = network(torch.from_numpy(image).permute(0, 3, 1, 2).float())
    peaks = score > 0
    assert 0 < peaks.sum() < peaks.size
    assert np.allclose(score[peaks], sure[0].sigmoid().numpy()[peaks], atol=1e-4)
    x, y = np.meshgrid(np.arange(20), np.arange(12))
    middle = STRIDE * (np.stack([x, y]) + wanted[0, :2].numpy()) + (STRIDE - 1) / 2
    assert np.allclose(box[:2], middle, atol=1e-2)
    assert np.allclose(box[2], UNIT * np.exp(wanted[0, 2].numpy().clip(-3, 4)), rtol=1e-3)


def test_a_few_steps_make_the_loss_smaller(maker: SceneMaker) -> None:
    torch.manual_seed(0)
    network = FinderNetwork()
    optimiser = torch.optim.AdamW(network.parameters(), 4e-3)
    scenes = [maker.make(160, 96) for _ in range(8)]
    frames = torch.from_numpy(np.stack([s.image for s in scenes])).permute(0, 3, 1, 2).float()
    wanted = targets([s.boxes for s in scenes], 160, 96)
    values = []
    for _ in range(10):
        value = loss(*network(frames), wanted)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        values.append(float(value.detach()))
    assert values[-1] < 0.8 * values[0]


class Always:
    """A finder that gives one answer whatever it sees."""

    def __init__(self, box: CropBox) -> None:
        self.box = box

    def find(self, image: np.ndarray) -> list[Face]:
        return [Face(self.box, 1.0)]


def test_hits_and_wrong_answers_are_counted() -> None:
    blank = np.zeros((96, 160, 3), np.uint8)
    scenes = [
        Scene(blank, [CropBox(50, 50, 40)]),
        Scene(blank, [CropBox(120, 50, 40)]),
        Scene(blank),
    ]
    assert hits(Always(CropBox(52, 49, 44)), scenes) == {"found": 0.5, "false": 0.6667}
    assert not is_hit(CropBox(50, 50, 80), CropBox(50, 50, 40))
