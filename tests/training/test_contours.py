# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of contours: what it is taught, that it learns, and that it ships as it was trained."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.contour_points import CONTOUR_POINTS
from mien.core.model.head import Head
from mien.core.model.params import CROP_SIZE, split
from mien.core.refine.contour_reader import ContourReader as Runtime
from mien.core.refine.contour_regions import REGIONS, RegionFrames, cut_region

from training.deploy.export_contours import to_onnx
from training.labels.store import load_bias
from training.networks.contours import ContourReader, in_region
from training.networks.cut_region import CutRegion, Region
from training.networks.network import Regressor, ZScore, normalise
from training.optimise.contour_faces import ContourFaces, head_points, mirrored_points, photo_faces
from training.optimise.train_contours import loss, wanted

from .conftest import random_params


def weights_in(folder: Path) -> Path:
    """Weights of a regressor that lays heads about where they are."""
    torch.manual_seed(0)
    zscore = ZScore()
    zscore.mean[[0, 5, 10]] = 420.0  # type: ignore[index]
    network = Regressor("mobilenet_x05")
    path = folder / "weights.pt"
    torch.save(
        {"backbone": "mobilenet_x05", "average": network.state_dict(), "zscore": zscore.state_dict()},
        path,
    )  # fmt: skip
    return path


def test_points_of_a_region_come_back_from_the_crop(head: Head) -> None:
    params = torch.from_numpy(random_params(4))
    for region, frame in zip(REGIONS, ContourReader(head).frames(params), strict=True):
        points = torch.rand(4, len(region.points), 2) * 0.04
        in_crop = points @ frame[:, :2] + frame[:, 2:]
        assert torch.allclose(in_region(in_crop, frame), points, atol=1e-6)


def test_regions_lie_where_those_of_other_parts_would(head: Head) -> None:
    """The network of details cuts its parts out by the same rule, in a graph of its own."""
    params = random_params(6)
    frames = RegionFrames(head).of(params)
    for k, region in enumerate(REGIONS):
        cut = CutRegion(head, Region(region.landmarks, region.above, region.reach, region.size))
        other = cut.frame(torch.from_numpy(params)).numpy() * [1, -1]
        other[:, 2] += (CROP_SIZE - 1) / 2
        assert np.allclose(frames[:, k], other, atol=1e-3)


def test_training_and_footage_cut_the_same_patch(head: Head) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (30, 30, 3)).astype(np.uint8)
    crop, params = cv2.resize(noise, (CROP_SIZE, CROP_SIZE)), random_params(1)
    picture = torch.from_numpy(crop[None]).float().permute(0, 3, 1, 2)
    reader = ContourReader(head)
    frames = reader.frames(torch.from_numpy(params))
    for region, part, frame in zip(REGIONS, reader.readers(), frames, strict=True):
        trained = part.patch(picture, frame)[0].permute(1, 2, 0).numpy()
        assert np.abs(trained - cut_region(crop, frame[0].numpy(), region)).mean() < 1


def test_the_head_has_its_contours_where_its_mesh_has_them(head: Head) -> None:
    params = random_params(3)
    params[:, 52:] = 0
    nothing = np.zeros((3, 52), np.float32)
    points = head_points(head, params, nothing, np.zeros((468, 3)))
    laid = head.mediapipe_model().project(*split(params))[:, list(CONTOUR_POINTS), :2]
    assert np.allclose(points, laid * [1, -1] + 59.5, atol=1e-3)
    smile = nothing.copy()
    smile[:, ARKIT_BLENDSHAPES.index("mouthSmileLeft")] = 1
    moved = np.linalg.norm(head_points(head, params, smile, np.zeros((468, 3))) - points, axis=2)
    corner, brow = CONTOUR_POINTS.index(291), CONTOUR_POINTS.index(105)
    assert (moved[:, corner] > 1).all()
    assert (moved[:, brow] < 0.5).all()


