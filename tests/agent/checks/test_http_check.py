# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP_GET and SSL_GET against servers that are well, ill, slow, hostile, or no web servers at all."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import signal
import subprocess
import threading
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from vipd.checks import http
from vipd.checks.answer import Surroundings
from vipd.checks.pool import Pool
from vipd.config.checkers import HttpGet, SslGet, Url
from vipd.config.lvs_settings import Header, HttpSettings, SslSettings

from tests.agent.checks.peers import (
    Talk,
    answers,
    asked,
    certificate,
    endless,
    floods,
    hears_and_says,
    resets,
    silent,
    trickles,
)

OK = b"HTTP/1.0 200 OK\r\n\r\nhello world"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
DIGEST = hashlib.md5(b"hello world").hexdigest()


def get(**url: object) -> HttpGet:
    return HttpGet(urls=(Url("/", **url),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "text", "detail"),
    [
        ({}, OK, "gets status 200 for /"),
        ({"digest": DIGEST}, OK, "gets status 200 for /"),
        ({"digest": DIGEST.upper()}, OK, "gets status 200 for /"),
        (
            {"digest": DIGEST},
            b"HTTP/1.0 200 OK\r\nContent-Length: 11\r\n\r\nhello world and more",
            "gets status 200 for /",
        ),
        ({"status_code": ((301, 302), (404, 404))}, b"HTTP/1.1 404 no\r\n\r\n", "gets status 404 for /"),
        ({"regex": "w.rld$"}, OK, "gets status 200 for /"),
        ({"regex": "WORLD", "regex_options": ("caseless",)}, OK, "gets status 200 for /"),
        ({"regex": "bad", "regex_no_match": True}, OK, "gets status 200 for /"),
        ({"regex": "o", "regex_min_offset": 5, "regex_max_offset": 7}, OK, "gets status 200 for /"),
    ],
)
def test_a_page_as_it_should_be(url: dict[str, object], text: bytes, detail: str) -> None:
    answer = asked(get(**url), answers(text))
    assert (answer.success, answer.detail) == (True, detail)


