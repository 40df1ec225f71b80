# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a configuration that reads well, a theme a file; ``../check.py`` runs them all.

    names.py      what is named twice, and what is named and not there
    wholeness.py  blocks that lack what they are for
    protocol.py   versions, intervals, peers, passwords: what goes on the wire
    addresses.py  virtual addresses, routes and rules
    tracking.py   what is tracked: weights that do nothing, checks that come late
    groups.py     sync groups
    strict.py     what vrrp_strict takes away
    interfaces.py VMACs and delays
    node.py       what this node must have: interfaces; and must not: the address of a peer

A check looks at the model alone and adds to the findings. What keepalived -t says as well is marked: ours=False.
Nothing here compares nodes: ``../across.py`` does.
"""
