# SPDX-License-Identifier: GPL-3.0-or-later
"""What is drawn over Blender's editors: confidence, landmarks, the picture to pick a face from."""
