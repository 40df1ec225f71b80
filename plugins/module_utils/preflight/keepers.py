# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that take addresses away which they did not set: systemd-networkd, NetworkManager."""

from __future__ import annotations

import configparser
import glob
import os
from collections.abc import Iterator

from .finding import INFO, WARNING, Finding, Run

CHECK = "addresses"
KEEPING = ("yes", "true", "1", "on", "static")


def judge(run: Run, interface: str, index: int, root: str = "/") -> Iterator[Finding]:
    """``root`` is another directory in a test."""
    yield from _networkd(interface, index, root)
    said = run("nmcli", "--terse", "--fields", "DEVICE,STATE", "device")
    if said is not None and said[0] == 0 and f"{interface}:connected" in said[1].splitlines():
        message = f"NetworkManager manages {interface}: an activation of its connection takes VIPs away"
        remedy = f"vipd puts them back at once; to avoid it: nmcli device set {interface} managed no"
        yield Finding(CHECK, INFO, message, remedy)


def _networkd(interface: str, index: int, root: str) -> Iterator[Finding]:
    network = _network_file(os.path.join(root, f"run/systemd/netif/links/{index}"))
    if not network:
        return
    if _keeps(os.path.join(root, network.lstrip("/"))):
        return
    message = f"systemd-networkd manages {interface} ({network}) and drops VIPs when it starts anew"
    remedy = f"write KeepConfiguration=static into [Network] in {network}.d/vip.conf, then networkctl reload"
    yield Finding(CHECK, WARNING, message, remedy)


def _network_file(state: str) -> str:
    try:
        with open(state, encoding="utf-8") as file:
            said = dict(line.rstrip("\n").partition("=")[::2] for line in file)
    except OSError:
        return ""
    return said.get("NETWORK_FILE", "")


def _keeps(network: str) -> bool:
    kept = ""
    name = os.path.basename(network)
    directories = [
        os.path.dirname(network),
        os.path.join(network[: network.rfind("/")], "../../../etc/systemd/network"),
    ]
    drop_ins = sorted({path for one in directories for path in glob.glob(os.path.join(one, f"{name}.d", "*.conf"))})
    for path in (network, *drop_ins):
        parsed = configparser.RawConfigParser(strict=False, interpolation=None, allow_no_value=True)
        try:
            parsed.read(path, encoding="utf-8")
        except configparser.Error:
            continue
        kept = parsed.get("Network", "KeepConfiguration", fallback=kept) or ""
    return kept.lower() in KEEPING
