# SPDX-License-Identifier: GPL-3.0-or-later
"""The ablation's table, what of the paper's claims held, and figure 7."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ..evaluate.yaw import BINS
from ..saving import save_text
from .data import Budget
from .rows import CLAIMS, LOOK_AHEAD_SHARE, ROWS, Claim
from .run import look_ahead_steps

Result = dict[str, Any]
FIGURES = (*BINS, "balanced", "clips", "stability")

UNTRAINED, BASE = "no training", "the common base"
META = next(row for row in ROWS if row.name == "Meta-joint")
OPTIMISER = {
    "adamw": "AdamW", "sgd": "SGD (momentum 0.9, weight decay 0.0005, as the paper prints it)",
}  # fmt: skip
STATES = {
    "carried": "The optimiser's state goes from loss to loss with the weights.",
    "apart": "Each loss has an optimiser's state of its own, and the batch that judges is disjoint from those "
    "learnt on and made like them (algorithm 1); *VDC from fWPDC* begins its second half with a new state.",
}
EARLY = 0.4
"""Rows above this share of the error of no training have not learnt enough to be compared."""


def write_report(
    results: list[Result], begin: dict[str, Result], budget: Budget, path: Path, command: str
) -> None:
    """Write the table and the verdicts as Markdown.

    Args:
        results: rows with ``name``, ``seed`` and errors.
        begin: errors before any row, by :data:`UNTRAINED` and :data:`BASE`.
        budget: that every row had.
        path: of the file.
        command: that made it.
    """
    seeds = sorted({r["seed"] for r in results})
    by_name = {row.name: [r for r in results if r["name"] == row.name] for row in ROWS}
    lines = [
        "# Ablation", "",
        f"`{command}`", "",
        "The rows of the paper's tables 3 and 4 on our head and our data. Every row has the same "
        f"{budget.steps} steps of {budget.batch} crops of {budget.size} pixels from the same "
        f"{budget.samples} drawn samples, with {budget.backbone}, {OPTIMISER[budget.optimiser]} and a "
        f"learning rate of {budget.rate:g} that falls along a cosine{_common(budget)}; "
        f"seeds {', '.join(map(str, seeds))}. A meta-joint row takes these steps with both losses and "
        f"looks ahead k = {look_ahead_steps(META, budget)} steps ({LOOK_AHEAD_SHARE:.0%} of the schedule; "
        f"the paper's k = 100 is 0.04 % of its own). {STATES[budget.states]} "
        "That is minutes where the paper has days: it says what helps within such a budget, not where "
        "training ends.", "",
        f"NME is that of the 68 landmarks over the box, in %, on {budget.measured} generated "
        "pictures of photos that training never saw, by yaw and balanced; `clips` and `stability` "
        f"(section 3.1) are measured on {budget.measured} frames of which three in ten are of short clips. In "
        "brackets: the paper's, on AFLW2000-3D and Menpo-3D. *No training* is the mean of the labels, the "
        "same for every picture: a row that is near it has learnt little yet, and a low stability "
        "error then means that it hardly moves.", "",
        "| row | " + " | ".join(FIGURES) + " |",
        "|---|" + "---|" * len(FIGURES),
        *(
            f"| *{name}* | " + " | ".join(_cell([errors[f]], None) for f in FIGURES) + " |"
            for name, errors in begin.items()
        ),
    ]  # fmt: skip
    for row in ROWS:
        runs = by_name[row.name]
        if not runs:
            continue
        paper = dict(zip(("balanced", "clips", "stability"), row.paper, strict=True))
        cells = [_cell([r[f] for r in runs], paper.get(f)) for f in FIGURES]
        lines.append(f"| {row.name} | " + " | ".join(cells) + " |")
    lines += _branch_lines(by_name)
    lines += ["", "## What held", ""]
    best = min(float(r["balanced"]) for r in results)
    untrained = begin[UNTRAINED]["balanced"]
    if best > EARLY * untrained:
        lines += [
            f"**Nothing is decided at this budget.** The best row stands at {100 * best:.1f} % where no "
            f"training stands at {100 * untrained:.1f} %; what follows is what the numbers say, and "
            "they say it of the first minutes only.", "",
        ]  # fmt: skip
    for claim in CLAIMS:
        verdict = judge(claim, by_name)
        if verdict:
            lines.append(f"* {claim.text}: {verdict}")
    lines += [
        "", "A difference counts as held, or as reversed, only if all seeds agree and it is larger "
        "than the spread between seeds of the two rows; the rest is open at this budget.", "",
    ]  # fmt: skip
    save_text(path, "\n".join(lines))


def _branch_lines(by_name: dict[str, list[Result]]) -> list[str]:
    """Section 3.2: how well the landmark branch does by itself, beside the parameters of the same rows."""
    rows = {n: r for n, r in by_name.items() if r and all("branch_balanced" in one for one in r)}
    if not rows:
        return []
    lines = ["", "## The landmark branch", "", "NME (balanced) of the landmarks that the branch regresses, "
             "which is discarded in use, beside that of the parameters (the paper: 3.58 and 3.59 %).", "",
             "| row | branch | parameters |", "|---|---|---|"]  # fmt: skip
    for name, runs in rows.items():
        pair = (_cell([r[f] for r in runs], None) for f in ("branch_balanced", "balanced"))
        lines.append(f"| {name} | " + " | ".join(pair) + " |")
    return lines


def _common(budget: Budget) -> str:
    if not budget.base:
        return ""
    return (
        f", and goes on from the same base, which {budget.base} steps of plain distances on stills "
        "(none of the paper's losses) have brought to where differences can be seen"
    )


def _cell(values: list[float], paper: float | None) -> str:
    text = f"{100 * np.mean(values):.2f}"
    if len(values) > 1:
        text += f" ± {100 * np.std(values):.2f}"
    return text + (f" ({paper:.2f})" if paper is not None else "")


def judge(claim: Claim, by_name: dict[str, list[Result]]) -> str:
    """Whether a claim held, with the two numbers; empty where a row is missing."""
    better = {r["seed"]: r[claim.figure] for r in by_name.get(claim.better, [])}
    worse = {r["seed"]: r[claim.figure] for r in by_name.get(claim.worse, [])}
    seeds = sorted(set(better) & set(worse))
    if not seeds:
        return ""
    gains = np.array([worse[s] - better[s] for s in seeds])
    one, other = (np.array([rows[s] for s in seeds]) for rows in (better, worse))
    numbers = f"{100 * one.mean():.2f} against {100 * other.mean():.2f} % ({claim.figure})"
    spread = max(float(one.std()), float(other.std()))
    if len(seeds) == 1:
        return f"{'yes' if gains[0] > 0 else 'no'}, by one seed; {numbers}"
    clear = abs(gains.mean()) > spread
    if clear and (gains > 0).all():
        return f"held; {numbers}"
    if clear and (gains < 0).all():
        return f"reversed; {numbers}"
    return f"open; {numbers}"


def draw_choices(folder: Path, path: Path) -> None:
    """Figure 7: which loss each look-ahead chose, for every meta-joint row and seed."""
    logs = sorted(folder.glob("*.choices.jsonl"))
    if not logs:
        return
    figure = Figure(figsize=(8, 0.8 + 0.35 * len(logs)), layout="constrained")
    axes = figure.subplots()
    for place, log in enumerate(logs):
        rows = [json.loads(line) for line in log.read_text().splitlines()]
        for loss, colour in (("fwpdc", "tab:blue"), ("vdc", "tab:red")):
            steps = [r["step"] for r in rows if r["chosen"] == loss]
            label = {"fwpdc": "fWPDC", "vdc": "VDC"}[loss] if place == 0 else None
            axes.scatter(steps, [place] * len(steps), s=14, color=colour, label=label)
    axes.set_yticks(range(len(logs)), [log.name.split(".")[0] for log in logs], fontsize=7)
    axes.set(xlabel="step", title="the loss that each look-ahead kept (figure 7)")
    figure.legend(loc="outside right upper")
    figure.savefig(path, dpi=100)
