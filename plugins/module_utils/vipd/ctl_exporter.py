# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``vipctl exporter``: metrics for Prometheus over HTTP, from a process that the daemon knows nothing of.

What is shown is in ``metrics/``. It needs the control socket and a port, and nothing else of the node.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys

from .asking import ask
from .runtime.options import DIRECTOR_SOCKET

LISTEN = "127.0.0.1:9650"

EXIT_OK = 0
EXIT_CANNOT_LISTEN = 1


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--listen", type=address, default=LISTEN, metavar="ADDRESS:PORT", help="where to (default: %(default)s)"
    )
    command.add_argument("--once", action="store_true", help="print the metrics and end: for a text file collector")


def address(word: str) -> tuple[str, int]:
    """``127.0.0.1:9650``, ``[::1]:9650``; ``:9650`` is any address."""
    host, colon, port = word.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535 or (":" in host) is not host.startswith("["):
        raise argparse.ArgumentTypeError(f"expected ADDRESS:PORT, as in {LISTEN} or [::1]:9650, not {word!r}")
    return host.strip("[]") or "0.0.0.0", int(port)


def export(listen: tuple[str, int], once: bool, control_socket: str) -> int:
    """Until a signal ends it."""
    from .metrics.scrape import Scrape  # noqa: PLC0415  no other command needs it
    from .metrics.server import MetricsServer  # noqa: PLC0415

    director_socket = os.path.join(os.path.dirname(control_socket), DIRECTOR_SOCKET)
    paths = {"status": control_socket, "director": director_socket}
    scrape = Scrape(lambda command, timeout_s: ask(paths[command], command, timeout_s))
    if once:
        sys.stdout.write(scrape.page())
        return EXIT_OK
    host, port = listen
    try:
        server = MetricsServer(host, port, scrape.page)
    except OSError as error:
        sys.stderr.write(f"cannot listen on {host} port {port}: {error.strerror}; choose another with --listen\n")
        return EXIT_CANNOT_LISTEN
    sys.stderr.write(f"metrics at http://{host}:{server.server_port}/metrics\n")
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return EXIT_OK
