# SPDX-License-Identifier: GPL-3.0-or-later
"""The head's figures, as the model card states them."""

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head

from .build import Report

NAME = "| head id |"
ROW = "| left of the 468 points on held-out photos, before and after refining |"


def figures(head: Head, report: Report) -> str:
    """A Markdown table of what the build measured."""
    spread, snap = (
        np.median(a) * 1000 for a in (report.correspondence.spread, report.correspondence.snap)
    )
    rows = [
        ("head id", head.id),
        ("vertices, quads", f"{len(head.vertices):,}, {len(head.quads):,}"),
        ("variance of sampled people held by 40 components", f"{report.identity_held:.1%}"),
        ("left on people not sampled (RMS)", f"{report.identity_left * 1000:.2f} mm"),
        ("visible variance of blendshape mixtures held by 10 components", f"{report.expression.held:.1%}"),
        ("pictures in which the labelling tool found the face",
         f"{report.correspondence.found} of {report.correspondence.tried}"),
        ("spread of the 468 points between pictures (median)", f"{spread:.2f} mm"),
        ("their distance to the surface (median)", f"{snap:.2f} mm"),
    ]  # fmt: skip
    table = ["| figure | value |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)]
    kept = sorted(zip(report.expression.kept, ARKIT_BLENDSHAPES, strict=True))
    table += ["", "| ARKit blendshape | visible motion kept by the 10 components |", "|---|---|"]
    table += [f"| {name} | {share:.0%} |" for share, name in kept]
    return "\n".join(table)


def refined(text: str, head_id: str, before: float, after: float) -> str:
    """The figures of a head whose labelling points were refined (:mod:`training.head.refine`).

    Args:
        text: what :func:`figures` gave for the head as it was built.
        head_id: of the refined head.
        before, after: what is left of the points on held-out photos, as shares of the face's box.
    """
    lines = [line for line in renamed(text, head_id).splitlines() if not line.startswith(ROW)]
    end = lines.index("", _name_at(lines))
    return "\n".join([*lines[:end], f"{ROW} {before:.2%}, {after:.2%} |", *lines[end:]]) + "\n"


def renamed(text: str, head_id: str) -> str:
    """The same figures under another head's name."""
    lines = text.splitlines()
    lines[_name_at(lines)] = f"{NAME} {head_id} |"
    return "\n".join(lines) + "\n"


def _name_at(lines: list[str]) -> int:
    return next(i for i, line in enumerate(lines) if line.startswith(NAME))
