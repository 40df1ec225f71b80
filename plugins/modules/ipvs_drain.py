#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes new connections away from a real server, waits for the old ones, and gives new ones back.

Where vipd's director runs, it is told; it keeps to it whatever the checks say. Under keepalived the weight in the
kernel is set, and what it was is noted in a file that a reboot removes, as it does the table.
"""

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_drain
short_description: Takes a real server out of service without breaking a connection, and puts it back
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - A drained real server has weight 0. It keeps its connections, and gets no new ones.
  - Run it on every director, so that it holds whichever is active. Connections are only on the active one.
  - Where vipd runs, its director is told, and remembers it over a reload. A server that an operator has taken down
    (C(vipctl rs SERVER down)) is left alone, and the module fails. Under keepalived the weight is set in the
    kernel; a reload of keepalived, or a check that changes its mind, may set it again.
attributes:
  check_mode:
    support: full
    description: Tells what would change and changes nothing. It does not wait.
  diff_mode:
    support: full
    description: Shows the weights in the kernel.
options:
  real_server:
    description: The address of a real server, for all its services, or address:port.
    type: str
    required: true
  state:
    description: Whether it is drained, or serves again with the weight that it had.
    type: str
    choices: [drained, serving]
    default: drained
  wait:
    description: Whether to wait until its connections have ended.
    type: bool
    default: true
  connections:
    description: With how many active connections it counts as drained.
    type: int
    default: 0
  timeout_s:
    description: Seconds to wait for that. After them the task fails.
    type: float
    default: 300.0
  undo:
    description: Whether it serves again when the time is up.
    type: bool
    default: false
  socket:
    description: Where vipd's director is asked.
    type: path
    default: /run/vipd/director.sock
  notes:
    description: Where weights are noted, without vipd.
    type: path
    default: /run/lbha-pair.ipvs-drain.json
seealso:
  - module: lbha.pair.ipvs_info
"""

EXAMPLES = r"""
- name: Drain a real server on all directors before it is updated
  lbha.pair.ipvs_drain:
    real_server: "{{ hostvars[inventory_hostname].ansible_host }}"
    timeout_s: 120
  delegate_to: "{{ item }}"
  loop: "{{ groups['lb'] }}"

- name: Let it serve again
  lbha.pair.ipvs_drain:
    real_server: "{{ hostvars[inventory_hostname].ansible_host }}"
    state: serving
  delegate_to: "{{ item }}"
  loop: "{{ groups['lb'] }}"
"""

RETURN = r"""
weights:
  description: The weight of the real server in each service, afterwards.
  returned: success
  type: dict
  sample: {"TCP 10.0.0.250:80 -> 10.0.0.7:80": 0}
active:
  description: How many active connections it has left.
  returned: success
  type: int
waited_s:
  description: How many seconds it took.
  returned: success
  type: float
"""

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Callable, Optional, Union

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.vipd.asking import NoAnswerError, ask
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs_services import ServiceKey
from ansible_collections.lbha.pair.plugins.module_utils.vipd.director.table import (
    Destination,
    DestinationKey,
    SetDestination,
)
from ansible_collections.lbha.pair.plugins.module_utils.vipd.linux.ipvs import Ipvs, NoIpvsError

POLL_S = 1.0


class NotDoneError(Exception):
    """The text says why, and what to do."""


@dataclass(frozen=True)
class Found:
    """A real server in one service."""

    service: ServiceKey
    key: DestinationKey
    destination: Destination
    active: int

    def __str__(self) -> str:
        return f"{self.service} -> {self.key}"


class Table:
    """One real server in the kernel's table. ``notes`` has the weights from before a drain."""

    def __init__(self, kernel: Ipvs, real_server: str, notes: str) -> None:
        self.kernel = kernel
        self.real_server = real_server
        self.notes = notes

    def found(self) -> list[Found]:
        return [
            Found(service, key, destination, counts["active"])
            for service in self.kernel.services()
            for key, destination, counts in self.kernel.destinations(service)
            if self.real_server in (str(key.address), str(key))
        ]

    def set_weights(self, weights: dict[str, int]) -> None:
        """By service and destination, as a ``Found`` is called."""
        for one in self.found():
            wanted = replace(one.destination, weight=weights.get(str(one), one.destination.weight))
            if wanted != one.destination:
                self.kernel.apply(SetDestination(one.service, one.key, wanted))

    def noted(self) -> dict[str, dict[str, int]]:
        try:
            with open(self.notes, encoding="utf-8") as file:
                found: dict[str, dict[str, int]] = json.load(file)
        except FileNotFoundError:
            return {}
        return found

    def note(self, weights: Optional[dict[str, int]]) -> None:
        """None forgets them."""
        noted = {name: known for name, known in self.noted().items() if name != self.real_server}
        if weights is not None:
            noted[self.real_server] = weights
        if not noted:
            with suppress(FileNotFoundError):
                os.unlink(self.notes)
            return
        beside = f"{self.notes}.new"
        with open(beside, "w", encoding="utf-8") as file:
            json.dump(noted, file)
        os.replace(beside, self.notes)


