# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of everything holds everything."""

import csv
from pathlib import Path

import numpy as np
from mien.core.formats.table import write_table
from mien.core.model.head import Head
from mien.core.performance.performance import to_performance
from mien.core.solve.motion import solve_take

from ...conftest import made_take


def test_all_numbers_are_there_under_their_names(head: Head, tmp_path: Path) -> None:
    take = made_take(head, lost=(3,))
    motion = solve_take(take)
    write_table(take, motion, tmp_path / "a.csv")
    rows = list(csv.DictReader((tmp_path / "a.csv").open()))
    assert len(rows) == len(take)
    performance = to_performance(motion)
    row = rows[10]
    assert float(row["time"]) == round(float(take.times[10]), 6)
    for name, value in {
        "raw_T03": take.params[10, 3],
        "raw_expression_09": take.params[10, 61],
        "raw_identity_00": take.params[10, 12],
        "raw_jawOpen": take.blendshapes[10, 17],
        "jawOpen": performance.blendshapes[10, 17],
        "head_w": performance.rotation[10, 0],
        "head_place_z": performance.translation[10, 2],
        "eye_right_pitch": performance.eyes[10, 1, 1],
        "expression_04": motion.expression[10, 4],
        "identity_39": motion.identity[39],
    }.items():
        assert np.isclose(float(row[name]), value, rtol=1e-5, atol=1e-9), name
    assert rows[3]["raw_T00"] == ""
    assert rows[3]["confidence"] == "0"
    assert rows[3]["jawOpen"] != ""
