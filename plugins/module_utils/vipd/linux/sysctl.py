# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's settings of one interface, under /proc/sys/net. For the worker process, and for a release."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import NamedTuple

_DIRECTORY = "/proc/sys/net"


class Setting(NamedTuple):
    """``family`` is 4 or 6, ``interface`` may be ``all``, ``value`` is as the kernel writes it."""

    family: int
    interface: str
    name: str
    value: str

    @property
    def path(self) -> str:
        return f"{_DIRECTORY}/ipv{self.family}/conf/{self.interface}/{self.name}"


def read(setting: Setting) -> str:
    """The value as it is. Raises OSError: there is no such interface, or the kernel has no such setting."""
    with open(setting.path, encoding="ascii") as file:
        return file.read().strip()


def write(setting: Setting) -> None:
    """Raises OSError as :func:`read` does, and when the kernel refuses the value."""
    with open(setting.path, "w", encoding="ascii") as file:
        file.write(setting.value)


def restore(settings: Iterable[Setting]) -> None:
    """Back to what they were, as far as their interfaces are still there."""
    for setting in settings:
        with contextlib.suppress(OSError):
            write(setting)


class ChangedSettings:
    """Settings of interfaces that are not ours: changed while they are wanted, and put back afterwards."""

    def __init__(self, before: Iterable[Setting] = ()) -> None:
        """``before`` is what an earlier process found, and could not put back."""
        self._before = {setting.path: setting for setting in before}

    @property
    def before(self) -> tuple[Setting, ...]:
        """What they were."""
        return tuple(self._before.values())

    def ensure(self, wanted: Iterable[Setting]) -> None:
        """Raises OSError, as when an interface went away."""
        for setting in wanted:
            found = read(setting)
            self._before.setdefault(setting.path, setting._replace(value=found))
            if found != setting.value:
                write(setting)

    def retire(self, wanted: Iterable[Setting]) -> None:
        """Put back all but these."""
        paths = {setting.path for setting in wanted}
        restore(self._before.pop(path) for path in [*self._before] if path not in paths)


def forwards_ipv6(interface: str) -> bool:
    """Whether this host is a router to the interface's neighbours; not where IPv6 is off."""
    try:
        return read(Setting(6, interface, "forwarding", "")) == "1"
    except OSError:
        return False
