# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generic netlink messages of IPVS: ours to bytes, the kernel's to values. No socket: ``ipvs.py`` has it.

Written out rather than taken from a library: a netmask is an address for IPv4 and a number for IPv6, and a service by
mark has no address, which pyroute2 cannot say. Source: <linux/ip_vs.h>, <linux/genetlink.h>, <linux/netlink.h>.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Optional

from ..config.lvs import Forwarding, Timeouts
from ..config.lvs_services import ServiceKey
from ..config.network import Address
from ..director.connection_sync import LISTENS, SENDS, SyncThread
from ..director.table import Destination, DestinationKey, Netmask, Service, netmask

NEW_SERVICE, SET_SERVICE, DEL_SERVICE, GET_SERVICE, NEW_DEST, SET_DEST, DEL_DEST, GET_DEST = range(1, 9)
NEW_DAEMON, DEL_DAEMON, GET_DAEMON = 9, 10, 11
SET_CONFIG, GET_CONFIG, GET_INFO, FLUSH = 12, 13, 15, 17
_INFO_VERSION, _INFO_TABLE_SIZE = 1, 2

_CMD_SERVICE, _CMD_DEST = 1, 2
_CMD_TIMEOUT_TCP, _CMD_TIMEOUT_TCP_FIN, _CMD_TIMEOUT_UDP = 4, 5, 6
_NESTED = 0x8000

_SVC_AF, _SVC_PROTOCOL, _SVC_ADDR, _SVC_PORT, _SVC_FWMARK, _SVC_SCHED, _SVC_FLAGS, _SVC_TIMEOUT, _SVC_NETMASK = range(
    1, 10
)
_SVC_PE_NAME, _SVC_STATS64 = 11, 12

_DEST_ADDR, _DEST_PORT, _DEST_FORWARDING, _DEST_WEIGHT, _DEST_UPPER, _DEST_LOWER = range(1, 7)
_DEST_ACTIVE, _DEST_INACTIVE = 7, 8
_DEST_FAMILY, _DEST_STATS64, _DEST_TUNNEL, _DEST_TUNNEL_PORT, _DEST_TUNNEL_FLAGS = range(11, 16)

_CMD_DAEMON = 3
_DAEMON_STATE, _DAEMON_INTERFACE, _DAEMON_ID, _DAEMON_MAXLEN, _DAEMON_GROUP, _DAEMON_GROUP6, _DAEMON_PORT = range(1, 8)
_DAEMON_TTL = 8
_DAEMON_NUMBERS = (_DAEMON_MAXLEN, _DAEMON_PORT, _DAEMON_TTL)
_ROLES = (SENDS, LISTENS)  # IP_VS_STATE_MASTER 1, IP_VS_STATE_BACKUP 2

_COUNTED = ("connections", "packets_in", "packets_out", "bytes_in", "bytes_out")
_STATS64_FIELDS = (*_COUNTED, *(f"{name}_per_s" for name in _COUNTED))

_PROTOCOLS = {"TCP": 6, "UDP": 17, "SCTP": 132}
_PROTOCOL_NAMES = {number: name for name, number in _PROTOCOLS.items()}
_FAMILIES = {4: 2, 6: 10}  # AF_INET, AF_INET6
_VERSIONS = {number: version for version, number in _FAMILIES.items()}
_METHODS = {"NAT": 0, "TUN": 2, "DR": 3}
_METHOD_NAMES = {number: name for name, number in _METHODS.items()}
_METHOD_MASK = 7
_TUNNELS = ("ipip", "gue", "gre")
_CHECKSUMS = {"nocsum": 0, "csum": 1, "remcsum": 2}
_CHECKSUM_NAMES = {number: name for name, number in _CHECKSUMS.items()}

_PERSISTENT = 0x01
_FLAGS = {"hashed": 0x02, "ops": 0x04, "flag-1": 0x08, "flag-2": 0x10, "flag-3": 0x20}
_HASHED_BY_KERNEL = 0x02  # set on every service that is in use: it says nothing
_ALL_FLAGS = 0xFFFFFFFF

Attributes = dict[int, bytes]


def service_attributes(key: ServiceKey, service: Optional[Service] = None) -> bytes:
    """The service's identity, and with ``service`` its settings."""
    return _attribute(_CMD_SERVICE | _NESTED, b"".join((*_identity(key), *_settings(key, service))))


def _identity(key: ServiceKey) -> Iterator[bytes]:
    yield _attribute(_SVC_AF, _u16(_FAMILIES[key.family]))
    if key.fwmark:
        yield _attribute(_SVC_FWMARK, _u32(key.fwmark))
    elif key.address is not None:
        yield _attribute(_SVC_PROTOCOL, _u16(_PROTOCOLS[key.protocol]))
        yield _attribute(_SVC_ADDR, key.address.packed.ljust(16, b"\0"))
        yield _attribute(_SVC_PORT, struct.pack("!H", key.port))