@pytest.mark.parametrize(
    ("url", "text", "detail"),
    [
        ({}, b"HTTP/1.0 500 oh\r\n\r\n", "gets status 500 for /"),
        ({}, b"HTTP/1.0 301 there\r\nLocation: /\r\n\r\n", "gets status 301 for /"),
        ({"digest": "0" * 32}, OK, f"gets the digest {DIGEST} for /"),
        ({"regex": "nothing"}, OK, "gets a page for / that does not match regex"),
        ({"regex": "hello", "regex_no_match": True}, OK, "gets a page for / that matches regex"),
        (
            {"regex": "o", "regex_min_offset": 5, "regex_max_offset": 6},
            OK,
            "gets a page for / that does not match regex",
        ),
        ({}, b"HTTP/1.0 200 OK\r\nContent-Length: 50\r\n\r\nshort", "gets 5 octets of 50"),
        ({}, b"HTTP/1.0 200 OK\r\nContent-Length: many\r\n\r\n", "gets a Content-Length that is no number"),
        ({}, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "gets a chunk without a size"),
        ({}, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff\r\n", "gets a page of more than"),
        ({}, b"SSH-2.0-OpenSSH_9.2\r\n", "gets no HTTP answer"),
        ({}, b"HTTP/1.0 none\r\n\r\n", "gets no HTTP answer"),
        ({}, b"", "gets no HTTP answer"),
        ({}, b"HTTP/1.0 200 OK\r\n" + b"a: b\r\n" * 500, "gets headers without end"),
        ({}, b"HTTP/1.1 200", "gets a line that breaks off"),
        ({}, b"HTTP/1.1 200 OK\r\n", "gets headers that break off"),
        ({}, b"HTTP/1.1 200 OK\r\nContent-Ty", "gets a line that breaks off"),
        ({}, CHUNKED + b"-5\r\n\r\n0\r\n\r\n", "gets a chunk without a size"),
        ({}, CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n", "gets a chunk without a size"),
        ({}, CHUNKED + b"5\r\nhelloXXXX\r\n0\r\n\r\n", "gets a chunk that is not as long as it says"),
        ({}, CHUNKED + b"5\r\nhello", "gets a chunk that is not as long as it says"),
        ({}, CHUNKED + b"5\r\nhello\r\n", "gets a chunk without a size"),
    ],
)
def test_a_page_as_it_should_not_be(url: dict[str, object], text: bytes, detail: str) -> None:
    answer = asked(get(**url), answers(text))
    assert not answer.success
    assert answer.detail.startswith(detail)


@pytest.mark.parametrize(
    ("talk", "detail"),
    [
        (silent, "gets no answer in time"),
        (resets, "cannot connect: "),
        (trickles, "gets no answer in time"),
        (endless(b"HTTP/1.0 200 OK\r\n\r\n"), "gets a page of more than"),
        (endless(b"HTTP/1.0 200 "), "cannot read what it gets: "),
        (hears_and_says(b"\xff\xfe" * 100), "gets a line that breaks off"),
    ],
)
def test_a_server_that_misbehaves_costs_a_bounded_time(
    talk: Talk, detail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "BODY_LIMIT", 1_000_000)
    answer = asked(get(), talk)
    assert not answer.success
    assert answer.detail.startswith(detail), answer.detail


def test_a_page_that_never_ends_is_not_listened_to_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BODY_LIMIT", 10**12)
    assert asked(get(), floods(b"HTTP/1.0 200 OK\r\n\r\n")).detail == "gets no answer in time"


def test_an_expression_that_doubles_its_time_an_octet_fails_its_check_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vipd.checks.bounded_search.LIMIT_S", 0.1)
    page = b"HTTP/1.0 200 OK\r\n\r\n" + b"a" * 27  # seconds without a bound
    endless_one = get(regex="^(a+)+$X")
    assert asked(endless_one, answers(page)).detail == "gets a page in which its regex searches longer than 0.1 s"
    assert asked(get(regex="a+"), answers(page)).success


def test_an_alarm_that_comes_late_is_nobody_s() -> None:
    assert asked(get(regex="w"), answers(OK)).success
    signal.raise_signal(signal.SIGVTALRM)


def test_chunks_are_put_together() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5;x=y\r\nworld\r\n0\r\n\r\n"
    assert asked(get(digest=DIGEST), answers(chunked)).success


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.0", b"GET / HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: www\r\n\r\n"),
        ("1.0C", b"GET / HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: www\r\n\r\n"),
        ("1.1", b"GET / HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: www\r\n\r\n"),
    ],
)
def test_the_request_is_keepalived_s(version: str, expected: bytes) -> None:
    heard: list[bytes] = []
    asked(HttpGet(urls=(Url("/"),), http_protocol=version), answers(OK, heard), virtualhost="www")
    assert heard == [expected]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_headers_of_the_second_file_are_sent(version: str) -> None:
    heard: list[bytes] = []
    settings = HttpSettings((Header("X-Forwarded-Proto", "https"), Header("Authorization", "Bearer a b")))
    checker = HttpGet(urls=(Url("/"),), http_protocol=version)
    asked(checker, answers(OK, heard), virtualhost="www", surroundings=Surroundings(http=settings))
    assert heard[0].endswith(b"Host: www\r\nX-Forwarded-Proto: https\r\nAuthorization: Bearer a b\r\n\r\n")


@pytest.mark.parametrize(
    "page",
    [
        OK,
        OK.replace(b"Content-Length: 11\r\n", b""),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n",
    ],
)
def test_a_page_is_as_large_as_the_second_file_allows(page: bytes) -> None:
    def answer(limit: int) -> str:
        return asked(get(), answers(page), surroundings=Surroundings(http=HttpSettings(body_limit=limit))).detail

    assert answer(11) == "gets status 200 for /"
    assert answer(10) == "gets a page of more than 10 octets"


