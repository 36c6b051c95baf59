# SPDX-License-Identifier: GPL-3.0-or-later
"""A name under which decoders written in C can open a file, whatever it is called."""

import os
import tempfile
from pathlib import Path

from ...errors import SourceError


class PlainPath:
    """An absolute path in UTF-8 to a file; a context manager, or closed by hand.

    OpenCV crashes on names that are no UTF-8, and FFmpeg takes ``12:30.mp4`` for a protocol. An
    absolute path has no protocol; a name that is no UTF-8 is met by way of a link in a folder of its
    own.
    """

    def __init__(self, path: Path) -> None:
        """Make the link if it is needed.

        Raises:
            SourceError: the file cannot be met under a plain name.
        """
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.text = str(path.absolute())
        try:
            self.text.encode("utf-8")
        except UnicodeEncodeError:
            self._folder = tempfile.TemporaryDirectory(prefix="mien-")
            self.text = str(Path(self._folder.name) / "footage")
            try:
                os.symlink(path.absolute(), self.text)  # noqa: PTH211 - bytes go through as they are
            except OSError:
                self.close()
                raise SourceError(
                    f"The name of {str(path)!a} is no UTF-8; give the file another name."
                ) from None

    def close(self) -> None:
        """Remove the link."""
        if self._folder is not None:
            self._folder.cleanup()

    def __enter__(self) -> str:
        return self.text

    def __exit__(self, *_: object) -> None:
        self.close()
