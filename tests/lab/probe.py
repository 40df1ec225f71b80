# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks a VIP for a page every 10 ms, each time on a connection of its own, and says what became of it.

Runs inside the client's network namespace, on the standard library alone:
``ip netns exec NETNS python3 -m tests.lab.probe 10.0.0.3 --seconds 60``. One JSON array a line on standard output:
``[sent, latency_ms, error or null, answered by or null]``; ``sent`` is CLOCK_MONOTONIC in seconds. It ends by
itself, after ``--seconds`` or when nobody reads any more.

A *gap* runs from the sending of the last probe that was answered before a failure to the arrival of the
first answer after it. Counting to the arrival matters: a request that was sent while nobody held the VIP may
wait in the client's neighbour queue and be answered late; by its sending time the gap would look shorter.

The kernel never repeats a probe: every one is given up (and reset, SO_LINGER 0) long before TCP's first
retransmission at 1 s. The client's neighbour table is left as Linux has it, because its users' are: an agent that
forgets its gratuitous ARP shows up here.
"""

from __future__ import annotations

import argparse
import json
import select
import socket
import struct
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Optional

from .record import Probe

INTERVAL_S = 0.010
GIVE_UP_AFTER_S = 0.300
LONGEST_RUN_S = 3600.0
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER, zero seconds
ANSWERED_BY = b"x-served-by:"


@dataclass(frozen=True)
class Gap:
    """``end_s`` is None when no answer followed."""

    start_s: float
    end_s: Optional[float]
    unanswered: int

    def seconds(self, until_s: float) -> float:
        return (until_s if self.end_s is None else self.end_s) - self.start_s


def gaps(probes: Iterable[Probe]) -> tuple[Gap, ...]:
    """All gaps in ``probes``. One that fails from the first probe on starts at that probe."""
    found: list[Gap] = []
    start_s: Optional[float] = None
    unanswered = 0
    for probe in sorted(probes, key=lambda probe: probe.sent_s):
        if probe.error is not None:
            start_s = probe.sent_s if start_s is None else start_s
            unanswered += 1
            continue
        if unanswered and start_s is not None:
            found.append(Gap(start_s, probe.answered_s, unanswered))
        start_s, unanswered = probe.sent_s, 0
    if unanswered and start_s is not None:
        found.append(Gap(start_s, None, unanswered))
    return tuple(found)


class Attempt:
    """One request on its way."""

    def __init__(self, target: tuple[str, int], request: bytes) -> None:
        self.sent_s = time.monotonic()
        self._request = request
        self._answer = b""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.socket.connect_ex(target)  # what became of it, the first event on the socket tells

    def advance(self) -> Optional[Probe]:
        """Something happened on the socket: go on; the result when there is one."""
        problem = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if problem:
            return self.finish(_ERRORS.get(problem, f"errno {problem}"))
        try:
            return self._transfer()
        except BlockingIOError:
            return None
        except OSError as error:
            return self.finish(_ERRORS.get(error.errno or 0, str(error)))

    def _transfer(self) -> Optional[Probe]:
        if self._request:
            self._request = self._request[self.socket.send(self._request) :]
            return None
        received = self.socket.recv(65536)
        self._answer += received
        if b"\r\n\r\n" in self._answer:
            return self.finish(_refusal(self._answer), _answered_by(self._answer))
        return None if received else self.finish("closed without an answer")

    @property
    def wants(self) -> int:
        return select.EPOLLOUT if self._request else select.EPOLLIN

    def finish(self, error: Optional[str], by: Optional[str] = None) -> Probe:
        latency_ms = (time.monotonic() - self.sent_s) * 1000
        self.socket.close()
        return Probe(round(self.sent_s, 6), round(latency_ms, 3), error, by)


_ERRORS = {101: "network unreachable", 104: "reset", 111: "refused", 113: "host unreachable"}


def _refusal(answer: bytes) -> Optional[str]:
    status = answer.split(b" ", 2)[1:2]
    return None if status == [b"200"] else f"HTTP status {b''.join(status).decode('ascii', 'replace')}"


def _answered_by(answer: bytes) -> Optional[str]:
    for line in answer.split(b"\r\n")[1:]:
        if line.lower().startswith(ANSWERED_BY):
            return line[len(ANSWERED_BY) :].strip().decode("ascii", "replace")
    return None


def slot_after(slot_s: float, now_s: float) -> float:
    """The next slot of the grid that is still to come, when ``slot_s`` was used at ``now_s``."""
    return slot_s + INTERVAL_S * (1 + (now_s - slot_s) // INTERVAL_S)


class Prober:
    """Sends on a fixed grid; a slot it slept through is left out, never made up for in a burst."""

    def __init__(self, target: tuple[str, int], until_s: float) -> None:
        self._target = target
        self._until_s = until_s
        self._request = f"GET / HTTP/1.1\r\nHost: {target[0]}\r\nConnection: close\r\n\r\n".encode("ascii")
        self._under_way: dict[int, Attempt] = {}  # at most GIVE_UP_AFTER_S / INTERVAL_S of them
        self._poll = select.epoll()

    def run(self) -> None:
        next_s = time.monotonic()
        while next_s < self._until_s or self._under_way:
            now_s = time.monotonic()
            if next_s <= now_s and next_s < self._until_s:
                self._send()
                next_s = slot_after(next_s, now_s)
            for descriptor, _events in self._poll.poll(max(0.0, min(next_s - time.monotonic(), INTERVAL_S))):
                self._advance(self._under_way[descriptor])
            self._give_up(time.monotonic() - GIVE_UP_AFTER_S)

    def _send(self) -> None:
        attempt = Attempt(self._target, self._request)
        self._under_way[attempt.socket.fileno()] = attempt
        self._poll.register(attempt.socket, attempt.wants)

    def _advance(self, attempt: Attempt) -> None:
        descriptor = attempt.socket.fileno()
        result = attempt.advance()
        if result is None:
            self._poll.modify(descriptor, attempt.wants)
        else:
            self._report(descriptor, result)

    def _give_up(self, sent_before_s: float) -> None:
        for descriptor, attempt in list(self._under_way.items()):
            if attempt.sent_s <= sent_before_s:
                self._report(descriptor, attempt.finish("no answer"))

    def _report(self, descriptor: int, result: Probe) -> None:
        """Closing the socket has taken it out of the epoll set."""
        del self._under_way[descriptor]
        print(json.dumps([result.sent_s, result.latency_ms, result.error, result.by]), flush=True)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="probe", description="Probe a VIP every 10 ms.")
    parser.add_argument("address")
    parser.add_argument("--port", type=int, default=80)
    parser.add_argument("--seconds", type=float, default=60.0, help=f"at most {LONGEST_RUN_S:.0f}")
    options = parser.parse_args(arguments)
    until_s = time.monotonic() + min(options.seconds, LONGEST_RUN_S)
    try:
        Prober((options.address, options.port), until_s).run()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.stderr.close()  # nobody reads any more: that is how a drill ends its probe
    return 0


if __name__ == "__main__":
    sys.exit(main())