def test_without_a_virtual_host_the_server_s_own_address_is_the_host() -> None:
    heard: list[bytes] = []
    asked(get(), answers(OK, heard))
    assert b"\r\nHost: 127.0.0.1:" in heard[0]


def test_each_step_is_another_url() -> None:
    heard: list[bytes] = []
    checker = HttpGet(urls=(Url("/a"), Url("/b", virtualhost="own")))
    asked(checker, answers(OK, heard), step=1, virtualhost="www")
    assert heard[0].startswith(b"GET /b ")
    assert b"Host: own" in heard[0]


def test_within_tls_any_certificate_will_do(tmp_path: Path) -> None:
    context = certificate(tmp_path)
    assert asked(SslGet(urls=(Url("/", digest=DIGEST),)), answers(OK), context=context).success


@pytest.mark.parametrize(("checker", "name"), [({"enable_sni": True}, "www"), ({"sni_name": "sni"}, "sni"), ({}, None)])
def test_the_name_is_sent_when_it_is_asked_for(checker: dict[str, object], name: str | None, tmp_path: Path) -> None:
    context = certificate(tmp_path)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, server_name, _context: names.append(server_name)
    asked(SslGet(urls=(Url("/"),), **checker), answers(OK), context=context, virtualhost="www")  # type: ignore[arg-type]
    assert names == [name]


@pytest.mark.parametrize(
    ("name", "ca", "detail"),
    [
        ("somewhere.else", True, "gets status 200 for /"),
        ("www", True, "cannot shake hands within TLS: CERTIFICATE_VERIFY_FAILED"),
        (None, True, "cannot shake hands within TLS: CERTIFICATE_VERIFY_FAILED"),
        ("somewhere.else", False, "cannot shake hands within TLS: CERTIFICATE_VERIFY_FAILED"),
    ],
)
def test_a_certificate_is_verified_where_that_is_asked_for(
    name: str | None, ca: bool, detail: str, tmp_path: Path
) -> None:
    context = certificate(tmp_path)
    settings = SslSettings(ca=str(tmp_path / "cert.pem") if ca else None, verify=True)
    checker = SslGet(urls=(Url("/"),))
    answer = asked(checker, answers(OK), context=context, virtualhost=name, surroundings=Surroundings(ssl=settings))
    assert answer.detail == detail


def test_a_renewed_certificate_is_read_once_a_configuration_is_adopted(tmp_path: Path) -> None:
    settings = SslSettings(ca=str(tmp_path / "cert.pem"), verify=True)

    def detail() -> str:
        return asked(
            SslGet(urls=(Url("/"),)),
            answers(OK),
            context=context,
            virtualhost="somewhere.else",
            surroundings=Surroundings(ssl=settings),
        ).detail

    async def adopt() -> None:
        Pool(pytest.fail, pytest.fail).surroundings = Surroundings()

    context = certificate(tmp_path)
    assert detail() == "gets status 200 for /"
    context = certificate(tmp_path)
    assert detail() == "cannot shake hands within TLS: CERTIFICATE_VERIFY_FAILED"
    asyncio.run(adopt())
    assert detail() == "gets status 200 for /"


def test_a_server_without_tls_fails_within_it() -> None:
    answer = asked(SslGet(urls=(Url("/"),)), hears_and_says(b"HTTP/1.0 400 Bad Request\r\n\r\n"))
    assert not answer.success
    assert answer.detail.startswith("cannot shake hands within TLS")


@pytest.mark.skipif(shutil.which("genhash") is None, reason="genhash comes with keepalived")
def test_the_digest_is_genhash_s(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(bytes(range(256)) * 50)
    server = HTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = str(server.server_port)
    done = subprocess.run(
        ["genhash", "-s", "127.0.0.1", "-p", port, "-u", "/page"],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    server.shutdown()
    server.server_close()
    assert hashlib.md5((tmp_path / "page").read_bytes()).hexdigest() in done.stdout
