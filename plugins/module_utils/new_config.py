# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration of vipd that is to take the place of another: what is wrong with it on this node, what it changes.

It writes nothing. Loads the whole grammar, so a module asks for it only where there is something new.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Optional

from ansible_collections.lbha.pair.plugins.module_utils.spoken_vips import changes as spoken_changes
from ansible_collections.lbha.pair.plugins.module_utils.spoken_vips import speaks
from ansible_collections.lbha.pair.plugins.module_utils.vipd.asking import served
from ansible_collections.lbha.pair.plugins.module_utils.vipd.checks.security import unrunnable
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.check import check
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.diagnostics import (
    ConfigError,
    Diagnostic,
    Severity,
)
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.difference import Difference, differences
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import Config
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import Parsed, concealed, load
from ansible_collections.lbha.pair.plugins.module_utils.vipd.runtime.options import Options
from ansible_collections.lbha.pair.plugins.module_utils.vipd.runtime.refusals import refusals


@dataclass(frozen=True)
class Judgement:
    """In sentences without a password. With ``mistakes`` nothing else is known; ``of_node`` are among ``findings``.

    ``renumbered``: VIPs of which a node that has the configuration before would hear nothing any more.
    """

    mistakes: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    of_node: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    renumbered: tuple[str, ...] = ()
    is_new: bool = False

    @property
    def action(self) -> str:
        if self.is_new or any(one.needs_restart for one in self.differences):
            return "restart"
        return "reload" if self.differences else "none"

    @property
    def moves_vip(self) -> bool:
        return any(one.moves_vip for one in self.differences)


def judge(path: str, own: str, beside: Mapping[str, str], here: bool) -> Judgement:
    """Of the keepalived.conf ``path`` and vipd's ``own`` file; ``beside`` says what is read in place of each there is.

    ``here``: what this node has for it counts, as at a start. Raises OSError and ValueError for what cannot be read.
    """
    try:
        parsed = load(beside[path], _host_name(), beside.get(own))
    except ConfigError as error:
        return Judgement(mistakes=(_named(str(error), beside),))
    lacking = concealed(_lacking(parsed) if here else (), parsed)
    found = (*parsed.diagnostics, *concealed(check(parsed.config, _interfaces()), parsed), *lacking)
    mistakes = tuple(one for one in found if one.severity is Severity.ERROR)
    if mistakes:
        return Judgement(mistakes=tuple(_sentences(mistakes, beside)))
    now = _there_now(path)
    changes = differences(now or Config(), parsed.config)
    told = tuple(_sentences(found, beside))
    return Judgement(
        (), told, tuple(_sentences(lacking, beside)), changes, _renumbered(now, parsed.config), now is None
    )


def _lacking(parsed: Parsed) -> tuple[Diagnostic, ...]:
    """What ``vipd -t`` says of the node."""
    found = (*unrunnable(parsed.config), *refusals(parsed.config))
    if not parsed.config.lvs.virtual_servers:
        return found
    # For directors alone: the kernel's virtual servers, but for those that the director made which runs here.
    from ansible_collections.lbha.pair.plugins.module_utils.vipd.runtime.ipvs_here import ipvs_here  # noqa: PLC0415

    return (*found, *ipvs_here(parsed.config, served(Options(config_path="").director_path)))


def _renumbered(now: Optional[Config], then: Config) -> tuple[str, ...]:
    before, after = ([speaks(one) for one in config.instances] for config in (now or Config(), then))
    why = "until all nodes of the pair have this configuration, two may hold it: deploy them at once"
    return tuple(f"{change}: {why}" for change in spoken_changes(before, after))


def _sentences(found: tuple[Diagnostic, ...], beside: Mapping[str, str]) -> Iterator[str]:
    return (_named(str(one), beside) for one in found)


def _named(sentence: str, beside: Mapping[str, str]) -> str:
    for path, read in beside.items():
        sentence = sentence.replace(read, path)
    return sentence


def _there_now(path: str) -> Optional[Config]:
    """None where there is none, or none that can be compared."""
    try:
        return load(path, _host_name()).config
    except (ConfigError, OSError):
        return None


def _host_name() -> str:
    return socket.gethostname().split(".")[0]


def _interfaces() -> list[str]:
    return [name for _index, name in socket.if_nameindex()]
