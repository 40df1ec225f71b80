# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that are no web requests, each against a peer that is well and against peers that are not."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from ipaddress import IPv4Address
from pathlib import Path
from typing import Callable

import pytest
from vipd.checks.answer import Answer, Surroundings
from vipd.checks.connection import open_socket
from vipd.checks.real_server import check
from vipd.checks.security import Rules
from vipd.config.checkers import (
    Connection,
    DnsCheck,
    FileCheck,
    MiscCheck,
    PingCheck,
    SmtpCheck,
    SmtpHost,
    TcpCheck,
    UdpCheck,
)
from vipd.config.commands import Command
from vipd.config.lvs import AnyChecker, Endpoint
from vipd.config.model import VrrpTrackFile

from tests.agent.checks.peers import Talk, answer_to, asked, endless, probe, resets, says, silent, trickles

# TCP_CHECK


def test_a_connection_is_enough() -> None:
    assert asked(TcpCheck(), silent) == Answer(True, "connects")


def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        answer = answer_to(probe(TcpCheck(), taken.getsockname()[1]))
    assert answer == Answer(False, "cannot connect: Connection refused")


def test_another_address_and_port_than_the_server_s() -> None:
    with socket.create_server(("127.0.0.2", 0)) as other:
        connection = Connection(connect_ip=IPv4Address("127.0.0.2"), connect_port=other.getsockname()[1])
        assert answer_to(probe(TcpCheck(connection=connection), 1)).success


def test_where_a_check_comes_from() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        checker = TcpCheck(connection=Connection(bindto=IPv4Address("127.0.0.9")))
        assert answer_to(probe(checker, server.getsockname()[1])).success
        _connection, address = server.accept()
        _connection.close()
    assert address[0] == "127.0.0.9"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root marks packets, and chooses an interface for them")
@pytest.mark.parametrize("mark", [7, 2**31 + 1])
def test_how_packets_of_a_check_leave(mark: int) -> None:
    wanted = Connection(fwmark=mark, bind_if="lo", bind_port=0)
    with open_socket(wanted, Endpoint(IPv4Address("127.0.0.1"), 80), socket.SOCK_STREAM) as opened:
        assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_MARK, 4) == struct.pack("=I", mark)
        assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16).rstrip(b"\0") == b"lo"


def test_an_address_that_is_not_ours_is_a_failure_and_no_bug() -> None:
    checker = TcpCheck(connection=Connection(bindto=IPv4Address("203.0.113.1")))
    assert answer_to(probe(checker, 80)).detail == "cannot connect: Cannot assign requested address"


# SMTP_CHECK


def mail_server(greeting: bytes = b"220 mx\r\n", hello: bytes = b"250 hello\r\n", bye: bytes = b"221 bye\r\n") -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        assert (await reader.readline()).startswith(b"HELO ")
        writer.write(hello)
        assert await reader.readline() == b"QUIT\r\n"
        writer.write(bye)
        await writer.drain()

    return talk


def test_a_mail_server_that_is_well() -> None:
    assert asked(SmtpCheck(helo_name="lb01"), mail_server()).success
    assert asked(SmtpCheck(), mail_server(greeting=b"220-mx\r\n220 ready\r\n")).success


@pytest.mark.parametrize(
    ("talk", "detail"),
    [
        (mail_server(greeting=b"554 no\r\n"), "gets '554 no' as greeting"),
        (mail_server(hello=b"503 what\r\n"), "gets '503 what' as answer to HELO"),
        (mail_server(bye=b""), "gets nothing as goodbye"),
        (says(b"220-x\r\n" * 200), "gets a greeting without end"),
        (says(b"220 mx"), "gets a line that breaks off"),
        (endless(b"220 "), "cannot read what it gets"),
        (silent, "gets no answer in time"),
        (trickles, "gets no answer in time"),
        (says(b"\xff\xff\r\n"), "gets '\\xff\\xff' as greeting"),
    ],
)
def test_a_mail_server_that_is_not(talk: Talk, detail: str) -> None:
    answer = asked(SmtpCheck(), talk)
    assert not answer.success
    assert answer.detail.startswith(detail), answer.detail


def test_a_mail_server_that_resets_fails() -> None:
    assert not asked(SmtpCheck(), resets).success


def test_every_host_is_asked() -> None:
    refused = SmtpHost(Connection(connect_port=1))
    assert not asked(SmtpCheck(hosts=(SmtpHost(), refused)), mail_server()).success


# DNS_CHECK, UDP_CHECK, PING_CHECK


def over_udp(checker: AnyChecker, reply: Callable[[bytes], list[bytes]]) -> Answer:
    """What the check says of a server that answers a datagram so."""

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            for one in reply(data):
                self.transport.sendto(one, addr)  # type: ignore[attr-defined]

    async def ask() -> Answer:
        loop = asyncio.get_running_loop()
        transport, _server = await loop.create_datagram_endpoint(Server, ("127.0.0.1", 0))
        answer = await check(probe(checker, transport.get_extra_info("sockname")[1]), 0, Surroundings())
        transport.close()
        return answer

    return asyncio.run(ask())


def name_server(flags: int, shift: int = 0) -> Callable[[bytes], list[bytes]]:
    def reply(question: bytes) -> list[bytes]:
        (number,) = struct.unpack_from("!H", question)
        return [struct.pack("!HH", (number + shift) & 0xFFFF, flags) + question[4:]]

    return reply


