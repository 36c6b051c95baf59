# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks of the user's are looked at in a child with limits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mien.core.assets import regressor_path
from mien.core.errors import ModelError
from mien.worker.model_check import check_model


def test_a_good_network_passes_and_others_are_named(tmp_path: Path) -> None:
    check_model(regressor_path())
    (tmp_path / "text.onnx").write_text("no network")
    with pytest.raises(ModelError, match=r"text\.onnx is damaged or not an ONNX model"):
        check_model(tmp_path / "text.onnx")
    with pytest.raises(ModelError, match="does not exist"):
        check_model(tmp_path / "gone.onnx")


def graph(path: Path, *nodes: Any, constants: tuple[Any, ...] = ()) -> Path:
    onnx = pytest.importorskip("onnx", reason="needs the training packages")
    out = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    made = onnx.helper.make_graph(list(nodes), "g", [], [out], list(constants))
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(made, opset_imports=opset, ir_version=8), str(path))
    return path


def test_a_small_file_cannot_take_all_memory(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="needs the training packages")
    shape = onnx.numpy_helper.from_array(np.array([4, 2**30]), "shape")
    fill = onnx.helper.make_node("ConstantOfShape", ["shape"], ["y"])
    path = graph(tmp_path / "large.onnx", fill, constants=(shape,))
    assert path.stat().st_size < 500
    with pytest.raises(ModelError):
        check_model(path)


def test_weights_in_other_files_are_not_read(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="needs the training packages")
    (tmp_path / "weights.bin").write_bytes(bytes(16))
    tensor = onnx.numpy_helper.from_array(np.zeros(4, np.float32), "x")
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "weights.bin"
    same = onnx.helper.make_node("Identity", ["x"], ["y"])
    path = graph(tmp_path / "a.onnx", same, constants=(tensor,))
    with pytest.raises(ModelError, match="damaged or not"):
        check_model(path)


def test_patience_ends(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="too long"):
        check_model(regressor_path(), patience=0.0)
