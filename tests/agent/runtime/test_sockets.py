# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which sockets could not be opened. Real ones: tests/netns/test_vrrp_socket.py and test_vrrp_tap.py."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Any

import pytest
from vipd.config.model import Config
from vipd.runtime import sockets
from vipd.runtime.messages import Listener, Prepared
from vipd.runtime.sockets import Sockets

PLAIN, TAP = ("eth0", 4), ("vrrp.51", 4)


class Opened:
    def listen_for(self, _vrids: Sequence[int]) -> None:
        pass

    def close(self) -> None:
        pass


def prepared(*places: sockets.Place) -> Prepared:
    listeners = {place: Listener("eth0", is_tap=place == TAP, vrids=frozenset({51})) for place in places}
    return Prepared(Config(), {}, listeners, {}, {}, {}, None)


def test_what_could_not_be_opened_is_missing_until_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    short = {"vrrp": True, "tap": True}

    def opening(kind: str) -> Any:
        def opened(*_arguments: object) -> Opened:
            if short[kind]:
                raise OSError(errno.EMFILE, "Too many open files")
            return Opened()

        return opened

    monkeypatch.setattr(sockets, "vrrp_socket", opening("vrrp"))
    monkeypatch.setattr(sockets, "VrrpTap", opening("tap"))
    told: list[str] = []
    opened = Sockets(told.append)
    opened.open(prepared(PLAIN, TAP))
    assert opened.missing == {PLAIN, TAP}
    assert told[0] == "cannot open a socket on eth0: Too many open files"
    short["vrrp"] = False
    opened.open(prepared(PLAIN, TAP))
    assert opened.missing == {TAP}
    short["tap"] = False
    opened.open(prepared(PLAIN, TAP))
    assert opened.missing == frozenset()
    opened.retire(prepared(PLAIN))
    assert opened.missing == frozenset()
