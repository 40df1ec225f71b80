# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An event source for ansible-rulebook: every transition of the VIPs of a pair, as it happens.

Follows the journal of each node, where ``vipd_log_format: json`` writes a line for each. A stream that ends is begun
again where it broke off, so that what happened meanwhile comes late and not never. It only reads.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

DOCUMENTATION = r"""
---
short_description: Transitions of virtual IPs, from the journals of the nodes
description:
  - Sends an event for each transition that vipd logs on each of O(hosts). C(event.vipd) has V(host), V(instance),
    V(from), V(to), V(priority), V(reason) and V(time); C(event.meta.hosts) is the host, so that an action is limited
    to it.
  - When the stream from a host ends, an event with C(event.vipd.lost) is sent, and the stream is begun again where it
    ended.
  - The nodes need O(lbha.pair.vipd#role:vipd_log_format=json).
options:
  hosts:
    description: The nodes.
    type: list
    elements: str
    required: true
  command:
    description:
      - What is run for each node. In each word V({host}) is the node, and V({since}) is the second of Unix time from
        which on lines are wanted. Its standard output is read.
    type: list
    elements: str
    default:
      - ssh
      - -oBatchMode=yes
      - -oServerAliveInterval=5
      - "{host}"
      - journalctl
      - --unit=vipd
      - --output=cat
      - --lines=all
      - --follow
      - --since=@{since}
  retry_s:
    description:
      - How long to wait before an ended stream is begun again; twice as long each time, and no more than a minute.
    type: float
    default: 1
"""

EXAMPLES = r"""
- lbha.pair.transitions:
    hosts: [lb01, lb02]
"""

COMMAND = (
    *("ssh", "-oBatchMode=yes", "-oServerAliveInterval=5", "{host}"),
    *("journalctl", "--unit=vipd", "--output=cat", "--lines=all", "--follow", "--since=@{since}"),
)
OPTIONS = {"hosts", "command", "retry_s"}
RETRY_MAX_S = 60.0
END_LIMIT_S = 5.0
LINE_MAX = 64 * 1024  # octets; a transition takes a few hundred

Event = dict[str, Any]

LOG = logging.getLogger("lbha.pair.transitions")  # ansible-rulebook runs this file without its name


async def main(queue: asyncio.Queue[Event], args: Event) -> None:
    """Until it is cancelled. Raises ValueError on arguments that mean nothing."""
    hosts, command, retry_s = _understood(args)
    streams = [asyncio.ensure_future(_Stream(host, command, retry_s).follow(queue)) for host in hosts]
    try:
        ended, _others = await asyncio.wait(streams, return_when=asyncio.FIRST_EXCEPTION)
        for stream in ended:
            stream.result()
    finally:
        for stream in streams:  # once: each ends its program, and a second time would keep it from that
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)


def _understood(args: Event) -> tuple[list[str], list[str], float]:
    unknown = args.keys() - OPTIONS
    if unknown:
        known = ", ".join(sorted(OPTIONS))
        raise ValueError(f"lbha.pair.transitions knows {known}, and not {', '.join(sorted(unknown))}")
    return _words(args, "hosts"), _words({"command": list(COMMAND), **args}, "command"), float(args.get("retry_s", 1))


def _words(args: Event, name: str) -> list[str]:
    value = args.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(word, str) and word for word in value):
        raise ValueError(f"lbha.pair.transitions: {name} is {value!r}; expected a list, as in [lb01, lb02]")
    return value


class _Stream:
    """The journal of one host. What has been sent is not sent again when it is read anew."""

    def __init__(self, host: str, command: list[str], retry_s: float) -> None:
        self._host = host
        self._command = command
        self._retry_s = retry_s
        self._newest = time.time()

    async def follow(self, queue: asyncio.Queue[Event]) -> None:
        delay_s = self._retry_s
        while True:
            async for transition in self._transitions():
                delay_s = self._retry_s
                await queue.put(self._event(transition))
            await queue.put(self._event({"lost": True, "time": time.time()}))
            LOG.warning("no stream from %s; trying again in %g s", self._host, delay_s)
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, RETRY_MAX_S)

    async def _transitions(self) -> AsyncIterator[Event]:
        """Until the program ends; the program ends with this."""
        words = [
            word.replace("{host}", self._host).replace("{since}", str(int(self._newest))) for word in self._command
        ]
        process = await asyncio.create_subprocess_exec(
            *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, limit=LINE_MAX
        )
        try:
            if process.stdout is not None:
                async for transition in self._new(process.stdout):
                    yield transition
        finally:
            ending = asyncio.ensure_future(_end(process))
            try:
                await asyncio.shield(ending)
            except asyncio.CancelledError:  # while a program that had ended by itself was waited for
                await ending
                raise

    async def _new(self, lines: asyncio.StreamReader) -> AsyncIterator[Event]:
        while True:
            try:
                line = await lines.readline()
            except ValueError:
                continue  # longer than LINE_MAX: none of ours
            if not line:
                return
            transition = _transition(line)
            if transition is not None and transition["time"] > self._newest:
                self._newest = transition["time"]
                yield transition

    def _event(self, what: Event) -> Event:
        said = {name: value for name, value in what.items() if name not in ("event", "level", "text")}
        return {"vipd": {"host": self._host, **said}, "meta": {"hosts": self._host}}


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    try:
        await asyncio.wait_for(process.communicate(), END_LIMIT_S)
    except TimeoutError:  # somebody else may hold the other end of the pipe: let go of ours
        process._transport.close()  # type: ignore[attr-defined]


def _transition(line: bytes) -> Event | None:
    """None for all other lines of a journal."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_one = isinstance(said, dict) and said.get("event") == "transition" and isinstance(said.get("time"), (int, float))
    return said if is_one else None
