# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The director's process in this one, with a table that is a dictionary; the kernel's own is in tests/lvs/."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, cast

import pytest
from vipd.config.lvs import Timeouts
from vipd.config.lvs_services import ServiceKey
from vipd.config.parse import load
from vipd.director.connection_sync import SyncThread
from vipd.director.effects import ApplyTable
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
)
from vipd.runtime.direction import Direction
from vipd.runtime.ipvs_table import COMPLAINTS_MAX, KernelTable, KernelTimeouts
from vipd.runtime.journal import Journal
from vipd.runtime.options import Options

from tests.stranger import answers_to_the_group

WITHIN_S = 10.0
NO_SCHEDULER = "this kernel has no scheduler wrr: load the module ip_vs_wrr, or use another lb_algo"


class Kernel:
    """Refuses what ``refused`` says, fails to be read as ``unread`` says, and counts how often it was read."""

    def __init__(self) -> None:
        self.table: dict[ServiceKey, Service] = {}
        self.syncing: list[SyncThread] = []
        self.read = 0
        self.refused: tuple[type[Change], ...] = ()
        self.unread: list[Exception] = []

    def services(self) -> dict[ServiceKey, Service]:
        self.read += 1
        self._fail()
        return dict(self.table)

    def _fail(self) -> None:
        if self.unread:
            raise self.unread.pop()

    def bare_services(self) -> dict[ServiceKey, Service]:
        self._fail()
        return {key: replace(service, destinations={}) for key, service in self.table.items()}

    def with_destinations(self, key: ServiceKey, _service: Service) -> Service:
        return self.table[key]

    def apply(self, change: Change) -> None:
        if isinstance(change, self.refused):
            raise OSError(2, "No such file or directory")
        if isinstance(change, AddService):
            self.table[change.key] = replace(change.service, destinations={})
        elif isinstance(change, SetService):
            self.table[change.key] = replace(change.service, destinations=self.table[change.key].destinations)
        elif isinstance(change, DeleteService):
            del self.table[change.key]
        else:
            assert isinstance(change, (AddDestination, SetDestination, DeleteDestination))
            if change.service not in self.table:
                raise OSError(3, "No such process")
            places = dict(self.table[change.service].destinations)
            if not isinstance(change, DeleteDestination):
                places[change.key] = change.destination
            else:
                del places[change.key]
            self.table[change.service] = replace(self.table[change.service], destinations=places)

    def sync_threads(self) -> list[SyncThread]:
        return self.syncing

    def start_sync(self, thread: SyncThread) -> None:
        self.syncing.append(thread)

    def stop_sync(self, thread: SyncThread) -> None:
        self.syncing.remove(thread)

    def info(self) -> tuple[str, int]:
        return "1.2.1", 4096

    def counts(self) -> dict[ServiceKey, dict[str, int]]:
        return {key: {"connections": 3} for key in self.table}

    def destinations(self, key: ServiceKey) -> Iterator[Any]:
        counts = {"active": 0, "inactive": 0}
        return ((where, destination, counts) for where, destination in self.table[key].destinations.items())

    def places(self) -> list[str]:
        return [str(where) for service in self.table.values() for where in service.destinations]


def config(port: int) -> str:
    server = (
        f"real_server 127.0.0.1 {port} {{\nTCP_CHECK {{\n}}\n}}\nreal_server 127.0.0.2 1 {{\nTCP_CHECK {{\n}}\n}}\n"
    )
    return f"virtual_server 10.0.0.1 80 {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nwarmup 0\n{server}}}\n"


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """What the director keeps out of searches for garbage is this process's again."""
    yield
    gc.unfreeze()


async def until(look: Any) -> None:
    async def poll() -> None:
        while not look():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(poll(), WITHIN_S)


async def asked(path: str, **request: str) -> dict[str, Any]:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(json.dumps(request).encode() + b"\n")
    answer: dict[str, Any] = json.loads(await reader.readline())
    writer.close()
    return answer