def _settings(key: ServiceKey, service: Optional[Service]) -> Iterator[bytes]:
    if service is None:
        return
    flags = sum(_FLAGS[name] for name in service.flags) | (_PERSISTENT if service.persistence_s else 0)
    yield _attribute(_SVC_SCHED, service.scheduler.encode() + b"\0")
    yield _attribute(_SVC_FLAGS, _u32(flags) + _u32(_ALL_FLAGS))
    yield _attribute(_SVC_TIMEOUT, _u32(service.persistence_s))
    yield _attribute(_SVC_NETMASK, _netmask(key.family, service.netmask))
    if service.engine:
        yield _attribute(_SVC_PE_NAME, service.engine.encode() + b"\0")


def _netmask(family: int, mask: Netmask) -> bytes:
    if isinstance(mask, IPv4Address):
        return mask.packed
    return struct.pack("!I", 0xFFFFFFFF << (32 - mask) & 0xFFFFFFFF) if family == 4 else _u32(mask)


def destination_attributes(key: DestinationKey, destination: Optional[Destination] = None) -> bytes:
    parts = [
        _attribute(_DEST_FAMILY, _u16(_FAMILIES[key.address.version])),
        _attribute(_DEST_ADDR, key.address.packed.ljust(16, b"\0")),
        _attribute(_DEST_PORT, struct.pack("!H", key.port)),
    ]
    if destination is not None:
        forwarding = destination.forwarding
        parts += [
            _attribute(_DEST_FORWARDING, _u32(_METHODS[forwarding.method])),
            _attribute(_DEST_WEIGHT, _u32(destination.weight)),
            _attribute(_DEST_UPPER, _u32(destination.upper)),
            _attribute(_DEST_LOWER, _u32(destination.lower)),
            _attribute(_DEST_TUNNEL, bytes((_TUNNELS.index(forwarding.tunnel),))),
            _attribute(_DEST_TUNNEL_PORT, struct.pack("!H", forwarding.port or 0)),
            _attribute(_DEST_TUNNEL_FLAGS, _u16(_CHECKSUMS[forwarding.checksum or "nocsum"])),
        ]
    return _attribute(_CMD_DEST | _NESTED, b"".join(parts))


def decode_service(payload: bytes) -> tuple[ServiceKey, Service]:
    """From the attributes of a GET_SERVICE answer."""
    found = attributes(attributes(payload)[_CMD_SERVICE])
    family = _VERSIONS[_number(found[_SVC_AF])]
    flags = _number(found[_SVC_FLAGS][:4])
    service = Service(
        scheduler=_text(found[_SVC_SCHED]),
        persistence_s=_number(found[_SVC_TIMEOUT]) if flags & _PERSISTENT else 0,
        netmask=netmask(IPv4Address(found[_SVC_NETMASK])) if family == 4 else _number(found[_SVC_NETMASK]),
        flags=frozenset(name for name, bit in _FLAGS.items() if flags & bit & ~_HASHED_BY_KERNEL),
        engine=_text(found.get(_SVC_PE_NAME, b"")),
        destinations={},
    )
    if _SVC_FWMARK in found:
        return ServiceKey(family, fwmark=_number(found[_SVC_FWMARK])), service
    protocol = _PROTOCOL_NAMES.get(_number(found[_SVC_PROTOCOL]), "")
    (port,) = struct.unpack("!H", found[_SVC_PORT])
    return ServiceKey(family, protocol, _address(family, found[_SVC_ADDR]), port), service


def decode_destination(payload: bytes, family: int) -> tuple[DestinationKey, Destination, dict[str, int]]:
    """From a GET_DEST answer of a service of ``family``: what it is, and what it has done."""
    found = attributes(attributes(payload)[_CMD_DEST])
    if _DEST_FAMILY in found:
        family = _VERSIONS[_number(found[_DEST_FAMILY])]
    (port,) = struct.unpack("!H", found[_DEST_PORT])
    destination = Destination(
        weight=_number(found[_DEST_WEIGHT]),
        forwarding=_forwarding(found),
        upper=_number(found[_DEST_UPPER]),
        lower=_number(found[_DEST_LOWER]),
    )
    counts = {"active": _number(found[_DEST_ACTIVE]), "inactive": _number(found[_DEST_INACTIVE])}
    counts.update(_stats(found.get(_DEST_STATS64, b"")))
    return DestinationKey(_address(family, found[_DEST_ADDR]), port), destination, counts


def timeouts_attributes(timeouts: Timeouts) -> bytes:
    """0 leaves a timeout as it is."""
    seconds = (timeouts.tcp_s, timeouts.tcpfin_s, timeouts.udp_s)
    kinds = (_CMD_TIMEOUT_TCP, _CMD_TIMEOUT_TCP_FIN, _CMD_TIMEOUT_UDP)
    return b"".join(_attribute(kind, _u32(value or 0)) for kind, value in zip(kinds, seconds))


