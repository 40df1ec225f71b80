# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``lbha.pair.proxy_plan``. Documented in ``proxy_plan.yml``; the plan is in ``plugin_utils/proxy.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lbha.pair.plugins.plugin_utils.ansible_values import plain
from ansible_collections.lbha.pair.plugins.plugin_utils.haproxy import backends, frontends
from ansible_collections.lbha.pair.plugins.plugin_utils.proxy import HAPROXY, NGINX
from ansible_collections.lbha.pair.plugins.plugin_utils.proxy import proxy_plan as plan
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import FindingsError


def proxy_plan(given: Mapping[str, Any]) -> dict[str, Any]:
    provider = plain(given).get("proxy_provider", NGINX)
    try:
        found = plan(plain(given))
    except FindingsError as findings:
        raise AnsibleFilterError(str(findings)) from None
    return {
        "upstreams": {name: list(servers) for name, servers in found.upstreams.items()},
        "servers": [asdict(server) for server in found.servers],
        "frontends": [asdict(frontend) for frontend in frontends(found.servers)],
        "backends": backends(found.upstreams) if provider == HAPROXY else {},
        "kernel_settings": {
            f"net.ipv{family}.ip_nonlocal_bind": 1
            for family in sorted({6 if server.address.startswith("[") else 4 for server in found.servers})
        },
    }


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"proxy_plan": proxy_plan}
