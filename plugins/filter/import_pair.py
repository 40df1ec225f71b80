# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``lbha.pair.import_pair``: keepalived.conf of all nodes in, variables of a role out, as plain values.

Documented in ``import_pair.yml``; the proof stands in ``plugin_utils/migration.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lbha.pair.plugins.plugin_utils.ansible_values import plain
from ansible_collections.lbha.pair.plugins.plugin_utils.migration import (
    AUTO,
    CHOICES,
    Imported,
    NotImportedError,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.migration import import_pair as imported


def import_pair(texts: Mapping[str, str], *, topology: str = AUTO, group: str = "lb") -> dict[str, Any]:
    if topology not in CHOICES:
        raise AnsibleFilterError(f"import_pair: topology is {topology!r}; write one of {', '.join(CHOICES)}")
    if not isinstance(texts, Mapping):
        raise AnsibleFilterError("import_pair: write a dictionary of hosts and the text of each one's keepalived.conf")
    try:
        found = imported(plain(texts), topology)
    except NotImportedError as error:
        raise AnsibleFilterError(f"import_pair: {error}") from None
    return as_values(found, str(group))


def as_values(found: Imported, group: str) -> dict[str, Any]:
    hosts = {host: dict(found.of_host.get(host, {})) for host in found.nodes}
    shared = dict(found.variables)
    return {
        "topology": found.topology,
        "role": found.role,
        "inventory": {group: {"hosts": hosts, **({"vars": shared} if shared else {})}},
        "hosts": {
            host: {"text": node.text, "yielding": node.yielding, "vips": list(node.vips)}
            for host, node in found.nodes.items()
        },
        "findings": list(found.findings),
        "differences": list(found.differences),
    }


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"import_pair": import_pair}
