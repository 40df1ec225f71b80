# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masters with one interval advert in one turn; one that is alone, or has another interval, keeps its own time."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address

from vipd.config.model import Config, VirtualAddress, VrrpInstance
from vipd.core.effects import SendAdvert
from vipd.core.events import ConfigLoaded, DeadlineReached, LinkChanged
from vipd.core.router import Router


def adverts_of(*intervals_s: float, seconds: float) -> list[tuple[float, list[int]]]:
    """When which VRIDs were sent, after all have become master one after another."""
    instances = tuple(
        VrrpInstance(
            f"V{vrid}",
            "eth0",
            vrid,
            priority=255 - vrid,
            advert_int_s=interval_s,
            virtual_ipaddress=(VirtualAddress(ip_address(f"10.0.1.{vrid}")),),
        )
        for vrid, interval_s in enumerate(intervals_s, start=1)
    )
    router, sent = Router(), []
    router.handle(LinkChanged("eth0", True, IPv4Address("10.0.0.5")), 0.0)
    router.handle(ConfigLoaded(Config(instances=instances)), 0.0)
    while (now := router.next_deadline() or seconds) < seconds:
        effects = router.handle(DeadlineReached(), now)
        vrids = [effect.advert.vrid for effect in effects if isinstance(effect, SendAdvert)]
        if vrids:
            sent.append((round(now, 4), vrids))
    return sent


def test_one_turn_for_all() -> None:
    """They took over at times of their own, and advert together from then on, in no more than an interval."""
    sent = adverts_of(1, 1, 1, seconds=7.5)
    assert [vrids for _at, vrids in sent[:3]] == [[1], [2], [3]]
    assert [vrids for _at, vrids in sent[3:]] == [[1, 2, 3]] * 4
    assert sent[3][0] == sent[0][0] + 1


def test_other_intervals_have_other_times() -> None:
    sent = adverts_of(1, 2, seconds=9.5)
    assert [at for at, vrids in sent if 2 in vrids] == [6.0117, 8.0117]
    assert [at for at, vrids in sent if 1 in vrids] == [3.0078, 4.0078, 5.0078, 6.0078, 7.0078, 8.0078, 9.0078]
