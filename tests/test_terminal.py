# SPDX-License-Identifier: GPL-3.0-or-later
import io
import os
import subprocess
import sys

import pytest
from mien.terminal.printing import plain, tell


def test_escape_codes_are_shown_and_not_obeyed() -> None:
    assert plain("a\x1b[2Jb\rc\x9bd\u202ee\nf") == "a\\x1b[2Jb\\rc\\x9bd\\u202ee\nf"
    assert plain("café 顔 \U0001f600") == "café 顔 \U0001f600"
    assert plain(os.fsdecode(b"caf\xe9")) == "caf\\udce9"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8", "cp932"])
def test_letters_that_a_terminal_lacks_are_spelt_out(encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
    tell("顔 é \udce9", stream)
    assert raw.getvalue().decode(encoding).endswith("\\udce9\n")


def test_nobody_need_read(tmp_path: object) -> None:
    program = (
        "import sys\nfrom mien.terminal.printing import tell, warn\n"
        "for _ in range(100_000): tell('x' * 100); warn('y' * 100)\nsys.exit(7)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    child.stderr.close()
    assert child.wait() == 7
