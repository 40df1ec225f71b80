# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The protocol as a library: ``handle(event, now) -> effects``, ``next_deadline()``, ``snapshot()``.

    events.py       what happened (past tense)
    effects.py      what is to be done (imperative)
    router.py       all instances of a node: events in, effects out
    reload.py       from one configuration to the next; identity.py: who is who on the wire

    instance.py     THE STATE MACHINE of one instance: INIT, BACKUP, MASTER, FAULT
    transitions.py  which state may follow which, and on what
    election.py     who is better, and how long to wait
    groups.py       sync groups: master together or not at all
    holdings.py     what a master holds: addresses, routes, rules; upkeep.py: how often it is put back
    statics.py      what is there whoever is master
    announce.py     when addresses are announced; pacing.py: how fast; garp.py: keepalived's numbers for it
    beat.py         masters of one interval advert together
    notify.py       who is told of a new state

    settings.py     what a configuration comes to: every default filled in
    yielding.py     giving the addresses away: an operator said so, or the kernel refuses one
    timers.py       skew, master-down and the other intervals
    advert.py       what an instance sends; voice.py: made once, sent for years
    receive.py      whether an advert counts, and if not, why; complaints.py: what people are told of that
    results.py      how scripts, processes and files stand; links.py: interfaces, without their flaps
    tracking.py     all of that -> priority and faults
    startup.py      the wait before a node takes part
    deadline.py     when somebody must act: the earliest of all deadlines
    snapshot.py     everything a person may ask; explain.py: in sentences, why am I (not) master?

No socket, no clock, no thread, no randomness, no logging: time and packets come in as arguments.
"""