def test_from_a_file_to_the_table_and_back(tmp_path: Path) -> None:
    async def main(port: int) -> None:
        file = tmp_path / "keepalived.conf"
        file.write_text(config(port))
        options = Options(str(file), runtime_directory=str(tmp_path), log_to_console=True)
        kernel = Kernel()
        direction = Direction(load(str(file)).config, options, Journal(True, 0), cast(Any, kernel))
        running = asyncio.get_running_loop().create_task(direction.run())
        await until(lambda: kernel.places() == [f"127.0.0.1:{port}"])
        assert gc.get_freeze_count() > 0
        assert kernel.read == 1  # a check that fails costs a change, not a reading
        path = options.director_path
        service = (await asked(path, command="ipvs"))["services"][0]
        assert (service["service"], service["connections"]) == ("TCP 10.0.0.1:80", 3)
        status = await asked(path, command="rs", real_server="127.0.0.1", state="down")
        assert status["lateness"]["checks"] == 2
        assert kernel.places() == []
        assert "no virtual server" in (await asked(path, command="rs", real_server="10.9.9.9", state="down"))["error"]
        assert "expected" in (await asked(path, command="rs", real_server="127.0.0.1", state="sideways"))["error"]
        read = kernel.read
        file.write_text(config(port).replace("10.0.0.1 80", "10.0.0.2 80"))
        direction._reload()
        await until(lambda: [str(key) for key in kernel.table] == ["TCP 10.0.0.2:80"])
        assert kernel.read == read  # nor does a reload cost one
        file.write_text("virtual_server {")
        direction._reload()
        await until(direction._loading.done)
        assert [str(key) for key in kernel.table] == ["TCP 10.0.0.2:80"]
        direction._stop()
        await asyncio.wait_for(running, WITHIN_S)
        assert kernel.table == {}

    with socket.create_server(("127.0.0.1", 0)) as server:
        asyncio.run(main(server.getsockname()[1]))


def test_a_node_without_the_vip_checks_nothing_where_that_is_wanted(tmp_path: Path) -> None:
    async def main() -> None:
        file = tmp_path / "keepalived.conf"
        here, elsewhere = (
            config(1).replace("warmup", "ha_suspend\nwarmup").replace("10.0.0.1", vip)
            for vip in ("127.0.0.1", "203.0.113.9")
        )
        file.write_text(here + elsewhere)
        options = Options(str(file), runtime_directory=str(tmp_path), log_to_console=True)
        kernel = Kernel()
        direction = Direction(load(str(file)).config, options, Journal(True, 0), cast(Any, kernel))
        running = asyncio.get_running_loop().create_task(direction.run())

        def looked_at() -> list[bool]:
            servers = direction._director.snapshot()["virtual_servers"]
            found = (one["checks"][0]["detail"] for server in servers for one in server["real_servers"])
            return [detail != "not checked yet" for detail in found]

        await until(lambda: looked_at()[:2] == [True, True])
        assert looked_at() == [True, True, False, False]
        direction._stop()
        await asyncio.wait_for(running, WITHIN_S)

    asyncio.run(main())


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("nc"), reason="only root, with nc, can ask as another user")
def test_who_is_in_the_group_of_its_socket_may_ask_and_not_order(tmp_path: Path) -> None:
    async def main() -> None:
        file = tmp_path / "keepalived.conf"
        file.write_text(config(1))
        options = Options(str(file), runtime_directory=str(tmp_path), log_to_console=True)
        direction = Direction(load(str(file)).config, options, Journal(True, 0), cast(Any, Kernel()))
        running = asyncio.get_running_loop().create_task(direction.run())
        await until(lambda: os.path.exists(options.director_path))
        order = '{"command": "rs", "real_server": "127.0.0.1", "state": "down"}'
        lines = ('{"command": "director"}', '{"command": "ipvs"}', order)
        status, table, refused = await asyncio.to_thread(answers_to_the_group, Path(options.director_path), *lines)
        assert status["virtual_servers"]
        assert "services" in table
        assert "become root" in refused["error"]
        direction._stop()
        await asyncio.wait_for(running, WITHIN_S)

    asyncio.run(main())


