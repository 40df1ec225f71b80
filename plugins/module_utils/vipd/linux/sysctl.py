# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's settings of one interface, under /proc/sys/net. For the worker process."""

from __future__ import annotations

_DIRECTORY = "/proc/sys/net"


def read(family: int, interface: str, name: str) -> str:
    """Raises OSError: there is no such interface, or the kernel has no such setting."""
    with open(_path(family, interface, name), encoding="ascii") as file:
        return file.read().strip()


def write(family: int, interface: str, name: str, value: str) -> None:
    """Raises OSError as :func:`read` does, and when the kernel refuses the value."""
    with open(_path(family, interface, name), "w", encoding="ascii") as file:
        file.write(value)


def forwards_ipv6(interface: str) -> bool:
    """Whether this host is a router to the interface's neighbours; not where IPv6 is off."""
    try:
        return read(6, interface, "forwarding") == "1"
    except OSError:
        return False


def _path(family: int, interface: str, name: str) -> str:
    return f"{_DIRECTORY}/ipv{family}/conf/{interface}/{name}"
