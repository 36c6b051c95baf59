# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong for the user, said in one sentence each."""


class MienError(Exception):
    """A failure that the user can act on.

    The message is one clear sentence that names the file or setting at fault and the next step;
    the command line and the operators show it as it is, without a traceback.
    """


class SourceError(MienError):
    """The footage cannot be read: missing, empty, not a video, unknown codec, empty range."""


class TakeError(MienError):
    """A take file is damaged, foreign, or of a version that this Mien does not know."""


class ModelError(MienError):
    """A model file (head, regressor, finder) is missing, damaged or of the wrong shape."""


class NoFaceError(MienError):
    """No face was found in any frame of the footage."""


class MappingError(MienError):
    """A mapping table is missing, damaged, or says something that makes no sense."""


class AvatarError(MienError):
    """A character cannot take a performance: nothing that matches, no face, too unlike a head."""


def changed_footage() -> SourceError:
    """To be raised where none of a take's frames is in its footage any more."""
    return SourceError("The footage has changed since it was captured; capture it again.")
