# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes to frozen dataclasses and back: ``decode(bytes) -> x``, ``encode(x) -> bytes``. Pure: no socket, no clock.

    vrrp.py      VRRP advertisements, versions 2 and 3, over IPv4 and IPv6
    ipv4.py      the IPv4 packet around them
    arp.py       gratuitous ARP frames, which announce an IPv4 address
    ndp.py       unsolicited neighbour advertisements, which announce an IPv6 address
    address.py   IP addresses of both families, and their octets
    coverage.py  what the checksum of an advert covers
    checksum.py  the Internet checksum, with and without a pseudo-header
    errors.py    why bytes were refused: typed reasons that are also metric labels

A codec judges form only. Whether a well-formed advert counts here (TTL, password, interval, VIP list) depends on the
configuration and is decided in ``core/``. The sockets these bytes travel through are in ``linux/``.
"""
