# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk that is full after some bytes, as far as one process is concerned."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def full_after(size: int) -> Iterator[None]:
    """No file can grow beyond a size: writing on fails, as it does on a full disk."""
    resource = pytest.importorskip("resource", reason="this system knows no limits")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