def test_another_director_knows_what_operators_want(tmp_path: Path) -> None:
    async def life(port: int, *wishes: str) -> list[str]:
        file = tmp_path / "keepalived.conf"
        file.write_text(config(port))
        options = Options(str(file), runtime_directory=str(tmp_path), log_to_console=True)
        kernel = Kernel()
        direction = Direction(load(str(file)).config, options, Journal(True, 0), cast(Any, kernel))
        running = asyncio.get_running_loop().create_task(direction.run())
        await until(lambda: os.path.exists(options.director_path))
        for wish in wishes:
            await asked(options.director_path, command="rs", real_server="127.0.0.1", state=wish)
        seen = kernel.places()
        direction._stop()
        await asyncio.wait_for(running, WITHIN_S)
        return seen

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert asyncio.run(life(port, "drain", "down")) == ["127.0.0.2:1"]
        assert asyncio.run(life(port)) == ["127.0.0.2:1"]
        assert f"127.0.0.1:{port}" in asyncio.run(life(port, "up"))
        (tmp_path / "real-servers").write_text("{")
        assert f"127.0.0.1:{port}" in asyncio.run(life(port))


def test_the_worker_s_words_are_heard_however_they_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        file = tmp_path / "keepalived.conf"
        instance = 'vrrp_instance "a b" {\ninterface lo\nvirtual_router_id 9\nvirtual_ipaddress {\n10.0.0.1\n}\n}\n'
        file.write_text(f'global_defs {{\nlvs_sync_daemon lo inst "a b"\n}}\n{instance}{config(1)}')
        kernel = Kernel()
        options = Options(str(file), runtime_directory=str(tmp_path), log_to_console=True, supervised=True)
        reading, writing = os.pipe()
        with open(reading, "rb") as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            direction = Direction(load(str(file)).config, options, Journal(True, 0), cast(Any, kernel))
            running = asyncio.get_running_loop().create_task(direction.run())
            await until(lambda: [one.role for one in kernel.syncing] == ["backup"])
            os.write(writing, b"state BACKUP x\nstate MAS")
            await asyncio.sleep(0)
            os.write(writing, b"TER a b\n")
            await until(lambda: [one.role for one in kernel.syncing] == ["master"])
            os.close(writing)
            await asyncio.wait_for(running, WITHIN_S)
        assert kernel.syncing == []

    asyncio.run(main())


