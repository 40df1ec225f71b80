# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client's side of the control socket, for vipctl and for Ansible's modules: a question, an answer.

``runtime/control.py`` is the other side. It loads nothing of the agent.
"""

from __future__ import annotations

import json
import socket
from typing import Any

ANSWER_TIMEOUT_S = 5.0

# An offer of addresses lasts at most six intervals: three, the skew, which is one more at most, one on the way, and one
# to spare.
OFFER_INTERVALS = 6


class NoAnswerError(Exception):
    """The daemon could not be asked; the text says what to do."""


def ask(path: str, command: str, timeout_s: float = ANSWER_TIMEOUT_S, **arguments: Any) -> dict[str, Any]:
    """The daemon's answer. Raises NoAnswerError."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout_s)
            connection.connect(path)
            connection.sendall(json.dumps({"command": command, **arguments}).encode() + b"\n")
            with connection.makefile("rb") as lines:
                answer: dict[str, Any] = json.loads(lines.readline())
    except PermissionError:
        raise NoAnswerError(f"not allowed to connect to {path}: become root or join the group that owns it") from None
    except (OSError, ValueError) as error:
        raise NoAnswerError(f"no answer from vipd on {path} ({error}); is it running? systemctl status vipd") from None
    if "error" in answer:
        raise NoAnswerError(f"vipd on {path} answers: {answer['error']}")
    return answer


def served(director_path: str) -> set[str]:
    """The virtual servers of the director that answers there; none where nobody does."""
    try:
        return {str(one["virtual_server"]) for one in ask(director_path, "director")["virtual_servers"]}
    except NoAnswerError:
        return set()


def patience_s(status: dict[str, Any]) -> float:
    """How long the answer to an offer may take, of a node with this status."""
    intervals: list[float] = [one["advert_int_s"] for one in status["instances"]]
    return ANSWER_TIMEOUT_S + OFFER_INTERVALS * max([1.0, *intervals])
