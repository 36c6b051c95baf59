# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person reads of a batch: a line as each job ends, a table at the end."""

from collections import Counter
from collections.abc import Sequence

from ..core.modes import State
from .runner import Outcome

HEADER = ("job", "state", "frames", "seconds", "memory", "file, or what is wrong")
MEBIBYTE = 2**20
"""Bytes."""


def line(outcome: Outcome, ended: int, total: int) -> str:
    """A line about a job that just ended."""
    told = outcome.record.message if outcome.record and outcome.record.message else ""
    return f"[{ended}/{total}] {outcome.job.name} {outcome.state}{': ' if told else ''}{told}"


def table(outcomes: Sequence[Outcome]) -> str:
    """All jobs of a batch; those that failed stand last, where the eye falls."""
    order = sorted(outcomes, key=lambda o: o.state == State.FAILED)
    rows = [HEADER, *map(_row, order)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if 2 <= i <= 4 else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def totals(outcomes: Sequence[Outcome]) -> str:
    """How many jobs ended how, and what to do about those that did not end well."""
    count = Counter(o.state for o in outcomes)
    parts = [
        f"{count[State.DONE]} done",
        f"{count[State.SKIPPED]} done before",
        f"{count[State.FAILED]} failed",
    ]
    if count[State.STOPPED]:
        parts.append(f"{count[State.STOPPED]} not done")
    text = ", ".join(parts)
    if any(o.state == State.FAILED and not o.fresh for o in outcomes):
        text += (
            "\nJobs that failed before are tried again when their inputs change, or with --retry."
        )
    return text


def _row(outcome: Outcome) -> tuple[str, ...]:
    record = outcome.record
    told = outcome.job.plain(outcome.job.output)
    if record is not None and record.message:
        told = record.message
    return (
        outcome.job.name,
        outcome.state,
        str(record.frames) if record and record.frames else "",
        f"{record.seconds:.1f}" if record and record.seconds else "",
        f"{record.peak / MEBIBYTE:.0f} MiB" if record and record.peak else "",
        str(told),
    )
