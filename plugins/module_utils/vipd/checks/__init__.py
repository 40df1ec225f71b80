# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operator's configuration makes the worker run, and when.

security.py       whether a program may run, and as whom
program.py        one run of one program: timeout, how it ended
script.py         vrrp_script: each at its interval, results as core events
process.py        vrrp_track_process: how many processes match
file.py           vrrp_track_file: the number in a file
notifications.py  who is told of a change: the three below
notify.py         notify commands: one after another for each instance and group
fifo.py           notify FIFOs: a line an event
mail.py           alerts by mail; alert.py composes them
"""
