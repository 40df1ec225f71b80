# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watches the IPv4 addresses of every node through one netlink socket, as the kernel announces them.

The socket stays in the host's network namespace and listens to all namespaces that have an id there
(NETLINK_LISTEN_ALL_NSID). A socket opened inside a node would keep the node's namespace, and its VIP, alive
after a power cut; and several sockets could not tell which of two changes came first. Source: netlink(7),
rtnetlink(7), linux/net_namespace.h.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Optional

from .holders import HolderLog

NETNS_DIRECTORY = Path("/run/netns")
LOOK_FOR_NODES_EVERY_S = 0.02  # a node that was powered on has a new namespace under its old name
RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP = 1
NETLINK_LISTEN_ALL_NSID = 8
NETLINK_GET_STRICT_CHK = 12
RTNLGRP_IPV4_IFADDR = 5
RTNLGRP_NSID = 28
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 0x1, 0x4, 0x300
RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
RTM_NEWNSID, RTM_DELNSID, RTM_GETNSID = 88, 89, 90
NETNSA_NSID, NETNSA_FD = 1, 3
IFA_LOCAL, IFA_TARGET_NETNSID = 2, 10

HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
RTGENMSG = b"\0" * 4
IFADDRMSG = struct.pack("=BBBBI", socket.AF_INET, 0, 0, 0, 0)


class AddressWatch:
    """A thread that keeps ``log`` true for ``nodes`` (name -> network namespace) and ``vips``."""

    def __init__(self, log: HolderLog, nodes: dict[str, str], vips: Iterable[str], start_s: float) -> None:
        self._log = log
        self._nodes = nodes
        self._vips = frozenset(vips)
        self._start_s = start_s
        self._node_of: dict[int, str] = {}  # nsid -> node
        self._seen: dict[str, tuple[int, int]] = {}  # node -> identity of its namespace
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="address-watch", daemon=True)
        self._socket = _open_netlink()
        self._socket.setsockopt(SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        for group in (RTNLGRP_IPV4_IFADDR, RTNLGRP_NSID):
            self._socket.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)

    def __enter__(self) -> AddressWatch:
        self._look_for_nodes()
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._socket.close()

    @property
    def alive(self) -> bool:
        """False when the watch itself failed: what it says then proves nothing."""
        return self._thread.is_alive()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            readable, _writable, _failed = select.select([self._socket], [], [], LOOK_FOR_NODES_EVERY_S)
            if readable:
                self._receive()
            self._look_for_nodes()

    def _receive(self) -> None:
        data, ancillary, _flags, _sender = self._socket.recvmsg(65536, 256)
        now_s = time.monotonic() - self._start_s
        nsid = next((struct.unpack("=i", value)[0] for _level, _kind, value in ancillary), None)
        for kind, payload in _messages(data):
            if kind == RTM_DELNSID:
                self._forget(_attributes(payload[len(RTGENMSG) :]), now_s)
            elif kind in (RTM_NEWADDR, RTM_DELADDR) and nsid in self._node_of:
                self._note(self._node_of[nsid], kind, payload, now_s)

    def _note(self, node: str, kind: int, payload: bytes, now_s: float) -> None:
        local = _attributes(payload[len(IFADDRMSG) :]).get(IFA_LOCAL)
        vip = str(IPv4Address(local)) if local else ""
        if vip in self._vips:
            (self._log.gained if kind == RTM_NEWADDR else self._log.lost)(node, vip, now_s)

    def _forget(self, attributes: dict[int, bytes], now_s: float) -> None:
        """The namespace is gone, and everything in it; the next one may get its inode number, so that goes too."""
        node = self._node_of.pop(struct.unpack("=i", attributes[NETNSA_NSID])[0], None)
        if node is not None:
            self._seen.pop(node, None)
            self._log.lost_all(node, now_s)

    def _look_for_nodes(self) -> None:
        for node, netns in self._nodes.items():
            identity = _identity(NETNS_DIRECTORY / netns)
            if identity is not None and identity != self._seen.get(node):
                self._follow(node, NETNS_DIRECTORY / netns)
                self._seen[node] = identity

    def _follow(self, node: str, path: Path) -> None:
        """First listen, then ask what is there: a change in between is seen twice rather than never."""
        with _open_netlink() as asking:
            nsid = _namespace_id(asking, path)
            self._node_of[nsid] = node
            now_s = time.monotonic() - self._start_s
            body = IFADDRMSG + _attribute(IFA_TARGET_NETNSID, struct.pack("=i", nsid))
            for kind, payload in _ask(asking, RTM_GETADDR, NLM_F_DUMP, body):
                self._note(node, kind, payload, now_s)


def _open_netlink() -> socket.socket:
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    netlink.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
    netlink.bind((0, 0))
    return netlink


def _identity(path: Path) -> Optional[tuple[int, int]]:
    """None while there is no such namespace, or only its empty mount point."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    is_mounted = found.st_dev != path.parent.stat().st_dev
    return (found.st_dev, found.st_ino) if is_mounted else None


def _namespace_id(asking: socket.socket, path: Path) -> int:
    """The id that the host's namespace has for this one; made if there is none yet."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        which = RTGENMSG + _attribute(NETNSA_FD, struct.pack("=I", descriptor))
        _ask(asking, RTM_NEWNSID, NLM_F_ACK, which + _attribute(NETNSA_NSID, struct.pack("=i", -1)))
        (_kind, payload), *_others = _ask(asking, RTM_GETNSID, 0, which)
    finally:
        os.close(descriptor)
    return int(struct.unpack("=i", _attributes(payload[len(RTGENMSG) :])[NETNSA_NSID])[0])


def _ask(asking: socket.socket, kind: int, flags: int, body: bytes) -> list[tuple[int, bytes]]:
    asking.send(HEADER.pack(HEADER.size + len(body), kind, NLM_F_REQUEST | flags, 1, 0) + body)
    answers: list[tuple[int, bytes]] = []
    while True:
        for answer, payload in _messages(asking.recv(65536)):
            if answer in (NLMSG_DONE, NLMSG_ERROR):  # an error here is EEXIST: the id is there already
                return answers
            answers.append((answer, payload))
        if flags == 0:
            return answers


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= HEADER.size:
        length, kind, _flags, _sequence, _port = HEADER.unpack_from(data)
        yield kind, data[HEADER.size : length]
        data = data[_aligned(length) :]


def _attributes(data: bytes) -> dict[int, bytes]:
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind] = data[4:length]
        data = data[max(_aligned(length), 4) :]
    return found


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value.ljust(_aligned(len(value)), b"\0")


def _aligned(length: int) -> int:
    return (length + 3) & ~3
