# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's IPVS table: read whole, changed one thing at a time. For the director's process alone.

Blocks for as long as the kernel takes, which is microseconds. What exists already, or is gone already, is no error:
what counts is the table afterwards. Source: <linux/genetlink.h>, <linux/ip_vs.h>.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from ..config.lvs import Timeouts
from ..config.lvs_services import ServiceKey
from ..director.connection_sync import SyncThread
from ..director.table import (
    AddDestination,
    AddService,
    Change,
    DeleteDestination,
    DeleteService,
    Destination,
    DestinationKey,
    Service,
    SetDestination,
    SetService,
)
from . import ipvs_messages as messages

_NETLINK_GENERIC = 16
_GENL_ID_CTRL = 16
_CTRL_GETFAMILY = 3
_CTRL_FAMILY_ID, _CTRL_FAMILY_NAME = 1, 2
_FAMILY = b"IPVS\0"

_REQUEST, _ACK, _DUMP = 0x001, 0x004, 0x300
_ERROR, _DONE = 2, 3
_HEADER = struct.Struct("=IHHII")
_GENERIC = struct.Struct("=BBH")
_RECEIVE_BYTES = 262144
_TIMEOUT_S = 10.0

# What another hand has done already is what was wanted.
_AS_WANTED = {
    messages.NEW_SERVICE: errno.EEXIST,
    messages.NEW_DEST: errno.EEXIST,
    messages.DEL_SERVICE: errno.ESRCH,
    messages.DEL_DEST: errno.ENOENT,
}


class NoIpvsError(Exception):
    """The kernel has no ip_vs."""


class Ipvs:
    """One netlink socket. Raises NoIpvsError where the kernel has no ip_vs, OSError for what it refuses."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_GENERIC)
        self._socket.settimeout(_TIMEOUT_S)
        self._socket.bind((0, 0))
        self._received = memoryview(bytearray(_RECEIVE_BYTES))  # once: what is read each time need not be found anew
        self._sequence = 0
        try:
            self._family = self._resolve()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._socket.close()

    def services(self) -> dict[ServiceKey, Service]:
        """Every service there is, ours or not, with its destinations."""
        return {key: self.with_destinations(key, service) for key, service in self.bare_services().items()}

    def bare_services(self) -> dict[ServiceKey, Service]:
        """The same without a destination: one request, however many there are."""
        return dict(map(messages.decode_service, self._dump(messages.GET_SERVICE, b"")))

    def with_destinations(self, key: ServiceKey, service: Service) -> Service:
        found = {one: destination for one, destination, _counts in self.destinations(key)}
        return Service(**{**vars(service), "destinations": found})

    def counts(self) -> dict[ServiceKey, dict[str, int]]:
        """What each service has done, and what it does in a second."""
        answers = self._dump(messages.GET_SERVICE, b"")
        return {messages.decode_service(one)[0]: messages.decode_service_counts(one) for one in answers}

    def destinations(self, key: ServiceKey) -> Iterator[tuple[DestinationKey, Destination, dict[str, int]]]:
        """With what each has done: connections, packets and bytes."""
        for payload in self._dump(messages.GET_DEST, messages.service_attributes(key)):
            yield messages.decode_destination(payload, key.family)

    def apply(self, change: Change) -> None:
        command, body = _COMMANDS[type(change)]
        try:
            self._request(command, body(change))
        except OSError as error:
            if error.errno != _AS_WANTED.get(command):
                raise

    def info(self) -> tuple[str, int]:
        """IPVS's version, and the size of its table of connections."""
        answers = self._converse(self._family, _REQUEST | _ACK, _GENERIC.pack(messages.GET_INFO, 1, 0))
        return messages.decode_info(next(iter(list(answers))))

    def timeouts(self) -> Timeouts:
        answers = self._converse(self._family, _REQUEST | _ACK, _GENERIC.pack(messages.GET_CONFIG, 1, 0))
        return messages.decode_timeouts(next(iter(list(answers))))

    def set_timeouts(self, timeouts: Timeouts) -> None:
        """None, and 0, leave what there is."""
        self._request(messages.SET_CONFIG, messages.timeouts_attributes(timeouts))

    def sync_threads(self) -> list[SyncThread]:
        """What copies connections now."""
        return [messages.decode_sync(payload) for payload in self._dump(messages.GET_DAEMON, b"")]

    def start_sync(self, thread: SyncThread) -> None:
        self._request(messages.NEW_DAEMON, messages.sync_attributes(thread))

    def stop_sync(self, thread: SyncThread) -> None:
        """Returns once it has ended."""
        self._request(messages.DEL_DAEMON, messages.sync_attributes(thread))

    def flush(self) -> None:
        """Delete every service, whosever it is."""
        self._request(messages.FLUSH, b"")

    # Netlink

    def _resolve(self) -> int:
        body = _GENERIC.pack(_CTRL_GETFAMILY, 1, 0) + struct.pack("=HH", 4 + len(_FAMILY), _CTRL_FAMILY_NAME) + _FAMILY
        try:
            answers = list(self._converse(_GENL_ID_CTRL, _REQUEST | _ACK, body + b"\0" * (-len(body) % 4)))
        except FileNotFoundError:
            raise NoIpvsError("this kernel has no IPVS: load it with modprobe ip_vs") from None
        return int.from_bytes(messages.attributes(answers[0])[_CTRL_FAMILY_ID], sys.byteorder)

    def _request(self, command: int, body: bytes) -> None:
        for _answer in self._converse(self._family, _REQUEST | _ACK, _GENERIC.pack(command, 1, 0) + body):
            pass

    def _dump(self, command: int, body: bytes) -> Iterable[bytes]:
        return list(self._converse(self._family, _REQUEST | _DUMP, _GENERIC.pack(command, 1, 0) + body))

    def _converse(self, kind: int, flags: int, body: bytes) -> Iterator[bytes]:
        """Send, and yield the attributes of each answer up to the acknowledgement or the end of the dump."""
        self._sequence += 1
        self._socket.send(_HEADER.pack(_HEADER.size + len(body), kind, flags, self._sequence, 0) + body)
        while True:
            size, start = self._socket.recv_into(self._received), 0
            while start + _HEADER.size <= size:
                length, kind, _flags, sequence, _pid = _HEADER.unpack_from(self._received, start)
                payload = bytes(self._received[start + _HEADER.size : start + length])
                start += (length + 3) & ~3
                if sequence != self._sequence:
                    continue
                if kind in (_ERROR, _DONE):
                    _raise_for(payload)
                    return
                yield payload[_GENERIC.size :]


def _raise_for(payload: bytes) -> None:
    (number,) = struct.unpack_from("=i", payload) if len(payload) >= 4 else (0,)
    if number:
        raise OSError(-number, os.strerror(-number))


def _service(change: Any) -> bytes:
    return messages.service_attributes(change.key, change.service)


def _destination(change: Any) -> bytes:
    return messages.service_attributes(change.service) + messages.destination_attributes(change.key, change.destination)


_COMMANDS: dict[type, Any] = {
    AddService: (messages.NEW_SERVICE, _service),
    SetService: (messages.SET_SERVICE, _service),
    DeleteService: (messages.DEL_SERVICE, lambda change: messages.service_attributes(change.key)),
    AddDestination: (messages.NEW_DEST, _destination),
    SetDestination: (messages.SET_DEST, _destination),
    DeleteDestination: (
        messages.DEL_DEST,
        lambda change: messages.service_attributes(change.service) + messages.destination_attributes(change.key),
    ),
}
