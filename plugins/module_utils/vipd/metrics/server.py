# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The little HTTP server of ``vipctl exporter``: ``GET /metrics``, and nothing else that means anything.

A client may be slow, broken or hostile: one that says nothing is let go after ``CLIENT_TIMEOUT_S``, and there are
``CLIENTS_MAX`` at one time; the next one waits in the kernel's queue. Not loaded by anything but that command.
"""

from __future__ import annotations

import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn
from typing import Any, Callable

from .exposition import CONTENT_TYPE

CLIENTS_MAX = 8
CLIENT_TIMEOUT_S = 10.0

INDEX = b"<!DOCTYPE html><title>vipd exporter</title><a href='/metrics'>metrics</a>\n"


class MetricsServer(ThreadingMixIn, HTTPServer):
    """Listens once it is made; ``page`` gives what ``/metrics`` shows. Raises OSError when it cannot listen."""

    daemon_threads = True
    request_queue_size = 16

    def __init__(self, host: str, port: int, page: Callable[[], str]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.page = page
        self._places = threading.BoundedSemaphore(CLIENTS_MAX)
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        """Without HTTPServer's, which asks the resolver for our own name and may wait for that."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        self._places.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away or said nothing: its loss, and no line in the journal for each."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    server: MetricsServer
    timeout = CLIENT_TIMEOUT_S

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._answer(200, CONTENT_TYPE, self.server.page().encode())
        elif path == "/":
            self._answer(200, "text/html; charset=utf-8", INDEX)
        else:
            self._answer(404, "text/plain; charset=utf-8", b"there is /metrics\n")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_arguments: object) -> None:
        """A line for each scrape would fill the journal."""
