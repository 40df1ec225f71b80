# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operator's configuration makes the worker run, and when.

program.py  one run of one program: user, timeout, how it ended
script.py   vrrp_script: each at its interval, results as core events
notify.py   notify commands: one after another for each instance
"""
