# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A recording says all that the core was told, and no secret; what it says is a scenario again."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vipd.config.model import Config, NextHop, Route, Rule, TrackInterface, Tracks, VirtualAddress, VrrpInstance
from vipd.core.events import (
    AddressLost,
    AddressRefused,
    AddressRemoved,
    AdvertReceived,
    ConfigLoaded,
    DeadlineReached,
    Event,
    FileRead,
    LinkChanged,
    PacketRejected,
    ProcessesCounted,
    RouteRemoved,
    RuleRemoved,
    ScriptFinished,
    SocketsMissing,
    StopRequested,
)
from vipd.ctl_replay import narrate
from vipd.runtime.recording import Recorder, RecordingError, read
from vipd.runtime.recording_file import RecordingFile
from vipd.wire.vrrp import AUTH_PASS, Advert, Checksum, ReceivedAdvert

VIP = VirtualAddress(ip_address("10.0.0.100"))
INSTANCE = VrrpInstance("V", "eth0", 51, auth_pass="hunter2", virtual_ipaddress=(VIP,))
LINK = LinkChanged("eth0", up=True, address=ip_address("10.0.0.1"), addresses=frozenset({ip_address("10.0.0.1")}))

addresses = st.ip_addresses()
advert = st.builds(
    ReceivedAdvert,
    source=addresses,
    destination=addresses,
    ttl=st.integers(0, 255),
    advert=st.builds(
        Advert,
        version=st.sampled_from([2, 3]),
        vrid=st.integers(1, 255),
        priority=st.integers(0, 255),
        advert_int_cs=st.integers(1, 4095),
        addresses=st.lists(addresses, max_size=3).map(tuple),
    ),
    checksum=st.sampled_from(Checksum),
)
words = st.text(max_size=8)
vip = st.builds(VirtualAddress, address=addresses, dev=st.none() | words, dad=st.booleans())
route = st.builds(Route, destination=words, via=st.none() | addresses, nexthops=st.just((NextHop(dev="eth0"),)))
rule = st.builds(Rule, source=st.none() | words, selectors=st.just((("fwmark", "1"),)))
instance = st.builds(
    VrrpInstance,
    name=words,
    interface=words,
    virtual_router_id=st.integers(1, 255),
    virtual_ipaddress=st.lists(vip, max_size=3).map(tuple),
    virtual_routes=st.lists(route, max_size=1).map(tuple),
    tracks=st.just(Tracks(interfaces=(TrackInterface("eth1", weight=5),))),
)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(AdvertReceived, words, advert),
    st.builds(ConfigLoaded, st.builds(Config, instances=st.lists(instance, max_size=2).map(tuple))),
    st.builds(LinkChanged, words, st.booleans(), st.none() | st.ip_addresses(v=4), addresses=st.frozensets(addresses)),
    st.builds(SocketsMissing, st.frozensets(st.tuples(words, st.sampled_from([4, 6])), max_size=2)),
    st.builds(AddressRemoved, words, addresses),
    st.builds(AddressLost, words, addresses),
    st.builds(AddressRefused, words, addresses, words),
    st.builds(RouteRemoved, route),
    st.builds(RuleRemoved, rule),
    st.builds(PacketRejected, words, words),
    st.builds(ScriptFinished, words, st.booleans(), words),
    st.builds(ProcessesCounted, words, st.integers(0, 9)),
    st.builds(FileRead, words, st.integers(-9, 9)),
    st.just(DeadlineReached()),
    st.just(StopRequested()),
)


@given(st.floats(0, 1e9), events)
def test_what_is_written_is_read(at: float, event: Event) -> None:
    line = Recorder().line(at, event)
    assert "\n" not in line
    assert read(line) == (round(at, 6), event)


def heard(password: bytes) -> AdvertReceived:
    said = Advert(2, 51, 200, 100, (VIP.address,), AUTH_PASS, password.ljust(8, b"\0"))
    return AdvertReceived(
        "eth0", ReceivedAdvert(ip_address("10.0.0.2"), ip_address("224.0.0.18"), 255, said, Checksum.MESSAGE_ONLY)
    )


def test_no_password_gets_in_and_equal_ones_stay_equal() -> None:
    recorder = Recorder()
    lines = [
        recorder.line(1, ConfigLoaded(Config(instances=(INSTANCE,)))),
        recorder.line(2, heard(b"hunter2")),
        recorder.line(3, heard(b"letmein")),
        *recorder.beginning(4),
    ]
    assert not any(secret in line for line in lines for secret in ("hunter2", "letmein", b"hunter2".hex()))
    loaded, right, wrong = (read(line)[1] for line in lines[:3])
    assert isinstance(loaded, ConfigLoaded)
    assert isinstance(right, AdvertReceived)
    assert isinstance(wrong, AdvertReceived)
    password = (loaded.config.instances[0].auth_pass or "").encode().ljust(8, b"\0")
    assert right.received.advert.auth_data == password
    assert wrong.received.advert.auth_data != password


def test_one_who_guesses_passwords_fills_no_memory() -> None:
    recorder = Recorder()
    masks = set()
    for guess in range(1000):
        _at, event = read(recorder.line(1, heard(b"%07d" % guess)))
        assert isinstance(event, AdvertReceived)
        masks.add(event.received.advert.auth_data)
    assert len(masks) == 101


@pytest.mark.parametrize(
    "line",
    ["", "{}", "[]", '{"at": 1, "event": {"is": "Advert"}}', '{"at": 1, "event": {"is": "Nothing"}}', '{"at": "x"}'],
)
def test_a_line_of_something_else(line: str) -> None:
    with pytest.raises(RecordingError):
        read(line)


def test_a_replay_tells_what_the_core_did() -> None:
    recorder = Recorder()
    lines = [
        recorder.line(10, LINK),
        recorder.line(10, ConfigLoaded(Config(instances=(INSTANCE,)))),
        recorder.line(11, heard(b"hunter2")),
        recorder.line(99, DeadlineReached()),
        recorder.line(100, StopRequested()),
    ]
    told = list(narrate(iter(lines), transitions=True))
    assert [line.split(":")[0].split()[1:] for line in told] == [
        ["(V)", "INIT", "->", "BACKUP"],
        ["(V)", "BACKUP", "->", "MASTER"],
        ["(V)", "MASTER", "->", "STOP"],
    ]
    everything = "\n".join(narrate(iter(lines)))
    assert "AdvertReceived eth0" in everything
    assert "AddAddresses eth0 [10.0.0.100/32]" in everything
    with pytest.raises(RecordingError, match=r"^2: "):
        list(narrate(iter([lines[0], "nonsense"])))


def test_a_full_file_gives_way_to_one_that_begins_with_what_is_so(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    file = RecordingFile(str(path), limit_bytes=2000)
    file.write(1, LINK)
    file.write(2, ConfigLoaded(Config(instances=(replace(INSTANCE, auth_pass=None),))))
    for at in range(100):
        file.write(3 + at, DeadlineReached())
    file.close()
    assert sorted(found.name for found in tmp_path.iterdir()) == ["recording", "recording.1"]
    assert all(found.stat().st_size < 3000 for found in tmp_path.iterdir())
    assert path.stat().st_mode & 0o777 == 0o600
    begun = [type(read(line)[1]) for line in path.read_text().splitlines()[:2]]
    assert begun == [LinkChanged, ConfigLoaded]
