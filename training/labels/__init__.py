# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels photos with the head's parameters: ``python -m training.labels FOLDER ...``."""
