# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The director as a library: ``handle(event, now) -> effects``, ``next_deadline()``, ``snapshot()``.

    events.py          what happened (past tense)
    effects.py         what is to be done (imperative)
    checking.py        THE STATE MACHINE of one checker: retries, recovery, when to look again
    real_server.py     a real server: its checks, its weight, what an operator wants of it
    virtual_server.py  quorum, sorry server, and the destinations that follow
    services.py        a configured virtual server as services of IPVS
    table.py           the IPVS table, and the difference between two
    connection_sync.py which threads copy connections to the other director
    listing.py         the table in the lines of ipvsadm -Ln
    director.py        all virtual servers of a node: events in, effects out, reload

No socket, no clock, no thread, no randomness, no logging: time and numbers by chance come in as arguments.
What carries the effects out: ``runtime/direction.py``; the kernel's side: ``linux/ipvs.py``; the checks: ``checks/``.
"""
