# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of an address line that a VIP has no key for, such as ``nodad`` or ``peer 10.0.0.9``: read and written.

The agent's own parser judges them. Look next at ``pair.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import (
    NOWHERE,
    Config,
    VirtualAddress,
    VrrpInstance,
)
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import parse
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.render import render
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import RefusedError, one_line, shown

_BLOCK = "vrrp_instance VI {{\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {{\n{line}\n}}\n}}\n"
_KEYS = ("dev", "label", "broadcast", "scope")


def words(address: VirtualAddress) -> str:
    """Empty where its keys say all of it."""
    bare = replace(address, dev=None, label=None, broadcast=None, scope=None)
    lines = render(Config(instances=(VrrpInstance("VI", "eth0", 1, virtual_ipaddress=(bare,)),))).splitlines()
    written = lines[lines.index("    virtual_ipaddress {") + 1].strip()
    return written.partition(" ")[2]


def with_words(address: VirtualAddress) -> Callable[[object], VirtualAddress]:
    def read(value: object) -> VirtualAddress:
        line = one_line(value)
        parsed = parse(_BLOCK.format(line=f"{address} {line}"))
        found = parsed.config.instances[0].virtual_ipaddress if parsed.config.instances else ()
        fault = next(iter(parsed.errors), None)
        if fault is not None or len(found) != 1:
            remedy = "write words of an address line, such as nodad or peer 10.0.0.9"
            raise RefusedError(fault.message if fault else f"{shown(line)} is not understood", remedy)
        if any(getattr(found[0], name) is not None for name in _KEYS):
            raise RefusedError(f"{shown(line)} has a word that a VIP has a key for", f"use {', '.join(_KEYS)}")
        said = replace(found[0], dev=address.dev, label=address.label, place=NOWHERE)
        return replace(said, broadcast=address.broadcast, scope=address.scope)

    return read
