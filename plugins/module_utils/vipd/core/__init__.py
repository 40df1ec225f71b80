# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The protocol as a library: ``handle(event, now) -> effects``, ``next_deadline()``, ``snapshot()``.

    events.py       what happened (past tense)
    effects.py      what is to be done (imperative)
    instance.py     THE STATE MACHINE of one instance: INIT, BACKUP, MASTER, FAULT
    transitions.py  which state may follow which, and on what
    settings.py     what a configuration comes to: every default filled in
    garp.py         how often addresses are announced
    timers.py       skew, master-down and the other intervals
    advert.py       what an instance sends, and expects to hear
    receive.py      whether an advert counts, and if not, why
    tracking.py     scripts and interfaces -> priority and faults
    router.py       all instances of a node: events in, effects out, reload
    explain.py      a snapshot in sentences: why am I (not) master?

No socket, no clock, no thread, no randomness, no logging: time and packets come in as arguments.
"""
