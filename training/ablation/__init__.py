# SPDX-License-Identifier: GPL-3.0-or-later
"""The paper's ablation (tables 3 and 4, figure 7) at a budget that a small machine allows."""
