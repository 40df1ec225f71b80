# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation of several modules says in the same words."""

from __future__ import annotations


class ModuleDocFragment:
    """``lbha.pair.attributes``: of a module that only looks."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    support: full
    description: It never changes anything, and does the same in check mode.
  diff_mode:
    support: none
    description: It never changes anything.
"""
