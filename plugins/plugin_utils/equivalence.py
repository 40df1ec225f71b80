# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether two configurations of a node ask for the same behaviour, and where they do not.

Models are compared field by field. A few differences change nothing that another host, or the node's kernel, would see;
they are named here, one by one, and everything else counts. A secret is compared and never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from ansible_collections.lbha.pair.plugins.module_utils.model_values import SECRETS
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.lvs_settings import UNCHANGED
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import (
    Config,
    TrackScript,
    VirtualAddress,
    VrrpInstance,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.as_services import explicit
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import shown


@dataclass(frozen=True)
class Difference:
    """``place`` is the path in the model, such as ``instances[0].priority``."""

    place: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.place} was {self.before} and would be {self.after}"


@dataclass(frozen=True)
class Harmless:
    """``settled`` takes the difference out of a model; ``why`` says why nobody can tell."""

    why: str
    settled: Callable[[Config], Config]


@dataclass(frozen=True)
class Comparison:
    harmless: tuple[str, ...]
    different: tuple[Difference, ...]


def compare(before: Config, after: Config) -> Comparison:
    """Each harmless difference is named only if it is there."""
    different = tuple(_differences(before, after, ""))
    harmless: list[str] = []
    for one in HARMLESS:
        settled = (one.settled(before), one.settled(after))
        left = tuple(_differences(*settled, ""))
        if len(left) < len(different):
            harmless.append(one.why)
            before, after, different = *settled, left
    if not before.global_defs.router_id and {one.place for one in different} == {"global_defs.router_id"}:
        return Comparison((*harmless, "router_id is said now: it names the host in mails and nowhere else"), ())
    return Comparison(tuple(harmless), different)


def _differences(before: Any, after: Any, place: str) -> Iterator[Difference]:
    if before == after:
        return
    if is_dataclass(before) and type(before) is type(after):
        for part in (part for part in fields(before) if part.compare):
            inner = f"{place}.{part.name}" if place else part.name
            yield from _differences(getattr(before, part.name), getattr(after, part.name), inner)
    elif isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(one, other, f"{place}[{index}]")
    elif place.rpartition(".")[2] in SECRETS:
        yield Difference(place, "one secret", "another")
    else:
        yield Difference(place, shown(before), shown(after))


# -- what changes nothing --------------------------------------------------------------------------------------------


def _in_order_of_vrid(config: Config) -> Config:
    return replace(config, instances=tuple(sorted(config.instances, key=lambda one: (one.virtual_router_id, one.name))))


def _with_neutral_names(config: Config) -> Config:
    """Where nothing in the configuration, and no program that is told, knows an instance by its name."""
    node = config.global_defs
    told = any(instance.notify.any or instance.smtp_alert for instance in config.instances)
    told = told or bool(node.notify_fifo or node.vrrp_notify_fifo or node.smtp_alert or node.smtp_alert_vrrp)
    if told or config.sync_groups or config.track_groups or node.lvs != UNCHANGED:
        return config
    return replace(
        config, instances=tuple(replace(one, name=f"VRID {one.virtual_router_id}") for one in config.instances)
    )


def _scripts_by_name(config: Config) -> Config:
    return replace(config, scripts=tuple(sorted(config.scripts, key=lambda one: one.name)))


def _with_devices(config: Config) -> Config:
    return replace(config, instances=tuple(_with_device(instance) for instance in config.instances))


def _with_device(instance: VrrpInstance) -> VrrpInstance:
    if instance.use_vmac is not None:
        return instance  # there the default is the VMAC
    return replace(
        instance,
        virtual_ipaddress=_on(instance.virtual_ipaddress, instance.interface),
        virtual_ipaddress_excluded=_on(instance.virtual_ipaddress_excluded, instance.interface),
    )


def _on(vips: tuple[VirtualAddress, ...], interface: str) -> tuple[VirtualAddress, ...]:
    return tuple(replace(vip, dev=vip.dev or interface) for vip in vips)


def _with_weights(config: Config) -> Config:
    """The weight that counts stands where a script is tracked; the definition's own is then nobody's."""
    defined = {script.name: script for script in config.scripts}

    def effective(track: TrackScript) -> TrackScript:
        script = defined.get(track.name)
        return replace(track, weight=script.weight, reverse=script.reverse) if _inherits(track) and script else track

    def weighed(one: Any) -> Any:
        return replace(one, tracks=replace(one.tracks, scripts=tuple(map(effective, one.tracks.scripts))))

    return replace(
        config,
        scripts=tuple(replace(script, weight=0, reverse=False) for script in config.scripts),
        instances=tuple(map(weighed, config.instances)),
        sync_groups=tuple(map(weighed, config.sync_groups)),
    )


def _with_service_defaults(config: Config) -> Config:
    servers = tuple(explicit(server) for server in config.lvs.virtual_servers)
    return replace(config, lvs=replace(config.lvs, virtual_servers=servers))


def _inherits(track: TrackScript) -> bool:
    return track.weight is None


HARMLESS = (
    Harmless("instances stand in another order", _in_order_of_vrid),
    Harmless("an instance has the name that it has on the first host, and nothing refers to it", _with_neutral_names),
    Harmless("scripts stand in another order", _scripts_by_name),
    Harmless("the device of a VIP is said where it was the instance's interface anyway", _with_devices),
    Harmless("a script's weight stands with the script, not where it is tracked", _with_weights),
    Harmless("a virtual server says what it left to keepalived's defaults", _with_service_defaults),
)
