# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every system call of the agent. Thin: a module here knows the kernel, never the election.

For the VRRP process, standard library and ctypes only, nothing that waits:

    vrrp_socket.py  adverts in and out of one interface
    vrrp_tap.py     adverts in at a VMAC interface
    packet_filter.py  which VRIDs it is that such a socket receives
    frame_socket.py  gratuitous ARP and neighbour advertisements out of one interface
    netlink.py      the form of netlink messages, as bytes
    netlink_query.py  what is there: asks the kernel for its links and addresses
    rtnetlink.py    prepared messages to the kernel, one batch at a time
    removal_watch.py  which addresses, routes and rules other programs removed
    timerfd.py      the one deadline, and the clock
    process.py      locked memory, real-time scheduling
    systemd.py      readiness and watchdog
    link.py         what is known of one interface; both processes speak of it

For the worker process; links.py wants a loop of asyncio:

    addresses.py    prepares the messages that rtnetlink.py sends
    routes.py       the same of routes
    rules.py        the same of routing policy rules
    iproute_names.py  iproute2's names of tables, protocols, scopes
    links.py        watches interfaces: up or down, MAC, addresses
    own_addresses.py  which addresses are this node's own, for vipctl check
    way.py          how this node reaches an address, for the same
    sysctl.py       the kernel's settings of one interface
    nftables.py     the table that keeps traffic from VIPs which their master must not accept
    vmac.py         VMAC interfaces: made, adopted, removed, and the settings around them
    inotify.py      which files in a directory were written, came or went
    process_events.py  which processes began, changed or ended
    peer.py         who is at the other end of the control socket
"""
