# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole pair in one process: real cores, and a network, kernels and clocks that are made of numbers.

It must never read the clock, open a socket or start a thread: one seed is one history, to the last event.

    world.py       World(seed): a safety phase with faults, then a healed one that must converge; start here
    schedule.py    the heap of what happens next
    segment.py     how a site speaks, and its addresses
    site.py        what every node's configuration says; reloads change it
    drawing.py     the site that a seed draws
    node.py        one node: its daemon as runtime/engine.py turns it, its worker, its clock, its kernel
    packet.py      an advert as bytes
    network.py     carries adverts: delay, loss, duplicates, reordering, partitions; and a switch's memory
    faults.py      what goes wrong, and how long
    trouble.py     when something went wrong for whom: what excuses two masters
    checkers.py    what must hold, by name, and in which file each rule is
    oracle.py      what a node should think of itself, from what it was told; debounce.py: what links count as
    giving.py      what a node gives away, as it was told; gifts.py: when
    ledger.py      what the checkers share
    transcript.py  the last events, for people
    mutants.py     broken cores, each of which a checker must catch; with mutants_beyond_v2.py and mutants_of_giving.py
"""
