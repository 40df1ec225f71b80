# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration's model as plain values for Ansible, and without its secrets.

Serves filters on the controller and modules on a node alike. The model itself is ``vipd/config/model.py``.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from typing import Any

MASK = "*" * 8
SECRETS = ("auth_pass", "password", "header_value")


def as_values(model: Any) -> Any:
    """Dictionaries, lists and scalars, without the places in a file."""
    if is_dataclass(model):
        return {part.name: as_values(getattr(model, part.name)) for part in fields(model) if part.compare}
    if isinstance(model, tuple):
        return [as_values(item) for item in model]
    return str(model) if isinstance(model, (IPv4Address, IPv6Address)) else model


def masked(model: Any) -> Any:
    """The same, with asterisks for every secret."""
    if isinstance(model, tuple):
        return tuple(masked(item) for item in model)
    if not is_dataclass(model) or isinstance(model, type):
        return model
    changed = {part.name: _masked_part(part.name, getattr(model, part.name)) for part in fields(model) if part.compare}
    return replace(model, **changed)


def _masked_part(name: str, value: Any) -> Any:
    return MASK if name in SECRETS and value else masked(value)
