# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The channel keeps messages whole and in order, bounded, and never blocks."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from vipd.runtime import channel
from vipd.runtime.channel import Channel


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours), Channel(theirs)


def test_messages_arrive_whole_and_in_order(ends: tuple[Channel, Channel]) -> None:
    here, there = ends
    for message in ("one", {"two": 2}, b"three" * 10):
        here.send(message)
    assert list(there.receive()) == ["one", {"two": 2}, b"three" * 10]


def test_a_message_larger_than_the_socket_waits_in_the_buffer(ends: tuple[Channel, Channel]) -> None:
    here, there = ends
    message = b"x" * 3_000_000
    here.send(message)
    assert here.has_unsent
    received: list[bytes] = []
    while not received:
        received += there.receive()
        here.flush()
    assert received == [message]
    assert not here.has_unsent


def test_beyond_the_bound_messages_are_dropped_and_counted(
    ends: tuple[Channel, Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "BUFFER_LIMIT", 100_000)
    here, there = ends
    for _turn in range(1000):
        here.send(b"x" * 10_000)
    assert here.dropped > 0
    received = 0
    for _turn in range(1000):
        here.flush()
        received += len(list(there.receive()))
    assert received == 1000 - here.dropped


def test_the_end_of_the_other_side_closes(ends: tuple[Channel, Channel]) -> None:
    here, there = ends
    there.send("last words")
    there.close()
    assert list(here.receive()) == ["last words"]
    assert here.closed
    here.send("nobody there")
    assert not here.has_unsent
