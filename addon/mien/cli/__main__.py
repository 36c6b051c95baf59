# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point of ``mien``, ``python -m mien.cli`` and ``blender -b --command mien``."""

import contextlib
import os
import sys
import tempfile
import traceback

from ..core.errors import MienError
from ..terminal.printing import warn
from .batch import run_batch_command
from .commands import INTERRUPTED, run_capture, run_demo, run_info
from .export import run_export, run_import
from .parser import build_parser
from .retarget import run_retarget

COMMANDS = {
    "capture": run_capture,
    "export": run_export,
    "import": run_import,
    "retarget": run_retarget,
    "info": run_info,
    "demo": run_demo,
    "batch": run_batch_command,
}


def main(argv: list[str] | None = None, prog: str = "mien", add: bool = False) -> int:
    """Run one command.

    Args:
        argv: its words; those of the process by default.
        prog: how the program is called in help texts.
        add: whether a captured head is added to what the open Blender file holds.

    Returns:
        0 when it worked, 1 after an error that was explained in one sentence, 2 for words that make
        no sense, 130 when it was interrupted.
    """
    try:
        arguments = build_parser(prog).parse_args(argv)
    except SystemExit as stop:  # inside Blender the process must not end here
        return int(stop.code or 0)
    try:
        arguments.add = add
        return COMMANDS[arguments.command](arguments)
    except MienError as error:
        warn(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        warn("Stopped.")
        return INTERRUPTED
    except MemoryError:
        warn("error: The memory does not suffice; close other programs, or take shorter footage.")
        return 1
    except Exception as error:
        warn(f"error: Mien broke off ({type(error).__name__}: {error}); {_reported()}")
        return 1


def _reported() -> str:
    """Write down where an error came from that nobody foresaw; what to do with it."""
    trace = traceback.format_exc()
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="mien-", suffix=".log", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write(trace)
    except OSError:
        return f"please report this: {trace.splitlines()[-3].strip()}"
    return f"please report it with {file.name}."


def run() -> None:
    """Run one command as a program of its own, and end the process.

    Blender as a Python module may crash (4.2) or stand still (4.5) while Python takes it down, after all is
    written: where it was loaded the process ends without that.
    """
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody reads any more
            stream.flush()
    if "bpy" in sys.modules:
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    run()
