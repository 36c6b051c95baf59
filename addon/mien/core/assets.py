# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the shipped models lie: inside the installed extension, or beside ``addon/`` in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
"""The folder of the package ``mien``, wherever it is installed."""


def models_folder() -> Path:
    """The folder that holds ``head/``, ``regressor/``, ``finder/`` and ``contours/``."""
    inside = _PACKAGE / "models"
    return inside if inside.is_dir() else _PACKAGE.parents[1] / "models"


def head_path() -> Path:
    """The shipped morphable head."""
    return models_folder() / "head" / "head.npz"


def parts_path() -> Path:
    """What is shown on the head beside its own surface: brows, lashes, hair, eyes, teeth."""
    return models_folder() / "head" / "parts.npz"


def texture_path(name: str) -> Path:
    """A picture of the head's looks, such as ``skin.jpg``."""
    return models_folder() / "head" / "textures" / name


def regressor_path() -> Path:
    """The shipped regressor of the 62 parameters."""
    return models_folder() / "regressor" / "mobilenet_x05.onnx"


def small_regressor_path() -> Path:
    """The same regressor in 8 bits."""
    return in_eight_bits(regressor_path())


def in_eight_bits(path: Path) -> Path:
    """Where a network lies in 8 bits: beside its file."""
    return path.with_name(f"{path.stem}_int8{path.suffix}")


def reliability_path() -> Path:
    """How far the shipped regressor can be believed."""
    return models_folder() / "regressor" / "reliability.json"


def finder_path() -> Path:
    """The shipped face finder."""
    return models_folder() / "finder" / "finder.onnx"


def contours_path() -> Path:
    """The shipped network of contours, by which takes are refined."""
    return models_folder() / "contours" / "contours.onnx"