def test_a_name_server_that_answers() -> None:
    heard: list[bytes] = []
    checker = DnsCheck(type="AAAA", name="www.example.org")
    assert over_udp(checker, lambda question: heard.append(question) or name_server(0x8180)(question)).success
    assert heard[0][12:] == b"\x03www\x07example\x03org\0\0\x1c\0\x01"


@pytest.mark.parametrize(
    ("reply", "detail"),
    [
        (name_server(0x8182), "gets the error 2 from the name server"),
        (name_server(0x8180, shift=1), "gets no answer in time"),
        (name_server(0x0100), "gets no answer in time"),
        (lambda _question: [b"\0"], "gets a reply that is too short"),
        (lambda _question: [], "gets no answer in time"),
    ],
)
def test_a_name_server_that_does_not(reply: Callable[[bytes], list[bytes]], detail: str) -> None:
    assert over_udp(DnsCheck(), reply) == Answer(False, detail)


def test_a_reply_to_somebody_else_is_passed_over() -> None:
    assert over_udp(DnsCheck(), lambda asked: name_server(0x8180, 1)(asked) + name_server(0x8180)(asked)).success


def test_who_floods_us_with_replies_to_others_is_not_listened_to_for_ever() -> None:
    answer = over_udp(DnsCheck(), lambda asked: [name_server(0x8180, 1)(asked)[0]] * 150)
    assert answer == Answer(False, "gets nothing but replies to others")


def test_a_name_that_cannot_be_asked_is_a_failure_and_no_bug() -> None:
    assert not over_udp(DnsCheck(name="a" * 80), lambda _question: []).success


@pytest.mark.parametrize(
    ("checker", "reply", "success"),
    [
        (UdpCheck(), [], True),
        (UdpCheck(require_reply=""), [], False),
        (UdpCheck(require_reply=""), [b"x"], True),
        (UdpCheck(require_reply="0xff"), [b"\x0a\xff\x01"], True),
        (UdpCheck(require_reply="0xff"), [b"\x1a\xff"], False),
        (UdpCheck(require_reply="", min_reply_length=3), [b"ab"], False),
        (UdpCheck(require_reply="", max_reply_length=1), [b"ab"], False),
    ],
)
def test_a_datagram(checker: UdpCheck, reply: list[bytes], success: bool) -> None:
    assert over_udp(checker, lambda _asked: reply).success is success


def test_what_is_sent() -> None:
    heard: list[bytes] = []
    over_udp(UdpCheck(payload="00ff10"), lambda asked: heard.append(asked) or [b"x"])
    assert heard == [b"\x00\xff\x10"]


def test_a_port_that_is_unreachable() -> None:
    assert answer_to(probe(UdpCheck(), 1)) == Answer(False, "cannot connect: Connection refused")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, or a ping_group_range")
def test_an_echo_comes_back() -> None:
    assert answer_to(probe(PingCheck())) == Answer(True, "gets an echo")
    assert answer_to(probe(PingCheck(), address="::1")) == Answer(True, "gets an echo")


# MISC_CHECK, FILE_CHECK


def program(script: str, dynamic: bool = False) -> MiscCheck:
    return MiscCheck(Command(("/bin/sh", "-c", script)), misc_timeout_s=1.0, misc_dynamic=dynamic)


@pytest.mark.parametrize(
    ("checker", "answer"),
    [
        (program("exit 0"), Answer(True, "succeeds")),
        (program("exit 1"), Answer(False, "fails with exit status 1")),
        (program("exit 2"), Answer(False, "fails with exit status 2")),
        (program("exit 0", dynamic=True), Answer(True, "succeeds")),
        (program("exit 1", dynamic=True), Answer(False, "fails with exit status 1")),
        (program("exit 2", dynamic=True), Answer(True, "says weight 0", -5)),
        (program("exit 22", dynamic=True), Answer(True, "says weight 20", 15)),
        (MiscCheck(), Answer(False, "has no program to run")),
    ],
)
def test_a_program(checker: MiscCheck, answer: Answer) -> None:
    rules = Surroundings(Rules())
    assert answer_to(probe(checker, weight=5), rules) == answer


def test_a_program_that_hangs_is_ended() -> None:
    hanging = MiscCheck(Command(("/bin/sleep", "60")), misc_timeout_s=0.2)
    assert answer_to(probe(hanging)).detail == "took longer than 0.2 s"


def test_a_program_has_the_time_that_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be it longer than a check that speaks to a peer may take."""
    monkeypatch.setattr("vipd.checks.real_server.limit_s", lambda _timing: 0.05)
    assert answer_to(probe(MiscCheck(Command(("/bin/sleep", "0.2")), misc_timeout_s=30.0))).success


@pytest.mark.parametrize(
    ("content", "weight", "answer"),
    [
        ("7", None, (True, 14)),
        ("-3", (10, False), (True, -30)),
        ("7", (1, True), (True, -7)),
        ("", None, (True, 0)),
        ("1", (0, False), (False, None)),
        ("0", (0, False), (True, 0)),
        ("-2147483647", (1, False), (False, None)),
    ],
)
def test_a_number_in_a_file(
    content: str, weight: tuple[int, bool] | None, answer: tuple[bool, int | None], tmp_path: Path
) -> None:
    (tmp_path / "number").write_text(content)
    files = {"f": VrrpTrackFile("f", str(tmp_path / "number"), weight=2)}
    said = answer_to(probe(FileCheck("f", weight)), Surroundings(files=files))
    assert (said.success, said.weight) == answer
