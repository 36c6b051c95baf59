# SPDX-License-Identifier: GPL-3.0-or-later
"""Trained weights to the ONNX files that ship, and back."""
