# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node as modules see it: systemd, the kernel's addresses, and an agent that answers, hangs or is not there."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.vipd.asking import NoAnswerError

VIP = "10.0.0.3"
MAC = "52:54:00:12:34:56"
PEER = {"address": "10.0.0.6", "priority": 100, "heard_s_ago": 0.3}


class Node:
    """A master of one VIP; ``peer_takes``: what becomes of an offer. Also a fake of AnsibleModule for ``look``."""

    def __init__(self) -> None:
        self.units = {"vipd": "active", "keepalived": "inactive"}
        self.addresses = ["10.0.0.5", VIP]
        self.state = "MASTER"
        self.master: dict[str, Any] | None = None
        self.yielding: dict[str, Any] | None = None
        self.maintenance = False
        self.hangs = self.bus_drops = False
        self.peer_takes = self.peer_is_heard = True
        self.asked: list[tuple[str, dict[str, Any]]] = []

    # What the module asks the host

    def get_bin_path(self, arg: str) -> str | None:
        return f"/usr/bin/{arg}"

    def run_command(self, args: list[str]) -> tuple[int, str, str]:
        if args[0].endswith("ip"):
            return 0, json.dumps([{"address": MAC, "addr_info": [{"local": one} for one in self.addresses]}, {}]), ""
        if self.bus_drops:
            return 1, "", "Failed to get properties: Connection reset by peer"
        states = [self.units.get(name.partition(".")[0]) for name in args if name.endswith(".service")]
        return 0, "\n".join(map(_shown, states)), ""

    # What it asks the agent

    def ask(self, _path: str, command: str, _timeout_s: float = 5.0, **more: Any) -> dict[str, Any]:
        if self.hangs:
            raise NoAnswerError("no answer from vipd on control.sock (timed out)")
        self.asked.append((command, more))
        if command == "yield" and more.get("end"):
            self._come_back()
        elif command == "yield":
            self._give(more.get("for_s"))
        elif command == "maintenance":
            self._maintain(more["on"], more["force"])
        kept = [one["name"] for one in self._instances() if one["state"] == "MASTER"]
        return {
            "instances": self._instances(),
            "kept": kept,
            "maintenance": self.maintenance,
            "maintenance_note": {"reason": "new disk", "since": 1.0} if self.maintenance else None,
            "history": [],
        }

    def _give(self, for_s: float | None) -> None:
        if self.peer_takes:
            self.addresses = ["10.0.0.5"]
            self.state, self.master = "BACKUP", PEER if self.peer_is_heard else None
            self.yielding = {"offering": False, "back_off_s": for_s, "why": "an operator asked it to yield"}

    def _come_back(self) -> None:
        self.addresses = ["10.0.0.5", VIP]
        self.state, self.master, self.yielding = "MASTER", None, None

    def _maintain(self, on: bool, force: bool) -> None:
        self.maintenance = on and (self.peer_takes or force)
        if self.maintenance:
            self._give(None)

    def _instances(self) -> list[dict[str, Any]]:
        plain = {"interface": "eth0", "since_s": 5.0, "reason": "started", "sync_group": None, "takes_over_in_s": None}
        return [
            {
                **plain,
                "name": "VI_1",
                "state": self.state,
                "priority": 150,
                "base_priority": 150,
                "nopreempt": False,
                "advert_int_s": 1.0,
                "vips": [f"{VIP}/24"],
                "master": self.master,
                "master_advert_int_s": 1.0,
                "yielding": self.yielding,
                "faults": [],
            }
        ]


def _shown(state: str | None) -> str:
    """A unit, as systemctl shows it."""
    return f"LoadState={'loaded' if state else 'not-found'}\nActiveState={state or 'inactive'}\n"
