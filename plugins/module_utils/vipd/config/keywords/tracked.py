# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keywords of what may be tracked: vrrp_script, vrrp_track_process, track_file; bfd_instance is read over."""

from __future__ import annotations

from ..compound import Both, InitFile, Name, ParameterMatch, Words
from ..number_values import COUNT_MAX, FILE_WEIGHT_MAX, SECONDS_MAX, Integer, Seconds, Weight
from ..script_line import Account, Argv
from ..table import Block, Repeated, acts, warns
from ..tracked import VrrpScript, VrrpTrackFile, VrrpTrackProcess
from ..values import Flag, Word

QUORUM_MAX = 65535
DELAY_MAX_S = 3600

_DELAY = Seconds(0.000001, DELAY_MAX_S)

VRRP_SCRIPT = Block(
    (
        acts("script", Argv(), "command.argv"),
        acts("interval", Seconds(0.001, SECONDS_MAX), "interval_s"),
        acts("timeout", Seconds(0.001, SECONDS_MAX), "timeout_s"),
        acts("weight", Weight(), "weight reverse"),
        acts("rise", Integer(1, COUNT_MAX)),
        acts("fall", Integer(1, COUNT_MAX)),
        acts("user", Account(), "command.user"),
        acts("init_fail", Flag()),
    )
)

VRRP_TRACK_PROCESS = Block(
    (
        acts("process", Words("a program and perhaps its arguments")),
        acts("param_match", ParameterMatch()),
        acts("weight", Weight(Integer(-FILE_WEIGHT_MAX, FILE_WEIGHT_MAX)), "weight reverse"),
        acts("quorum", Integer(1, QUORUM_MAX)),
        acts("quorum_max", Integer(0, QUORUM_MAX)),
        acts("delay", Both(_DELAY), "fork_delay_s terminate_delay_s", alias=True),
        acts("fork_delay", _DELAY, "fork_delay_s"),
        acts("terminate_delay", _DELAY, "terminate_delay_s"),
        acts("full_command", Flag()),
    )
)

TRACK_FILE = Block(
    (
        acts("file", Word("a path")),
        acts("weight", Weight(Integer(-FILE_WEIGHT_MAX, FILE_WEIGHT_MAX)), "weight reverse"),
        acts("init_file", InitFile(Integer(-FILE_WEIGHT_MAX, FILE_WEIGHT_MAX)), "init_file overwrite"),
    )
)

BFD_INSTANCE = Block(
    warns(
        "neighbor_ip neighbour_ip source_ip min_rx min_tx idle_tx multiplier passive ttl hoplimit max_hops multihop"
        " weight vrrp checker"
    )
)

SCRIPTS = Repeated(VrrpScript, VRRP_SCRIPT, Name(), "name")
PROCESSES = Repeated(VrrpTrackProcess, VRRP_TRACK_PROCESS, Name(), "name")
FILES = Repeated(VrrpTrackFile, TRACK_FILE, Name(), "name")