def test_points_of_a_photo_lie_on_its_face(labels: Path, head: Head, tmp_path: Path) -> None:
    faces = photo_faces(weights_in(tmp_path), labels, 3, 12)
    laid = head_points(
        head, faces.truth.numpy(), faces.blendshapes.numpy(), load_bias(labels, head)
    )
    other = mirrored_points(head.mediapipe_model().mean[list(CONTOUR_POINTS)])
    across = laid[:, other] * [-1, 1] + [CROP_SIZE - 1, 0]
    straight, mirrored = (
        np.linalg.norm(faces.points.numpy() - points, axis=2).mean(axis=1)
        for points in (laid, across)
    )
    assert (np.minimum(straight, mirrored) < 2.5).all()
    assert (straight < mirrored).any()
    assert (mirrored < straight).any()
    assert (faces.params[mirrored < straight, 0] > 0).all()


def test_it_learns_where_points_are(head: Head) -> None:
    torch.manual_seed(0)
    count = 24
    params = torch.from_numpy(random_params(count))
    crop = torch.randint(0, 256, (count, CROP_SIZE, CROP_SIZE, 3), dtype=torch.uint8)
    reader = ContourReader(head)
    moves = torch.randn(count, 1, 2) * 2
    with torch.no_grad():
        points = reader.eval()(normalise(crop).permute(0, 3, 1, 2), params) + moves
    nothing = torch.zeros(count, 52)
    faces = ContourFaces(crop, params, params, nothing, nothing + 1, points)
    picture = normalise(crop).permute(0, 3, 1, 2)
    optimiser = torch.optim.Adam(reader.train().parameters(), 3e-3)
    values = []
    for _ in range(40):
        value = loss(reader, picture, params, faces)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        values.append(float(value.detach()))
    assert values[-1] < 0.5 * values[0]
    frames = reader.frames(params)
    for told, true in zip(reader.tell(picture, frames), wanted(faces, frames), strict=True):
        assert told.shape == true.shape


def test_it_ships_as_it_was_trained(head: Head, tmp_path: Path) -> None:
    torch.manual_seed(1)
    reader, path = ContourReader(head).eval(), tmp_path / "contours.onnx"
    to_onnx(reader, path, head.id)
    crop = np.random.default_rng(0).integers(0, 256, (CROP_SIZE, CROP_SIZE, 3)).astype(np.uint8)
    params = random_params(1)
    shipped = Runtime(path, head)
    own = []
    frames = reader.frames(torch.from_numpy(params))
    for region, part, frame in zip(REGIONS, reader.readers(), frames, strict=True):
        patch = cut_region(crop, frame[0].numpy(), region)
        with torch.no_grad():
            told = part(normalise(torch.from_numpy(patch[None])).permute(0, 3, 1, 2))
        own.append((told @ frame[:, :2] + frame[:, 2:])[0].numpy())
    assert np.allclose(shipped.read(crop[None], params)[0], np.concatenate(own), atol=0.02)


def test_the_commands_train_and_write_it(labels: Path, head: Head, tmp_path: Path) -> None:
    out, onnx = tmp_path / "contours.pt", tmp_path / "contours.onnx"
    words = [str(weights_in(tmp_path)), "--labels", str(labels), "--out", str(out)]
    words += ["--count", "512", "--epochs", "1", "--workers", "0"]
    done = subprocess.run(
        [sys.executable, "-m", "training.optimise.train_contours", *words],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "mouth off by" in done.stdout
    assert "mouth's width: correlation" in done.stdout
    done = subprocess.run(
        [sys.executable, "-m", "training.deploy.export_contours", str(out), "--out", str(onnx)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    crop = np.zeros((CROP_SIZE, CROP_SIZE, 3), np.uint8)
    points = Runtime(onnx, head).read(crop[None], random_params(1))
    assert points.shape == (1, len(CONTOUR_POINTS), 2)
    assert np.isfinite(points).all()


@pytest.mark.parametrize("words", [["--data", "shards"]])
def test_what_it_cannot_learn_from_is_refused(tmp_path: Path, words: list[str]) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "training.optimise.train_contours", str(tmp_path / "w.pt"), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert "no points" in told.stderr
