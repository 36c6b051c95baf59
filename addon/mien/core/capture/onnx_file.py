# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening the ONNX files of regressor and finder alike."""

from pathlib import Path

import onnxruntime as ort


def open_session(path: Path, threads: int = 1) -> ort.InferenceSession:
    """A session on the processor that runs one operator at a time and prints nothing.

    Raises:
        Exception: the file is damaged or no ONNX model. ONNX Runtime raises many kinds, some of them
            plain RuntimeError; who opens the file says what to do.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 4
    return ort.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
