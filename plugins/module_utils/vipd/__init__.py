# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipd, a VRRP agent that keeps each virtual IP on exactly one node of a pair.

One sentence rules it: the core turns ``(event, now)`` into effects; the runtime turns the world
into events and effects into system calls.

    config/    keepalived.conf text -> typed model -> checks -> text again
    wire/      bytes <-> dataclasses: IPv4, VRRP, ARP, NDP; pure
    core/      the state machine, the election, sync groups, tracking; pure
    director/  virtual servers: quorum, weights, the IPVS table that should be; pure
    runtime/   the VRRP process's loop, the worker process, the channel between them
    linux/     sockets, addresses, links, timers; every system call is made here
    checks/    the user's check and notify scripts, tracked files and processes, checks of real servers
    metrics/   what a node tells Prometheus; no part of the daemon
    start.py   the beginning of the daemon; cli.py is its keepalived-compatible command line
    ctl.py     vipctl, the operator's command line
    zip_modules.py, lazy_inspect.py  what makes the zipapp start fast and stay small

Imports point one way: ``config``, ``wire`` <- ``core`` <- ``runtime`` -> ``linux``, ``checks``.

Glossary
    VIP       a virtual IP address, held by the master of an instance
    instance  a ``vrrp_instance`` block; RFC 9568 calls it a virtual router
    VRID      the number, 1 to 255, that names an instance on the wire
    MASTER    the node that holds the VIPs; RFC 9568 says Active
    BACKUP    a node ready to take them; RFC 9568 says Backup
    FAULT     a node whose interface, address or tracked check rules it out
    advert    the VRRP advertisement that a master sends to the group or to its peers
    skew      (256 - priority) / 256 s: lets the best backup take over first
"""
