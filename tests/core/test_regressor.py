# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
from mien.core.assets import regressor_path, small_regressor_path
from mien.core.capture.capture import load_models
from mien.core.capture.regressor import Regressor
from mien.core.capture.sources import open_source
from mien.core.errors import ModelError
from mien.core.model.crop import CropBox, cut
from mien.core.model.params import decompose, split


@pytest.fixture(scope="module")
def regressor() -> Regressor:
    return Regressor(regressor_path())


@pytest.fixture(scope="module")
def face(clip: Path) -> np.ndarray:
    return cut(next(iter(open_source(clip))).image, CropBox(90, 76, 85))


def test_a_batch_gives_what_its_crops_give_one_by_one(
    regressor: Regressor, face: np.ndarray
) -> None:
    crops = np.stack([face, face[:, ::-1], np.zeros_like(face)])
    together = regressor.run(crops)
    assert together.params.shape == (3, 62)
    assert together.blendshapes.shape == (3, 52)
    for index, crop in enumerate(crops):
        alone = regressor.run(crop[None])
        assert np.allclose(alone.params[0], together.params[index], rtol=1e-3, atol=1e-2)


def test_eight_bits_say_nearly_the_same(regressor: Regressor, clip: Path) -> None:
    frames = list(open_source(clip))[:40:10]
    crops = np.stack([cut(frame.image, CropBox(90, 76, 85)) for frame in frames])
    small = Regressor(small_regressor_path())
    assert small.id == regressor.id + "-int8"
    landmarks = load_models().head.landmark_model()
    one, other = (
        landmarks.project(*split(r.run(crops).params))[..., :2] for r in (regressor, small)
    )
    box = np.sqrt((one.max(axis=1) - one.min(axis=1)).prod(axis=1))
    apart = np.linalg.norm(one - other, axis=2).mean(axis=1) / box
    assert 0 < apart.mean() < 0.007


def test_a_face_is_told_from_what_is_none(regressor: Regressor, face: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    others = np.stack(
        [np.zeros_like(face), np.full_like(face, 128), rng.integers(0, 255, face.shape, np.uint8)]
    )
    assert regressor.run(face[None]).confidence[0] > 0.8
    assert regressor.run(others).confidence.max() < 0.2


def test_a_mirrored_face_is_turned_the_other_way(regressor: Regressor, face: np.ndarray) -> None:
    out = regressor.run(np.stack([face, face[:, ::-1]]))
    yaw = decompose(split(out.params).transform).rotation[:, 0, 2]
    assert abs(yaw[0] + yaw[1]) < 0.15


def test_units_and_confidence_stay_in_range(regressor: Regressor) -> None:
    crops = np.random.default_rng(1).integers(0, 255, (8, 120, 120, 3), np.uint8)
    out = regressor.run(crops)
    for values in (out.blendshapes, out.confidence):
        assert values.min() >= 0
        assert values.max() <= 1


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x07" * 500])
def test_foreign_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"odd\.onnx"):
        Regressor(tmp_path / "odd.onnx")


def altered(path: Path, old: bytes, new: bytes) -> Path:
    data = regressor_path().read_bytes()
    assert old in data
    assert len(old) == len(new)
    path.write_bytes(data.replace(old, new))
    return path


def test_a_cut_off_model_is_refused(tmp_path: Path) -> None:
    data = regressor_path().read_bytes()
    (tmp_path / "cut.onnx").write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelError, match=r"cut\.onnx"):
        Regressor(tmp_path / "cut.onnx")


def test_a_model_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    path = altered(tmp_path / "other.onnx", b"mien.model", b"else.model")
    with pytest.raises(ModelError, match="not one of Mien's"):
        Regressor(path)


def test_a_model_for_another_head_is_refused(tmp_path: Path) -> None:
    own = Regressor(regressor_path()).head_id.encode()
    path = altered(tmp_path / "other.onnx", own, own[::-1])
    with pytest.raises(ModelError, match="another head"):
        load_models(regressor=path)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        Regressor(tmp_path / "gone.onnx")


def test_other_weights_under_the_shipped_name_are_refused(tmp_path: Path) -> None:
    shipped = regressor_path().read_bytes()
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(shipped)
    assert load_models(regressor=copy).regressor.id == Regressor(regressor_path()).id
    place = shipped.rindex(b"mien.crop")
    other = tmp_path / "other.onnx"
    other.write_bytes(shipped[:place] + b"mien.crap" + shipped[place + 9 :])
    with pytest.raises(ModelError, match="other weights"):
        load_models(regressor=other)
