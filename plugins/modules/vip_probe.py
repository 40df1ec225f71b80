#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connects to a VIP again and again from a third host, and says for how long nobody answered."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vip_probe
short_description: Watches a VIP from another host, and measures how long it did not answer
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Opens a TCP connection to the VIP every O(interval_ms), each on its own, and closes it.
  - Run it with C(async) while something is done to the pair. The playbook C(lbha.pair.drill) does.
extends_documentation_fragment: [lbha.pair.attributes]
options:
  address:
    description: The VIP.
    type: str
    required: true
  port:
    description: What listens there.
    type: int
    default: 80
  seconds:
    description: For how long.
    type: float
    default: 10.0
  interval_ms:
    description: How often.
    type: int
    default: 20
  give_up_ms:
    description: An attempt without an answer for so long has failed. The kernel repeats none sooner than after 1 s.
    type: int
    default: 250
  stop_file:
    description: It ends sooner when this file is there.
    type: path
"""

EXAMPLES = r"""
- name: Watch for a minute
  lbha.pair.vip_probe:
    address: 10.0.0.3
    seconds: 60
  async: 90
  poll: 0
  register: watching
"""

RETURN = r"""
attempts:
  description: How many connections were tried.
  returned: success
  type: int
unanswered:
  description: How many of them were refused, or not answered.
  returned: success
  type: int
longest_gap_s:
  description:
    - The longest time without an answer, from the last attempt that was answered before a failure to the arrival of the
      first answer after it. V(0.0) when none failed.
  returned: success
  type: float
answers:
  description: Whether the last attempt was answered.
  returned: success
  type: bool
"""

import os
import socket
import time
from typing import Any, Callable, Optional

from ansible.module_utils.basic import AnsibleModule


class Gaps:
    """Attempts in, gaps out."""

    def __init__(self, began_s: float) -> None:
        self.attempts = self.failed = 0
        self.longest_s = 0.0
        self._last_good_s = began_s
        self._failing = False

    def note(self, sent_s: float, ended_s: float, answered: bool) -> None:
        self.attempts += 1
        if answered:
            if self._failing:
                self.longest_s = max(self.longest_s, ended_s - self._last_good_s)
            self._last_good_s, self._failing = sent_s, False
        else:
            self.failed += 1
            self._failing = True
            self.longest_s = max(self.longest_s, ended_s - self._last_good_s)

    def plain(self) -> dict[str, Any]:
        return {
            "attempts": self.attempts,
            "unanswered": self.failed,
            "longest_gap_s": round(self.longest_s, 3),
            "answers": not self._failing and self.attempts > 0,
        }


def connects(address: str, port: int, give_up_s: float) -> bool:
    try:
        with socket.create_connection((address, port), give_up_s):
            return True
    except OSError:
        return False


def watch(
    connect: Callable[[], bool], seconds: float, interval_s: float, is_over: Optional[Callable[[], bool]] = None
) -> Gaps:
    """On a fixed grid; a slot that passed while an attempt waited is left out."""
    began_s = next_s = time.monotonic()
    gaps = Gaps(began_s)
    while next_s < began_s + seconds and not (is_over and is_over()):
        time.sleep(max(0.0, next_s - time.monotonic()))
        sent_s = time.monotonic()
        answered = connect()
        gaps.note(sent_s, time.monotonic(), answered)
        next_s = max(next_s + interval_s, time.monotonic())
    return gaps


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "address": {"type": "str", "required": True},
            "port": {"type": "int", "default": 80},
            "seconds": {"type": "float", "default": 10.0},
            "interval_ms": {"type": "int", "default": 20},
            "give_up_ms": {"type": "int", "default": 250},
            "stop_file": {"type": "path"},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    stop_file = wanted["stop_file"]
    found = watch(
        lambda: connects(wanted["address"], wanted["port"], wanted["give_up_ms"] / 1000),
        wanted["seconds"],
        wanted["interval_ms"] / 1000,
        (lambda: os.path.exists(stop_file)) if stop_file else None,
    )
    module.exit_json(changed=False, **found.plain())


if __name__ == "__main__":
    main()
