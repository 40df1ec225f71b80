# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The routes and rules of a configuration, and the words in them that this host gives no number to.

Apart from ``encoding.py``, so that a check loads nothing of what sends adverts.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..config.model import Config, Place, Route, Rule
from ..linux import routes, rules


def routes_of(config: Config) -> Iterator[Route]:
    for instance in config.instances:
        yield from instance.virtual_routes
    yield from config.static_routes


def devices(route: Route) -> set[str]:
    return {dev for dev in (route.dev, *(hop.dev for hop in route.nexthops)) if dev}


def rules_of(config: Config) -> Iterator[Rule]:
    for instance in config.instances:
        yield from instance.virtual_rules
    yield from config.static_rules


def unknown_words(config: Config) -> Iterator[tuple[Place, str]]:
    """Names in routes and rules that this host gives no number to."""
    for route in routes_of(config):
        try:
            routes.encode_add(route, dict.fromkeys(devices(route), 1))
        except (ValueError, OSError) as error:
            yield route.place, f"the route {route}: {error}"
    for rule in rules_of(config):
        try:
            rules.encode_add(rule, 1)
        except (ValueError, OSError) as error:
            yield rule.place, f"the rule {rule}: {error}"
