# SPDX-License-Identifier: GPL-3.0-or-later
"""What was last found out about a character, as the rows of a table in the panel."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty
from bpy.types import Context, PropertyGroup

from .typed import CollectionProperty, IntProperty, switches

if TYPE_CHECKING:
    from ...avatar.keying import Keyed
    from ...core.retarget.match import Match

MATCHED, DOUBTFUL, MISSING = "matched", "doubtful", "missing"


class ReportRow(PropertyGroup):
    """One blendshape, or one name of the table that is doubtful: what moves, and how sure that is."""

    what: StringProperty()
    state: StringProperty()


class Report:
    """The last report.

    Attributes:
        match: what was found, if names were compared.
        keyed: what was keyed, if the performance was applied.
        applied: the head whose performance that was.
        lines: of a report that is no comparison.
    """

    match: "Match | None" = None
    keyed: "Keyed | None" = None
    applied: str = ""
    lines: tuple[str, ...] = ()


report = Report()


def rows_of(match: "Match") -> list[tuple[str, str, str]]:
    """Blendshape, what it moves, and state; what should be looked at comes first."""
    from ...core.model.arkit import ARKIT_BLENDSHAPES

    rows = [(f.wanted, f.name, DOUBTFUL) for f in match.doubtful]
    doubtful = {f.wanted for f in match.doubtful}
    rows += [(u, "", MISSING) for u in match.unreached if u not in doubtful]
    skeleton = match.table.skeleton
    eyes = [b for b in (skeleton.eye_left, skeleton.eye_right) if b]
    for blendshape in ARKIT_BLENDSHAPES:
        if blendshape in match.unreached:
            continue
        moved = [k for k, said in match.table.keys.items() if said.get(blendshape)]
        moved += [b for b, moves in match.table.bones.items() if blendshape in moves]
        rows.append((blendshape, ", ".join(moved or eyes), MATCHED))
    return rows


def show(match: "Match", keyed: "Keyed | None" = None, applied: str = "") -> None:
    """Keep a comparison of names for the panel."""
    forget()
    report.match, report.keyed, report.applied = match, keyed, applied
    kept = switches(bpy.context.window_manager).mien_report
    for name, what, state in rows_of(match):
        row = kept.add()
        row.name, row.what, row.state = name, what, state


def show_lines(lines: tuple[str, ...]) -> None:
    """Keep a report in words for the panel."""
    forget()
    report.lines = lines


def forget_when_changed(_: PropertyGroup, __: Context) -> None:
    """Another character or table was chosen."""
    forget()


def forget() -> None:
    """Nothing is known any more."""
    report.match, report.keyed, report.applied, report.lines = None, None, "", ()
    switches(bpy.context.window_manager).mien_report.clear()


def register() -> None:
    """Make room for the rows."""
    bpy.utils.register_class(ReportRow)
    switches(bpy.types.WindowManager).mien_report = CollectionProperty(type=ReportRow)
    switches(bpy.types.WindowManager).mien_report_row = IntProperty()


def unregister() -> None:
    """Take it away."""
    forget()
    del switches(bpy.types.WindowManager).mien_report_row
    del switches(bpy.types.WindowManager).mien_report
    bpy.utils.unregister_class(ReportRow)