class ByDirector:
    """vipd's director is told what is wanted."""

    def __init__(self, say: Callable[[str], dict[str, Any]], ask_director: Callable[[], dict[str, Any]]) -> None:
        self._say = say
        self._ask = ask_director

    def is_drained(self, real_server: str) -> bool:
        servers = [one for server in self._ask()["virtual_servers"] for one in server["real_servers"]]
        mine = [one["admin"] for one in servers if real_server in (one["address"], one["real_server"])]
        if not mine:
            known = ", ".join(sorted({one["real_server"] for one in servers})) or "none"
            raise NotDoneError(f"no virtual server has the real server {real_server}; there are {known}")
        if "down" in mine:
            raise NotDoneError(
                f"an operator has taken {real_server} down: vipctl rs {real_server} up, if it may serve again"
            )
        return all(admin == "drain" for admin in mine)

    def drain(self) -> None:
        self._say("drain")

    def serve(self) -> None:
        self._say("up")


class ByWeight:
    """The kernel is told; keepalived is not, and leaves a weight that it set before."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def is_drained(self, real_server: str) -> bool:
        found = self._table.found()
        if not found:
            raise NotDoneError(
                f"no service in the kernel has the real server {real_server}: lbha.pair.ipvs_info shows all"
            )
        return all(one.destination.weight == 0 for one in found) and real_server in self._table.noted()

    def drain(self) -> None:
        found = self._table.found()
        before = {str(one): one.destination.weight for one in found}
        self._table.note({**before, **self._table.noted().get(self._table.real_server, {})})
        self._table.set_weights(dict.fromkeys(before, 0))

    def serve(self) -> None:
        self._table.set_weights(self._table.noted().get(self._table.real_server, {}))
        self._table.note(None)


Hand = Union[ByDirector, ByWeight]


class Clock:
    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def weights(found: list[Found]) -> dict[str, int]:
    return {str(one): one.destination.weight for one in found}


def await_few(table: Table, most: int, timeout_s: float, clock: Clock) -> None:
    until_s = clock.now() + timeout_s
    while True:
        active = sum(one.active for one in table.found())
        if active <= most:
            return
        if clock.now() >= until_s:
            raise NotDoneError(
                f"after {timeout_s:g} s {table.real_server} has {active} active connections, and {most} are allowed"
            )
        clock.sleep(POLL_S)


def run(table: Table, hand: Hand, wanted: dict[str, Any], dry: bool, clock: Clock) -> dict[str, Any]:
    drained, wants = hand.is_drained(table.real_server), wanted["state"] == "drained"
    before, began_s = table.found(), clock.now()
    if drained != wants and not dry:
        (hand.drain if wants else hand.serve)()
    if wants and wanted["wait"] and not dry:
        try:
            await_few(table, wanted["connections"], wanted["timeout_s"], clock)
        except NotDoneError as error:
            if not wanted["undo"] or drained:
                raise NotDoneError(f"{error}. It stays drained: state=serving lets it serve again") from None
            hand.serve()
            raise NotDoneError(f"{error}. It serves again") from None
    after = table.found()
    return {
        "changed": drained != wants,
        "weights": weights(after),
        "active": sum(one.active for one in after),
        "waited_s": round(clock.now() - began_s, 1),
        "diff": {"before": _shown(drained, before), "after": _shown(wants, after)},
    }


def _shown(drained: bool, found: list[Found]) -> str:
    lines = "".join(f"{one} weight {0 if drained else one.destination.weight}\n" for one in found)
    return f"{'drained' if drained else 'serving'}\n{lines}"


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "real_server": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["drained", "serving"], "default": "drained"},
            "wait": {"type": "bool", "default": True},
            "connections": {"type": "int", "default": 0},
            "timeout_s": {"type": "float", "default": 300.0},
            "undo": {"type": "bool", "default": False},
            "socket": {"type": "path", "default": "/run/vipd/director.sock"},
            "notes": {"type": "path", "default": "/run/lbha-pair.ipvs-drain.json"},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    path, real_server = wanted["socket"], wanted["real_server"]
    try:
        table = Table(Ipvs(), real_server, wanted["notes"])
        if os.path.exists(path):
            hand: Hand = ByDirector(
                lambda state: ask(path, "rs", real_server=real_server, state=state), lambda: ask(path, "director")
            )
        else:
            hand = ByWeight(table)
        result = run(table, hand, wanted, module.check_mode, Clock())
    except (NotDoneError, NoAnswerError, NoIpvsError, ValueError) as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"the table of IPVS cannot be changed: {error.strerror or error}; root is needed")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
