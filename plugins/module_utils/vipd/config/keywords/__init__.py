# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""THE TABLE: every keyword of keepalived.conf, what may follow it, and what vipd does with it.

``parse`` follows this table and ``render`` writes in its order; docs/configuration.md is made from it. Source:
keepalived.conf(5), and keepalived's grammar up to 2.4. ``same_as`` lists arguments that ask for what vipd does
anyway; the keyword is then silently right.

    root.py         the top level, and where a keyword belongs
    global_defs.py  global_defs
    instance.py     vrrp_instance
    groups.py       vrrp_sync_group, track_group, garp_group
    tracked.py      vrrp_script, vrrp_track_process, track_file
    garp.py         what global_defs and vrrp_instance share
    extension.py    vipd's own file
    lvs.py          virtual_server and what it holds; checkers.py: its health checkers

What the table is made of: ``../table.py``.
"""
