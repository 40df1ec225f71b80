# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How two exporters for Prometheus read keepalived's dumps: by which blanks, signs and words, in Python.

Written from what mehdy/keepalived-exporter and gen2brain/keepalived_exporter accept, so that a dump which these read is
one that those read. They fail where those fail: with ValueError, or with less than there was.
"""

from __future__ import annotations

import json
from typing import Any

# What both take out of JSON, and the only types that a strict reader accepts for it.
JSON_DATA = {
    "iname": str,
    "ifp_ifname": str,
    "last_transition": float,
    "vrid": int,
    "state": int,
    "wantstate": int,
    "garp_delay": int,
    "vips": list,
}
JSON_STATS = (
    *("advert_rcvd", "advert_sent", "become_master", "release_master", "packet_len_err", "advert_interval_err"),
    *("ip_ttl_err", "invalid_type_rcvd", "addr_list_err", "invalid_authtype", "authtype_mismatch", "auth_failure"),
    *("pri_zero_rcvd", "pri_zero_sent"),
)


def read_json(text: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(text)
    for row in rows:
        for name, kind in JSON_DATA.items():
            if row["data"][name].__class__ is not kind:
                raise ValueError(f"{name} is no {kind.__name__}: {row['data'][name]!r}")
        for name in JSON_STATS:
            if row["stats"][name].__class__ is not int:
                raise ValueError(f"{name} is no integer: {row['stats'][name]!r}")
    return rows


def read_data(text: str) -> dict[str, dict[str, Any]]:
    """mehdy: by instance; five blanks continue what a line with three began."""
    instances: dict[str, dict[str, Any]] = {}
    instance = key = ""
    for line in text.splitlines():
        if line.startswith(" VRRP Instance") and "=" in line:
            instance = line.split("=")[1].strip()
            instances[instance] = {"vips": []}
        elif line.startswith("   ") and instance:
            if line.startswith("     "):
                if key.startswith("Virtual IP ("):
                    address, _dev, interface = line.split()[:3]
                    instances[instance]["vips"].append((address, interface))
                continue
            sign = "=" if "=" in line else ":"
            key, _sign, value = (part.strip() for part in line.partition(sign))
            if key in ("State", "Wantstate", "Interface"):
                instances[instance][key] = value
            elif key in ("Gratuitous ARP delay", "Virtual Router ID"):
                instances[instance][key] = int(value)
        else:
            instance = ""
    return instances


def read_data_strictly(text: str) -> list[dict[str, Any]]:
    """gen2brain: the first line without an equals sign ends an instance."""
    instances: list[dict[str, Any]] = []
    instance: dict[str, Any] = {}
    for line in text.splitlines():
        if line.startswith(" VRRP Instance") and "=" in line:
            instance = {"name": line.split("=")[1].strip()}
        elif line.startswith("   ") and "=" in line and instance:
            key, value = (part.strip() for part in line.split("=")[:2])
            instance[key] = float(value.split(" ")[0]) if key == "Last transition" else value
        elif instance:
            instances.append(instance)
            instance = {}
    return instances


def read_scripts(text: str) -> dict[str, tuple[str, str]]:
    """mehdy: status and state of each script."""
    scripts: dict[str, dict[str, str]] = {}
    script = ""
    for line in text.splitlines():
        if line.startswith(" VRRP Script") and "=" in line:
            script = line.split("=")[1].strip()
            scripts[script] = {}
        elif line.startswith("   ") and script:
            if "=" in line:
                key, value = (part.strip() for part in line.split("=")[:2])
                scripts[script][key] = value
        elif not line.startswith("    "):
            script = ""
    return {name: (values["Status"], values["State"]) for name, values in scripts.items()}


def read_stats(text: str) -> dict[str, dict[str, int]]:
    """Both: two blanks and a colon at the end begin a section, four blanks are a counter of it."""
    instances: dict[str, dict[str, int]] = {}
    instance = section = ""
    for line in text.splitlines():
        label, _colon, value = (part.strip() for part in line.partition(":"))
        if line.startswith("VRRP Instance"):
            instance = value
            instances[instance] = {}
        elif line.startswith("  ") and line.endswith(":"):
            section = label
        elif line.startswith("    ") and section:
            instances[instance][f"{section}/{label}"] = int(value)
        elif line.startswith("  "):
            section = ""
            instances[instance][label] = int(value)
    return instances
