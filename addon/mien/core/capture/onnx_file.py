# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening the ONNX files of regressor, finder and contours alike."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ModelError
from ..reading import read_bytes

if TYPE_CHECKING:
    import onnxruntime as ort

_MOST_BYTES = 256 * 2**20
"""The largest network that ships has 5.4 MB; what is fifty times that is none."""
_MOST_SHIPPED = 64 * 2**20
"""Of a network that is never the user's own, likewise."""
_EXTERNAL = re.compile(rb"\x0a(?:\x08|\x88\x80*\x00)location")
"""How ONNX writes that weights lie in another file: the key of an entry of ``external_data``."""


def open_shipped(path: Path) -> "ort.InferenceSession":
    """A session of a file that belongs to an installed Mien.

    Raises:
        ModelError: it is missing, too large, damaged, or no ONNX model.
    """
    if not path.is_file() or path.stat().st_size > _MOST_SHIPPED:
        raise ModelError(f"{path} is missing or too large; install Mien again.")
    try:
        return open_session(path)
    except Exception as error:  # of many kinds
        raise ModelError(f"{path} is damaged or not an ONNX model; install Mien again.") from error


def open_session(path: Path, threads: int = 1) -> "ort.InferenceSession":
    """A session on the processor that runs one operator at a time and prints nothing.

    ONNX Runtime is loaded here and not before: most of what is done with Mien needs no network, and in
    Blender's own process it never does.

    Raises:
        Exception: the file is damaged or no ONNX model. ONNX Runtime raises many kinds, some of them
            plain RuntimeError; who opens the file says what to do.
    """
    data = read_bytes(path, _MOST_BYTES)
    if _EXTERNAL.search(data):
        raise ValueError("its weights lie in other files, which are not read")
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 4
    return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
