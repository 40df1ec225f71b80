# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node is and has counted, as plain data for JSON: for ``vipctl``, for exporters, for keepalived's dump formats.

Reads the core and changes nothing. ``explain.py`` puts an instance into sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any, Optional

from .election import Peer
from .groups import Group
from .instance import Instance
from .receive import Refusal, Remark
from .transitions import State
from .yielding import Yielding

if TYPE_CHECKING:
    from .router import Router

Snapshot = dict[str, Any]

# keepalived's name of a counter: ours that are summed up in it. The last two count an interface's malformed packets.
KEEPALIVED_STATS: dict[str, tuple[str, ...]] = {
    "advert_rcvd": ("adverts_received",),
    "advert_sent": ("adverts_sent",),
    "become_master": ("became_master",),
    "release_master": ("released_master",),
    "pri_zero_rcvd": ("priority_zero_received",),
    "pri_zero_sent": ("priority_zero_sent",),
    "advert_interval_err": (Refusal.INTERVAL.value,),
    "ip_ttl_err": (Refusal.TTL.value, Refusal.TTL_RANGE.value),
    "addr_list_err": (Remark.ADDRESSES.value,),
    "authtype_mismatch": (Refusal.AUTH_TYPE.value,),
    "auth_failure": (Refusal.AUTH_DATA.value,),
    "invalid_authtype": ("bad_auth_type",),
    "packet_len_err": ("truncated", "bad_length"),
    "invalid_type_rcvd": ("bad_type",),
}


def snapshot(router: Router, now: float) -> Snapshot:
    """Ages and delays in seconds."""
    return {"instances": list(instances(router, now)), **node(router)}


def instances(router: Router, now: float) -> Iterator[Snapshot]:
    """One after the other, for whom all at once are too many."""
    return (_instance(router, one, now) for one in router.instances.values())


def node(router: Router) -> Snapshot:
    """All but the instances."""
    results = router.results
    return {
        "sync_groups": [_group(group) for group in router.loaded.groups.values()],
        "scripts": [{"name": name, "up": one.up, "detail": one.detail} for name, one in results.scripts.items()],
        "processes": [
            {"name": name, "up": one.up, "count": one.count, "detail": one.detail}
            for name, one in results.processes.items()
        ],
        "files": [{"name": name, "value": one.value, "detail": one.detail} for name, one in results.files.items()],
        "maintenance": router.maintenance,
        "rejected": _sorted({f"{interface} {label}": n for (interface, label), n in router.rejected.items()}),
    }


def _instance(router: Router, one: Instance, now: float) -> Snapshot:
    counters = {"adverts_received": one.adverts_received, **one.counters}
    counters = _sorted({label: n for label, n in counters.items() if n})
    malformed = {label: n for (interface, label), n in router.rejected.items() if interface == one.settings.interface}
    return {
        **_configured(one),
        **_standing(one, now),
        "counters": counters,
        "stats": _stats({**malformed, **counters}),
    }


def _configured(one: Instance) -> Snapshot:
    settings = one.settings
    return {
        "name": settings.name,
        "interface": settings.interface,
        "transmit_interface": settings.transmit_interface,
        "address_interface": settings.address_interface,
        "vrid": settings.vrid,
        "version": settings.version,
        "family": settings.family,
        "unicast_peers": [str(peer) for peer in settings.destinations] if settings.unicast else [],
        "base_priority": settings.priority,
        "nopreempt": settings.nopreempt,
        "preempt_delay_s": settings.preempt_delay_s,
        "advert_int_s": settings.advert_int_s,
        "accept": settings.accept,
        "garp_master_delay_s": settings.garp.master_delay_s,
        "vips": [str(vip) for vip in settings.vips],
        "vip_interfaces": [vip.dev or settings.address_interface for vip in settings.vips],
        "advertised": [str(vip) for vip in settings.advertised],
        "routes": [str(route) for route in settings.routes],
        "rules": [str(rule) for rule in settings.rules],
        "sync_group": one.group,
    }


def _standing(one: Instance, now: float) -> Snapshot:
    health, election, due_s = one.health, one.election, one.deadlines.master_down
    return {
        "state": one.state.value,
        "wanted_state": State.MASTER.value if one.wants_master else one.state.value,
        "since_s": round(now - one.since, 3),
        "reason": one.reason,
        "priority": one.priority,
        "address": str(health.address) if health.address else None,
        "holds_vips": one.holds_addresses,
        "refused_vips": [str(vip) for vip in one.settings.vips if vip in one.refused],
        "faults": list(health.faults),
        "undecided": health.undecided,
        "adjustments": [{"amount": item.amount, "reason": item.reason} for item in health.adjustments],
        "master": _peer(election.master, now),
        "rival": _peer(election.rival, now),
        "contested_s": round(election.contested_s, 3),
        "master_advert_int_s": election.interval_cs / 100,
        "master_down_s": round(election.master_down_s, 6),
        "takes_over_in_s": round(due_s - now, 3) if due_s is not None and not one.is_held else None,
        "stands_back_s": round(election.stands_back_s(now), 3),
        "maintenance": one.is_held,
        "yielding": _yielding(election.yielding, now),
    }


def _yielding(yielding: Yielding, now: float) -> Optional[Snapshot]:
    """``back_off_s`` None: until told. ``ends_in_s`` None: it offers until somebody takes them."""
    if yielding.is_offering:
        return {
            "offering": True,
            "ends_in_s": None if yielding.ends_at is None else round(yielding.ends_at - now, 3),
            "back_off_s": _finite(yielding.back_off_s),
            "why": yielding.why,
        }
    if yielding.until is None or not yielding.leaves_alone(now):
        return None
    return {"offering": False, "back_off_s": _finite(yielding.until - now), "why": yielding.why}


def _finite(seconds: float) -> Optional[float]:
    return round(seconds, 3) if isfinite(seconds) else None


def _group(group: Group) -> Snapshot:
    return {
        "name": group.config.name,
        "state": group.state.value,
        "members": [one.settings.name for one in group.members],
    }


def _stats(counters: Mapping[str, int]) -> dict[str, int]:
    return {name: sum(counters.get(label, 0) for label in labels) for name, labels in KEEPALIVED_STATS.items()}


def _peer(peer: Optional[Peer], now: float) -> Optional[Snapshot]:
    if peer is None:
        return None
    return {"address": str(peer.address), "priority": peer.priority, "heard_s_ago": round(now - peer.heard_at, 3)}


def _sorted(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
