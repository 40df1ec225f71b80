# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From one table to another: whatever the two are, the changes lead there, and touch nobody else's service."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st
from vipd.config.lvs import Forwarding
from vipd.config.lvs_services import ServiceKey
from vipd.director.table import (
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
    Table,
    changes,
)

KEYS = st.integers(1, 4).map(lambda number: ServiceKey(4, "TCP", IPv4Address(number), 80))
PLACES = st.integers(1, 4).map(lambda number: DestinationKey(IPv4Address(number), 80))
DESTINATIONS = st.builds(Destination, st.integers(0, 2), st.sampled_from([Forwarding("NAT"), Forwarding("DR")]))
SERVICES = st.builds(
    Service,
    scheduler=st.sampled_from(["rr", "wrr"]),
    persistence_s=st.sampled_from([0, 50]),
    netmask=st.sampled_from([24, 32]),
    destinations=st.dictionaries(PLACES, DESTINATIONS, max_size=3),
)
TABLES = st.dictionaries(KEYS, SERVICES, max_size=4)


def carried_out(actual: Table, wanted: list[Change]) -> dict[ServiceKey, Service]:
    """What a kernel would make of it: it refuses to add what is there, and to change what is not."""
    table = {key: replace(service, destinations=dict(service.destinations)) for key, service in actual.items()}
    for change in wanted:
        if isinstance(change, AddService):
            assert change.key not in table
            table[change.key] = replace(change.service, destinations={})
        elif isinstance(change, SetService):
            table[change.key] = replace(change.service, destinations=table[change.key].destinations)
        elif isinstance(change, DeleteService):
            del table[change.key]
        else:
            places = dict(table[change.service].destinations)
            if isinstance(change, DeleteDestination):
                del places[change.key]
            else:
                assert (change.key in places) is isinstance(change, SetDestination)
                assert isinstance(change, (AddDestination, SetDestination))
                places[change.key] = change.destination
            table[change.service] = replace(table[change.service], destinations=places)
    return table


def comparable(table: Table) -> object:
    return {key: (service.settings, dict(service.destinations)) for key, service in table.items()}


@given(TABLES, TABLES, st.sets(KEYS))
def test_the_changes_lead_to_the_desired_table(desired: Table, actual: Table, owned: set[ServiceKey]) -> None:
    foreign = {key: service for key, service in actual.items() if key not in desired and key not in owned}
    result = carried_out(actual, list(changes(desired, actual, owned)))
    assert comparable(result) == comparable({**foreign, **desired})


@given(TABLES)
def test_a_table_that_is_as_it_should_be_is_left_alone(table: Table) -> None:
    assert list(changes(table, table)) == []


def test_a_new_server_comes_before_an_old_one_goes() -> None:
    key = ServiceKey(4, "TCP", IPv4Address("10.0.0.1"), 80)
    old, new = (DestinationKey(IPv4Address(text), 80) for text in ("10.0.0.11", "10.0.0.12"))
    before = {key: Service("rr", destinations={old: Destination()})}
    after = {key: Service("rr", destinations={new: Destination()})}
    assert [type(change) for change in changes(after, before)] == [AddDestination, DeleteDestination]
