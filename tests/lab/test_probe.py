# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe: what counts as a gap, and what it says about servers that answer, refuse, stall or break off."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.lab.probe import GIVE_UP_AFTER_S, Gap, gaps, main, slot_after
from tests.lab.record import Probe

PAGE = b"HTTP/1.1 200 OK\r\nX-Served-By: web01\r\nContent-Length: 0\r\n\r\n"


def answered(sent_s: float, latency_ms: float = 1.0) -> Probe:
    return Probe(sent_s, latency_ms)


def failed(sent_s: float) -> Probe:
    return Probe(sent_s, 300.0, "no answer")


def test_no_failure_is_no_gap() -> None:
    assert gaps([answered(0.00), answered(0.01), answered(0.02)]) == ()


def test_a_gap_runs_from_the_last_answered_sending_to_the_next_arrival() -> None:
    assert gaps([answered(0.00), answered(0.01), failed(0.02), failed(0.03), answered(0.04, 2.0)]) == (
        Gap(start_s=0.01, end_s=0.042, unanswered=2),
    )


def test_an_answer_that_waited_in_a_queue_does_not_shorten_the_gap() -> None:
    """Sent 200 ms before anybody held the VIP, delivered when somebody did."""
    (gap,) = gaps([answered(1.0), failed(1.01), answered(1.5, 200.0), answered(1.7)])
    assert gap.seconds(until_s=9.0) == pytest.approx(0.7)


def test_outcomes_arrive_out_of_order() -> None:
    later_first = [answered(0.00), answered(0.03), failed(0.01), failed(0.02)]
    assert gaps(later_first) == gaps(sorted(later_first, key=lambda probe: probe.sent_s))


def test_two_gaps_stay_two() -> None:
    found = gaps([answered(0.0), failed(0.01), answered(0.02), failed(0.03), answered(0.04)])
    assert [gap.unanswered for gap in found] == [1, 1]


def test_a_gap_that_never_ends_lasts_until_the_end() -> None:
    (gap,) = gaps([answered(1.0), failed(1.01), failed(1.02)])
    assert gap.end_s is None
    assert gap.seconds(until_s=3.0) == pytest.approx(2.0)


@contextmanager
def server(answer: bytes | None) -> Iterator[int]:
    """Answers every request with ``answer``; ``None`` accepts and says nothing. Yields its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _address = listening.accept()
            except OSError:
                return
            kept.append(connection)
            if answer is not None:
                connection.recv(4096)
                connection.sendall(answer)
                connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
        for connection in kept:
            connection.close()


def probe(port: int, seconds: float, capsys: pytest.CaptureFixture[str]) -> list[Probe]:
    assert main(["127.0.0.1", "--port", str(port), "--seconds", str(seconds)]) == 0
    return [Probe(*json.loads(line)) for line in capsys.readouterr().out.splitlines()]


def test_every_probe_is_answered_and_says_by_whom(capsys: pytest.CaptureFixture[str]) -> None:
    with server(PAGE) as port:
        probes = probe(port, 0.3, capsys)
    assert {(one.error, one.by) for one in probes} == {(None, "web01")}
    assert len(probes) in range(15, 32)


@pytest.mark.parametrize(("late_s", "next_s"), [(0.0, 5.01), (0.004, 5.01), (0.025, 5.03)])
def test_lateness_neither_adds_up_nor_is_made_up_for(late_s: float, next_s: float) -> None:
    assert slot_after(5.0, 5.0 + late_s) == pytest.approx(next_s)


def test_a_closed_port_is_refused_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    probes = probe(port, 0.05, capsys)
    assert {one.error for one in probes} == {"refused"}
    assert max(one.latency_ms for one in probes) < GIVE_UP_AFTER_S * 1000


def test_a_server_that_says_nothing_is_given_up_and_the_run_ends(capsys: pytest.CaptureFixture[str]) -> None:
    started_s = time.monotonic()
    with server(None) as port:
        probes = probe(port, 0.05, capsys)
    assert {one.error for one in probes} == {"no answer"}
    assert time.monotonic() - started_s < 3.0


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "HTTP status 502"),
        (b"", "closed without an answer"),
    ],
)
def test_an_error_is_no_answer(answer: bytes, error: str, capsys: pytest.CaptureFixture[str]) -> None:
    with server(answer) as port:
        assert {one.error for one in probe(port, 0.03, capsys)} == {error}
