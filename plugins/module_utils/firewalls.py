# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firewalls that keep what they are told over a reboot: firewalld and ufw. Each can be asked, opened and closed.

What drops packets without one of them, a ruleset of nftables say, is its author's: it is never touched. What is closed
is judged in ``preflight/firewall.py``.
Sources: firewall-cmd(1), ufw(8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

RECORD = "/var/lib/lbha-pair.firewall.json"  # what the module firewall_opening opened

Run = Callable[[Sequence[str]], tuple[int, str, str]]  # exit status, output, errors

SCOPES: tuple[tuple[str, ...], ...] = ((), ("--permanent",))  # now, and from the next start on
NO, YES = 1, 0


class FirewallError(Exception):
    """It did not do what it was told; the text says what it said."""


@dataclass(frozen=True, order=True)
class Opening:
    """Let in at ``interface`` (empty: at any): a protocol, or its ``port``."""

    interface: str
    protocol: str
    port: Optional[int] = None

    @staticmethod
    def of(values: dict[str, Any]) -> Opening:
        port = values.get("port")
        return Opening(values.get("interface") or "", values["protocol"], int(port) if port else None)

    def __str__(self) -> str:
        what = self.protocol if self.port is None else f"{self.port}/{self.protocol}"
        return f"{what} at {self.interface}" if self.interface else what


class Firewalld:
    """An opening is of the zone that has the interface, and so of all interfaces of that zone."""

    name = "firewalld"

    def __init__(self, run: Run) -> None:
        self._run = run
        self._zones: dict[str, str] = {}  # by interface

    def is_active(self) -> bool:
        return self._run(("firewall-cmd", "--state"))[0] == 0

    def comes_to(self, opening: Opening) -> str:
        """Openings at two interfaces of one zone are one and the same."""
        return f"{self._zone(opening.interface)} {_noun(opening)}"

    def has(self, opening: Opening) -> bool:
        return all(self._has(opening, scope) for scope in SCOPES)

    def open(self, opening: Opening) -> None:
        for scope in SCOPES:
            if not self._has(opening, scope):
                self._told(opening, scope, "--add")

    def close(self, opening: Opening) -> None:
        for scope in SCOPES:
            if self._has(opening, scope):
                self._told(opening, scope, "--remove")

    def _has(self, opening: Opening, scope: tuple[str, ...]) -> bool:
        status, said, errors = self._asked(opening, scope, "--query")
        if status not in (YES, NO):
            raise FirewallError(f"firewall-cmd says of {opening}: {(errors or said).strip()}")
        return status == YES

    def _told(self, opening: Opening, scope: tuple[str, ...], verb: str) -> None:
        status, said, errors = self._asked(opening, scope, verb)
        if status != 0:
            raise FirewallError(f"firewall-cmd {verb} fails for {opening}: {(errors or said).strip()}")

    def _asked(self, opening: Opening, scope: tuple[str, ...], verb: str) -> tuple[int, str, str]:
        zone = self._zone(opening.interface)
        return self._run(("firewall-cmd", *scope, f"--zone={zone}", f"{verb}-{_noun(opening)}"))

    def _zone(self, interface: str) -> str:
        """Asked for once: each question starts a Python of its own."""
        if interface not in self._zones:
            self._zones[interface] = self._asked_zone(interface)
        return self._zones[interface]

    def _asked_zone(self, interface: str) -> str:
        status, zone, _errors = self._run(("firewall-cmd", f"--get-zone-of-interface={interface}"))
        if status != 0 or not interface:  # of no zone: it is the default one's
            _status, zone, _errors = self._run(("firewall-cmd", "--get-default-zone"))
        return zone.strip()


def _noun(opening: Opening) -> str:
    if opening.port is None:
        return f"protocol={opening.protocol}"
    return f"port={opening.port}/{opening.protocol}"


class Ufw:
    """From version 0.36.2 on it knows VRRP."""

    name = "ufw"

    def __init__(self, run: Run) -> None:
        self._run = run

    def is_active(self) -> bool:
        return "Status: active" in self._run(("ufw", "status"))[1]

    def comes_to(self, opening: Opening) -> str:
        return str(opening)

    def has(self, opening: Opening) -> bool:
        said = self._told(("--dry-run", "allow"), opening).splitlines()
        return bool(said) and all(line.startswith("Skipping") for line in said)

    def open(self, opening: Opening) -> None:
        self._told(("allow",), opening)

    def close(self, opening: Opening) -> None:
        self._told(("--force", "delete", "allow"), opening)

    def _told(self, verb: tuple[str, ...], opening: Opening) -> str:
        at = ("in", "on", opening.interface) if opening.interface else ("in",)
        to = ("from", "any") if opening.port is None else ("to", "any", "port", str(opening.port))
        status, said, errors = self._run(("ufw", *verb, *at, "proto", opening.protocol, *to))
        if status != 0:
            raise FirewallError(f"ufw {' '.join(verb)} fails for {opening}: {(errors or said).strip()}")
        return said


Firewall = Union[Firewalld, Ufw]


def active(run: Run) -> Optional[Firewall]:
    """The one that is in charge; None where there is neither."""
    return next((one for one in (Firewalld(run), Ufw(run)) if one.is_active()), None)
