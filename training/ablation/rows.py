# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the paper's tables 3 and 4: what each trains with, and what the paper measured."""

from dataclasses import dataclass

from ..optimise.objective import Options

LOOK_AHEAD_SHARE = 0.05
"""k of the meta-joint rows as a share of the steps. The paper's 100 is a 2,600th of its schedule,
which would be less than one step here; this leaves room for twenty choices."""

PLAIN = Options()


@dataclass(frozen=True)
class Row:
    """One way to train.

    Attributes:
        name: as in the paper.
        recipe: of :data:`training.optimise.objective.RECIPES`.
        options: what is added to it.
        clips: whether it is trained on frames of short clips, in order with ``options.svs``, one by one
            without.
        paper: what the paper has: NME (%) on AFLW2000-3D, NME and stability (%) on Menpo-3D.
        look_ahead: k of a meta-joint row; 0 is :data:`LOOK_AHEAD_SHARE` of the steps.
    """

    name: str
    recipe: str
    options: Options = PLAIN
    clips: bool = False
    paper: tuple[float | None, float | None, float | None] = (None, None, None)
    look_ahead: int = 0


LRR, LMK = Options(lrr=True), Options(landmarks=True)
ROWS = (
    Row("VDC", "vdc", paper=(5.23, None, None)),
    Row("fWPDC", "fwpdc", paper=(4.04, 1.96, 0.54)),
    Row("VDC from fWPDC", "vdc_from_fwpdc", paper=(3.88, None, None)),
    Row("Vanilla-joint", "vanilla_joint", paper=(3.80, None, None)),
    Row("Meta-joint", "meta_joint", paper=(3.73, None, None)),
    Row("VDC w/ lrr", "vdc", LRR, paper=(3.92, None, None)),
    Row("fWPDC w/ lrr", "fwpdc", LRR, paper=(3.89, None, None)),
    Row("Meta-joint w/ lmk", "meta_joint", LMK, paper=(3.71, None, None)),
    Row("Meta-joint w/ lrr", "meta_joint", LRR, paper=(3.59, 1.86, 0.52)),
    Row("fWPDC w/ svs", "fwpdc", Options(svs=True), clips=True, paper=(None, 1.84, 0.51)),
    Row(
        "Meta-joint w/ lrr + rnd", "meta_joint", Options(lrr=True, rnd=True), clips=True,
        paper=(None, 1.76, 0.50),
    ),
    Row(
        "Meta-joint w/ lrr + svs", "meta_joint", Options(lrr=True, svs=True), clips=True,
        paper=(None, 1.71, 0.48),
    ),
)  # fmt: skip
DECIDING = (
    "VDC", "fWPDC", "VDC from fWPDC", "Vanilla-joint", "Meta-joint", "Meta-joint w/ lrr",
    "Meta-joint w/ lrr + svs",
)  # fmt: skip
"""The rows that the paper's method stands or falls by."""


@dataclass(frozen=True)
class Claim:
    """Something that the paper's tables say: one row is better than another.

    Attributes:
        text: in words.
        better, worse: names of rows.
        figure: ``balanced``, ``clips`` or ``stability``.
    """

    text: str
    better: str
    worse: str
    figure: str


CLAIMS = (
    Claim("fWPDC trains better than VDC", "fWPDC", "VDC", "balanced"),
    Claim(
        "going on from fWPDC with VDC is better than fWPDC", "VDC from fWPDC", "fWPDC", "balanced"
    ),
    Claim(
        "vanilla-joint is better than VDC from fWPDC", "Vanilla-joint", "VDC from fWPDC", "balanced"
    ),
    Claim("meta-joint is better than fWPDC", "Meta-joint", "fWPDC", "balanced"),
    Claim("meta-joint is better than vanilla-joint", "Meta-joint", "Vanilla-joint", "balanced"),
    Claim("lrr helps VDC", "VDC w/ lrr", "VDC", "balanced"),
    Claim("lrr helps fWPDC", "fWPDC w/ lrr", "fWPDC", "balanced"),
    Claim("lrr helps meta-joint", "Meta-joint w/ lrr", "Meta-joint", "balanced"),
    Claim("lrr helps more than lmk", "Meta-joint w/ lrr", "Meta-joint w/ lmk", "balanced"),
    Claim("svs makes fWPDC steadier", "fWPDC w/ svs", "fWPDC", "stability"),
    Claim(
        "svs makes meta-joint steadier", "Meta-joint w/ lrr + svs", "Meta-joint w/ lrr", "stability"
    ),
    Claim(
        "svs is steadier than rnd",
        "Meta-joint w/ lrr + svs",
        "Meta-joint w/ lrr + rnd",
        "stability",
    ),
    Claim("svs lowers the error on clips", "Meta-joint w/ lrr + svs", "Meta-joint w/ lrr", "clips"),
)
