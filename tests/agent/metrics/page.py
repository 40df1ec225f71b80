# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prometheus' text format, read as strictly as its definition allows; and a node whose status is known."""

from __future__ import annotations

import re
from typing import Any

from tests.agent.core.conversation import Conversation

_SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (-?[0-9.e+-]+)')
_LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"')
_SUFFIXES = re.compile("_(bucket|sum|count)$")

Key = tuple[str, frozenset[tuple[str, str]]]

CONFIG = """config
vrrp_script chk {
    script "/bin/true"
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 150
    virtual_ipaddress {
        10.0.0.3/24
        10.0.0.4 dev eth1
    }
    virtual_ipaddress_excluded {
        10.0.0.9
    }
    track_script {
        chk
    }
}"""


def read(text: str) -> dict[Key, float]:
    """Samples; raises ValueError on what is none, stands outside its family, or is there twice."""
    samples: dict[Key, float] = {}
    kinds: dict[str, str] = {}
    family = ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split(" ", 3)[2]
        elif line.startswith("# TYPE "):
            _hash, _type, name, kind = line.split(" ")
            if name != family or name in kinds:
                raise ValueError(f"misplaced: {line}")
            kinds[name] = kind
        else:
            found = _SAMPLE.fullmatch(line)
            if found is None:
                raise ValueError(f"no sample: {line}")
            name = _SUFFIXES.sub("", found[1]) if kinds[family] == "histogram" else found[1]
            key = (found[1], frozenset(_LABEL.findall(found[2] or "")))
            if name != family or key in samples:
                raise ValueError(f"misplaced or twice: {line}")
            samples[key] = float(found[3])
    return samples


def value(text: str, metric: str, /, **labels: str) -> float:
    """Of the one sample of that name that has these labels, whatever others it has."""
    found = [number for (one, has), number in read(text).items() if one == metric and set(labels.items()) <= has]
    if len(found) != 1:
        raise LookupError(f"{len(found)} samples of {metric}{labels}")
    return found[0]


def node() -> Conversation:
    """A backup that has just started, its check script succeeding."""
    talk = Conversation()
    for words in ("link eth0 up 10.0.0.5", "link eth1 up 10.1.0.5", CONFIG, "script chk succeeds"):
        talk.say(words)
    return talk


def status(talk: Conversation, **more: Any) -> dict[str, Any]:
    """What the daemon answers; the worker's part is made up."""
    lateness = {"last_s": 0.0, "max_s": 0.004, "sum_s": 0.0042, "wakes": [{"up_to_s": 0.0002, "times": 1}]}
    lateness["wakes"].append({"up_to_s": None, "times": 2})  # type: ignore[attr-defined]
    worker = {
        "started_at": 1.7e9,
        "configuration": {"loaded_at": 1.7e9 + 0.5, "last_reload_ok": True},
        "director": False,
        "lateness": lateness,
        "dropped_messages": 0,
        "notifications": {"fifos": [{"path": "/run/fifo", "dropped": 3}]},
    }
    return {**worker, **talk.router.snapshot(talk.now), **more}
