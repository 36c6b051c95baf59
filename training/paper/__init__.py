# SPDX-License-Identifier: GPL-3.0-or-later
"""The paper's figures that are experiments, a command each: ``python -m training.paper figure6`` and so on."""
