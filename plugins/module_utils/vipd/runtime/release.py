# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking VIPs off when the VRRP process can no longer do it itself.

The worker does it when that process dies, ``vipd --release`` (systemd's ExecStopPost) when both
died. It works from bytes prepared beforehand and needs no configuration and no core.
It must never speak for an instance that held nothing: priority 0 from a backup starts an election.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from ..linux import nftables, sysctl
from ..linux.rtnetlink import KernelSocket
from ..linux.sysctl import Setting
from ..linux.vrrp_socket import Datagram, vrrp_socket


@dataclass(frozen=True)
class ReleaseRecord:
    """How to release one instance: messages that remove what it holds, and a last advert for each destination."""

    instance: str
    interface: str
    family: int
    delete: bytes
    goodbyes: tuple[Datagram, ...]


@dataclass(frozen=True)
class Footprint:
    """All that a running daemon has put on its host.

    ``others`` are messages that delete what belongs to no instance: static addresses and routes, VMAC interfaces.
    ``settings`` are the kernel settings that it changed, as they were; ``table`` is its nftables table, if it has one.
    """

    records: tuple[ReleaseRecord, ...] = ()
    others: bytes = b""
    settings: tuple[Setting, ...] = ()
    table: str = ""


def release(footprint: Footprint) -> list[str]:
    """Take the VIPs off, then tell the peers; returns what was done, in sentences."""
    sentences = []
    with closing(KernelSocket()) as netlink:
        for record in footprint.records:
            if any(errno == 0 for errno in netlink.apply(record.delete)):
                where = record.interface or "its interfaces"
                sentences.append(f"({record.instance}) took its VIPs off {where}{_say_goodbye(record)}")
        netlink.apply(footprint.others)
    sysctl.restore(footprint.settings)
    if footprint.table:
        try:
            nftables.remove(footprint.table)
        except nftables.NftablesError as error:
            sentences.append(f"could not remove the nftables table {footprint.table}: {error}")
    return sentences


def _say_goodbye(record: ReleaseRecord) -> str:
    try:
        with closing(vrrp_socket(record.family, record.interface)) as vrrp:
            for goodbye in record.goodbyes:
                vrrp.send(goodbye)
    except OSError as error:
        return f"; could not tell the peers: {error.strerror}"
    return " and told the peers with priority 0"


def save(path: str, footprint: Footprint) -> None:
    """Write the release file, readable by its owner only (adverts carry the password)."""
    written = {
        "records": _rows(footprint.records),
        "others": _text(footprint.others),
        "settings": [list(setting) for setting in footprint.settings],
        "table": footprint.table,
    }
    temporary = f"{path}.new"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(written, file)
    os.replace(temporary, path)


def _rows(records: Iterable[ReleaseRecord]) -> list[dict[str, Any]]:
    return [
        {
            "instance": record.instance,
            "interface": record.interface,
            "family": record.family,
            "delete": _text(record.delete),
            "goodbyes": [
                {
                    "octets": _text(octets),
                    "ancillary": [[level, kind, _text(data)] for level, kind, data in ancillary],
                    "destination": destination,
                }
                for octets, ancillary, destination in record.goodbyes
            ],
        }
        for record in records
    ]


def load(path: str) -> Footprint:
    """Read a release file; an absent one means that there is nothing to release."""
    try:
        with open(path, encoding="utf-8") as file:
            written: dict[str, Any] = json.load(file)
    except FileNotFoundError:
        return Footprint()
    records = tuple(
        ReleaseRecord(
            instance=row["instance"],
            interface=row["interface"],
            family=row["family"],
            delete=_octets(row["delete"]),
            goodbyes=tuple(_datagram(goodbye) for goodbye in row["goodbyes"]),
        )
        for row in written["records"]
    )
    settings = tuple(Setting(*setting) for setting in written["settings"])
    return Footprint(records, _octets(written["others"]), settings, written["table"])


def _datagram(row: dict[str, Any]) -> Datagram:
    ancillary = [(level, kind, _octets(data)) for level, kind, data in row["ancillary"]]
    return _octets(row["octets"]), ancillary, row["destination"]


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _octets(text: str) -> bytes:
    return base64.b64decode(text)
