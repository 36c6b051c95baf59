# SPDX-License-Identifier: GPL-3.0-or-later
"""The paper's backbones (table 5, figure 10) by name. Each turns a crop into one vector of pooled features.

``python -m training.networks.backbones`` prints their size and cost beside the paper's figures.
"""

from . import mobilenet, mobilenet_v2, mobilenet_v3, resnet  # noqa: F401  # they enter themselves
from .registry import BACKBONES, Backbone, build_backbone

__all__ = ["BACKBONES", "Backbone", "build_backbone"]