def test_a_table_that_cannot_be_read_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the start, after a refusal and after a reload; the checks go on."""
    monkeypatch.setattr("vipd.runtime.direction.RESYNC_S", 0.1)

    async def main() -> None:
        kernel = Kernel()
        kernel.unread = [OSError(105, "No buffer space available"), TimeoutError("timed out")]
        direction = directed(tmp_path, kernel)
        running = asyncio.get_running_loop().create_task(direction.run())
        await until(lambda: kernel.read == 3 and kernel.table)
        await until(lambda: direction._pool.lateness()["checks"] == 2)
        kernel.table.clear()
        kernel.unread = [TimeoutError("timed out")]
        direction._reload()
        await until(lambda: kernel.table)
        direction._stop()
        await asyncio.wait_for(running, WITHIN_S)

    asyncio.run(main())


@pytest.mark.parametrize("at", ["the start", "another try"])
def test_a_bug_ends_the_process_so_that_another_is_started(
    at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vipd.runtime.direction.RESYNC_S", 0.1)

    async def main() -> None:
        kernel = Kernel()
        kernel.unread = [KeyError("netmask"), *([] if at == "the start" else [TimeoutError("timed out")])]
        direction = directed(tmp_path, kernel)
        with pytest.raises(KeyError, match="netmask"):
            await asyncio.wait_for(direction.run(), WITHIN_S)
        await direction._control.stop()
        await direction._pool.stop()

    asyncio.run(main())


def directed(tmp_path: Path, kernel: Kernel) -> Direction:
    file = tmp_path / "keepalived.conf"
    file.write_text(config(1))
    options = Options(str(file), runtime_directory=str(tmp_path), log_to_console=True)
    return Direction(load(str(file)).config, options, Journal(True, 0), cast(Any, kernel))


# The table


def test_what_is_refused_is_told_and_tried_again() -> None:
    kernel, told = Kernel(), list[str]()
    table = KernelTable(cast(Any, kernel), told.append)
    key = ServiceKey(4, fwmark=7)
    kernel.refused = (AddService,)
    wanted = ApplyTable({key: Service("wrr")}, frozenset())
    assert not table.apply(wanted)
    assert told == [f"IPVS refuses to add service FWM 7: {NO_SCHEDULER}"]
    kernel.refused = ()
    assert table.apply(wanted)
    assert kernel.table == {key: Service("wrr")}


def test_what_others_did_to_our_services_is_undone_one_after_another() -> None:
    kernel, told = Kernel(), list[str]()
    table = KernelTable(cast(Any, kernel), told.append)
    places = {DestinationKey(IPv4Address("10.0.0.11"), 80): Destination(3)}
    ours = {ServiceKey(4, fwmark=number): Service("wrr", destinations=places) for number in (1, 2, 3)}
    first, second, third = ours
    assert table.apply(ApplyTable(ours, frozenset()))
    foreign = {ServiceKey(4, fwmark=9): Service("rr")}
    kernel.table = {
        first: replace(ours[first], scheduler="rr"),
        second: replace(ours[second], destinations={}),
        **foreign,
    }
    righting = table.put_right()
    assert next(righting)
    assert kernel.table[first] == ours[first]
    assert third not in kernel.table
    assert list(righting) == [True, True]
    assert kernel.table == {**ours, **foreign}
    assert kernel.read == 1
    del kernel.table[third]
    kernel.refused = (AddService,)
    assert list(table.put_right()) == [True, True, False]


def test_a_reload_is_followed_by_a_look_at_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vipd.runtime.direction.RESYNC_S", 0.1)

    async def main() -> None:
        file = tmp_path / "keepalived.conf"
        file.write_text(config(1))
        options = Options(str(file), runtime_directory=str(tmp_path), log_to_console=True)
        kernel = Kernel()
        direction = Direction(load(str(file)).config, options, Journal(True, 0), cast(Any, kernel))
        running = asyncio.get_running_loop().create_task(direction.run())
        await until(lambda: kernel.table)
        kernel.table.clear()
        kernel.refused = (AddService,)
        direction._reload()
        await until(lambda: direction._righting)
        kernel.refused = ()
        await until(lambda: kernel.table)
        direction._stop()
        await asyncio.wait_for(running, WITHIN_S)

    asyncio.run(main())


def test_thousands_of_refusals_are_no_flood() -> None:
    kernel, told = Kernel(), list[str]()
    kernel.refused = (AddService,)
    many = {ServiceKey(4, fwmark=number): Service("wrr") for number in range(1, 100)}
    KernelTable(cast(Any, kernel), told.append).apply(ApplyTable(many, frozenset()))
    assert len(told) == COMPLAINTS_MAX + 1
    assert told[-1] == f"IPVS refuses {99 - COMPLAINTS_MAX} more changes"


def test_timeouts_are_put_back_as_they_were() -> None:
    class Remembering(Kernel):
        now = Timeouts(900, 120, 300)

        def timeouts(self) -> Timeouts:
            return self.now

        def set_timeouts(self, wanted: Timeouts) -> None:
            given = {name: seconds for name, seconds in vars(wanted).items() if seconds}
            self.now = replace(self.now, **given)

    kernel = Remembering()
    timeouts = KernelTimeouts(cast(Any, kernel), pytest.fail)
    timeouts.adopt(None)
    timeouts.adopt(Timeouts(tcp_s=7))
    assert kernel.now == Timeouts(7, 120, 300)
    timeouts.adopt(Timeouts(udp_s=8))
    assert kernel.now == Timeouts(900, 120, 8)
    timeouts.adopt(None)
    assert kernel.now == Timeouts(900, 120, 300)
