# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shell around the core: two processes, a channel between them, and nothing that decides.

daemon.py       starts both processes; pid file, going to the background
engine.py       THE VRRP PROCESS: world -> events, in one small epoll loop
interpreter.py  effects -> system calls; the one place that carries effects out
lateness.py     how late the loop woke for its deadlines
sockets.py      the sockets of the VRRP process: which there are, which one something leaves by
worker.py       the other process: configuration, scripts, log, control socket
loading.py      a configuration file, judged on this node
refusals.py     what vipd or this node cannot do of it
ipvs_here.py    what it lacks for virtual servers
errand.py       work done in a process that ends with it
collector.py    no search for garbage where there is none
loading_beside.py  a configuration file, read by such a process while everything else goes on
preparation.py  links watched, and what a takeover needs prepared beforehand
encoding.py     from a configuration and links to ready bytes
route_words.py  its routes and rules, and words in them that mean nothing here
control.py      the unix socket that vipctl talks to
messages.py     what the two processes tell each other
snapshots.py    the state of all instances, packed for the way
channel.py      how: pickled frames over a socket pair, never blocking
dump.py         keepalived's dumps; dump_view, dump_json, dump_text: what they show
signals.py      keepalived's signals, by name and number
recording.py    events as lines of JSON, for vipctl replay; recording_file.py keeps them
release.py      taking VIPs off after a process died; also ``vipd --release``
journal.py      log lines, to the console or to syslog
direction.py    THE DIRECTOR'S PROCESS; director_process keeps it, ipvs_table and connection_sync carry out
admin_file.py   what operators want of real servers, for the next director
options.py      where the daemon finds and leaves its files
"""
