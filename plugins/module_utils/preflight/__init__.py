# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node's surroundings say before a pair is deployed there. Nothing here changes a node.

    finding.py     what was found, and what a node shall run: the nouns of this package
    interfaces.py  is the interface up, and is the VIP in its subnet
    segment.py     the wire: whoever answers for a VIP, adverts of others, whether the hosts hear each other
    strangers.py   what of that is somebody else's
    firewall.py    firewalld, ufw, nftables: is protocol 112 let in
    keepers.py     programs that take addresses away which they did not set
    clouds.py      networks that carry neither multicast nor gratuitous ARP
    clocks.py      is the time the same everywhere

The module ``preflight_info`` puts it together.
"""
