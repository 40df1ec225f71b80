# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP_GET and SSL_GET: a url answers with the status, the digest and the text that it should.

Request and digest are those of keepalived and its genhash. Beyond them, a body in chunks (HTTP/1.1) is put together
before it is judged, and vipd's own file may give headers and a limit. No redirect is followed.
Source: keepalived.conf(5), RFC 9112.
"""

from __future__ import annotations

import hashlib
import re
import ssl
from functools import lru_cache
from typing import Optional

from ..config.checkers import HttpGet, SslGet, Url
from ..config.expression import compiled
from ..config.lvs import Endpoint
from ..config.lvs_settings import Header, SslSettings
from ..director.effects import Probe
from .answer import Answer, CheckFailedError, Surroundings
from .bounded_search import search
from .connection import Stream, stream, target

HEADER_LINES_MAX = 200
BODY_LIMIT = 16 * 1024 * 1024  # octets; a larger page is no health check
_CHUNK = 65536
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]+")
_DEFAULT_PORTS = {False: 80, True: 443}
_SUCCESS = ((200, 299),)


async def check(probe: Probe, checker: HttpGet, step: int, surroundings: Surroundings) -> Answer:
    url = checker.urls[step]
    secure = isinstance(checker, SslGet)
    peer = target(checker.connection, probe.endpoint)
    context = _context(surroundings.ssl) if secure else None
    name = _server_name(checker, url, probe.virtualhost)
    if surroundings.ssl.verify:
        name = name or url.virtualhost or probe.virtualhost or str(peer.address)
    async with stream(checker.connection, probe.endpoint, probe.timing, context, name) as connection:
        text = request(checker, url, url.virtualhost or probe.virtualhost, peer, surroundings.http.headers)
        await connection.send(text)
        status, headers = await _head(connection)
        body = await _body(connection, headers, surroundings.http.body_limit or BODY_LIMIT)
    return judge(url, status, body)


def request(
    checker: HttpGet, url: Url, virtualhost: Optional[str], peer: Endpoint, headers: tuple[Header, ...] = ()
) -> bytes:
    secure = isinstance(checker, SslGet)
    version = "1.1" if checker.http_protocol == "1.1" else "1.0"
    close = "" if checker.http_protocol == "1.0" else "Connection: close\r\n"
    own = Endpoint(peer.address, None if peer.port == _DEFAULT_PORTS[secure] else peer.port)
    more = "".join(f"{header.name}: {header.header_value}\r\n" for header in headers)
    head = f"GET {url.path} HTTP/{version}\r\nUser-Agent: KeepAliveClient\r\n{close}Host: {virtualhost or own}\r\n"
    return f"{head}{more}\r\n".encode("utf-8", "surrogateescape")


def judge(url: Url, status: int, body: bytes) -> Answer:
    """Status first, then digest, then expression."""
    if not any(low <= status <= high for low, high in url.status_code or _SUCCESS):
        raise CheckFailedError(f"gets status {status} for {url.path}")
    if url.digest is not None:
        digest = hashlib.new("md5", body, usedforsecurity=False).hexdigest()
        if digest != url.digest.lower():
            raise CheckFailedError(f"gets the digest {digest} for {url.path}")
    if url.regex is not None and _matches(url, body) is url.regex_no_match:
        raise CheckFailedError(
            f"gets a page for {url.path} that {'matches' if url.regex_no_match else 'does not match'} regex"
        )
    return Answer(True, f"gets status {status} for {url.path}")


def _matches(url: Url, body: bytes) -> bool:
    found = search(compiled(url), body, url.regex_min_offset or 0)
    return found is not None and (url.regex_max_offset is None or found.start() <= url.regex_max_offset)


async def _head(connection: Stream) -> tuple[int, dict[bytes, bytes]]:
    line = await connection.line() or b""
    version, _space, rest = line.partition(b" ")
    if not version.startswith(b"HTTP/") or not rest[:3].isdigit():
        raise CheckFailedError("gets no HTTP answer")
    headers: dict[bytes, bytes] = {}
    for _count in range(HEADER_LINES_MAX):
        header = await connection.line()
        if header is None:
            raise CheckFailedError("gets headers that break off")
        if not header:
            return int(rest[:3]), headers
        name, _colon, value = header.partition(b":")
        headers[name.strip().lower()] = value.strip()
    raise CheckFailedError("gets headers without end")


async def _body(connection: Stream, headers: dict[bytes, bytes], limit: int) -> bytes:
    if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
        return await _chunks(connection, limit)
    length = headers.get(b"content-length")
    if length is not None and not length.isdigit():
        raise CheckFailedError("gets a Content-Length that is no number")
    return await _read(connection, None if length is None else int(length), limit)


async def _read(connection: Stream, length: Optional[int], limit: int) -> bytes:
    """``length`` octets, or what comes up to the end of the connection."""
    body = bytearray()
    while length is None or len(body) < length:
        part = await connection.some(_CHUNK if length is None else min(_CHUNK, length - len(body)))
        if not part:
            break
        body += part
        if len(body) > limit:
            raise CheckFailedError(f"gets a page of more than {limit} octets")
    if length is not None and len(body) < length:
        raise CheckFailedError(f"gets {len(body)} octets of {length}")
    return bytes(body)


async def _chunks(connection: Stream, limit: int) -> bytes:
    body = bytearray()
    while True:
        size = (await connection.line() or b"").partition(b";")[0].strip()
        if not _CHUNK_SIZE.fullmatch(size):
            raise CheckFailedError("gets a chunk without a size")
        length = int(size, 16)
        if length == 0:
            return bytes(body)
        if len(body) + length > limit:
            raise CheckFailedError(f"gets a page of more than {limit} octets")
        body += await _read(connection, length, limit)
        if await connection.line() != b"":
            raise CheckFailedError("gets a chunk that is not as long as it says")


def _server_name(checker: HttpGet, url: Url, virtualhost: Optional[str]) -> str:
    """For SNI; empty: none is sent, as keepalived does unless enable_sni is given."""
    if not isinstance(checker, SslGet) or not (checker.enable_sni or checker.sni_name):
        return ""
    return checker.sni_name or url.virtualhost or virtualhost or ""


@lru_cache(maxsize=4)
def _context(settings: SslSettings) -> ssl.SSLContext:
    """As keepalived's, any certificate will do, because a real server is known by its address; unless ``verify``."""
    if settings.verify:
        context = ssl.create_default_context(cafile=settings.ca)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if settings.certificate is not None:
        context.load_cert_chain(settings.certificate, settings.key, settings.password)
    return context


def forget_certificates() -> None:
    """The next check reads them again."""
    _context.cache_clear()