def decode_timeouts(payload: bytes) -> Timeouts:
    found = attributes(payload)
    kinds = (_CMD_TIMEOUT_TCP, _CMD_TIMEOUT_TCP_FIN, _CMD_TIMEOUT_UDP)
    return Timeouts(*(_number(found[kind]) for kind in kinds))


def decode_info(payload: bytes) -> tuple[str, int]:
    """IPVS's version, and how many buckets its table of connections has."""
    found = attributes(payload)
    version = _number(found[_INFO_VERSION])
    return f"{version >> 16 & 0xFF}.{version >> 8 & 0xFF}.{version & 0xFF}", _number(found[_INFO_TABLE_SIZE])


def sync_attributes(thread: SyncThread) -> bytes:
    """What is not given the kernel chooses."""
    parts = [
        _attribute(_DAEMON_STATE, _u32(_ROLES.index(thread.role) + 1)),
        _attribute(_DAEMON_INTERFACE, thread.interface.encode() + b"\0"),
        _attribute(_DAEMON_ID, _u32(thread.id)),
    ]
    for kind, number in ((_DAEMON_MAXLEN, thread.maxlen), (_DAEMON_PORT, thread.port)):
        if number is not None:
            parts.append(_attribute(kind, _u16(number)))
    if thread.group is not None:
        kind = _DAEMON_GROUP if thread.group.version == 4 else _DAEMON_GROUP6
        parts.append(_attribute(kind, thread.group.packed))
    if thread.ttl is not None:
        parts.append(_attribute(_DAEMON_TTL, bytes((thread.ttl,))))
    return _attribute(_CMD_DAEMON | _NESTED, b"".join(parts))


def decode_sync(payload: bytes) -> SyncThread:
    """From a GET_DAEMON answer; kernels before 4.3 say neither port nor group."""
    found = attributes(attributes(payload)[_CMD_DAEMON])
    maxlen, port, ttl = (_number(found[kind]) if kind in found else None for kind in _DAEMON_NUMBERS)
    group: Optional[Address] = None
    if _DAEMON_GROUP in found:
        group = IPv4Address(found[_DAEMON_GROUP])
    elif _DAEMON_GROUP6 in found:
        group = IPv6Address(found[_DAEMON_GROUP6])
    role = _ROLES[_number(found[_DAEMON_STATE]) - 1]
    return SyncThread(role, _text(found[_DAEMON_INTERFACE]), _number(found[_DAEMON_ID]), maxlen, port, ttl, group)


def _forwarding(found: Attributes) -> Forwarding:
    method = _METHOD_NAMES.get(_number(found[_DEST_FORWARDING]) & _METHOD_MASK, "NAT")
    if method != "TUN":
        return Forwarding(method)
    tunnel = _TUNNELS[found.get(_DEST_TUNNEL, b"\0")[0]]
    port = struct.unpack("!H", found.get(_DEST_TUNNEL_PORT, b"\0\0"))[0] or None
    checksum = _CHECKSUM_NAMES[_number(found.get(_DEST_TUNNEL_FLAGS, b"\0\0"))]
    return Forwarding(method, tunnel, port, None if checksum == "nocsum" else checksum)


def decode_service_counts(payload: bytes) -> dict[str, int]:
    """What the service of a GET_SERVICE answer has done."""
    return _stats(attributes(attributes(payload)[_CMD_SERVICE]).get(_SVC_STATS64, b""))


def _stats(payload: bytes) -> dict[str, int]:
    counters = attributes(payload)
    return {name: _number(counters.get(kind, b"")) for kind, name in enumerate(_STATS64_FIELDS, 1)}


def attributes(payload: bytes) -> Attributes:
    """Every attribute of one level; a truncated one ends the reading."""
    found: Attributes = {}
    while len(payload) >= 4:
        length, kind = struct.unpack_from("=HH", payload)
        if not 4 <= length <= len(payload):
            break
        found[kind & ~_NESTED] = payload[4:length]
        payload = payload[(length + 3) & ~3 :]
    return found


def _attribute(kind: int, value: bytes) -> bytes:
    length = 4 + len(value)
    return struct.pack("=HH", length, kind) + value + b"\0" * (-length % 4)


def _address(family: int, packed: bytes) -> Address:
    return IPv4Address(packed[:4]) if family == 4 else IPv6Address(packed[:16])


def _text(value: bytes) -> str:
    return value.rstrip(b"\0").decode()


def _number(value: bytes) -> int:
    return int.from_bytes(value, sys.byteorder)


def _u16(number: int) -> bytes:
    return struct.pack("=H", number)


def _u32(number: int) -> bytes:
    return struct.pack("=I", number)
