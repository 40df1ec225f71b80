# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An alert as a mail, in keepalived's words, so that filters written for its mails go on working.

Composes only; ``mail.py`` sends. Nothing that a configuration names can add a header: control characters become spaces.
Source: mails that keepalived 2.2.7 sent.
"""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid

from ..config.model import Smtp
from ..core.effects import RunNotify

_TITLES = {"INSTANCE": "VRRP Instance", "GROUP": "VRRP Group", "RS": "Realserver", "VS": "Virtualserver"}
_OF_SERVERS = {
    "RS": {"UP": "=> CHECK succeed on service <=", "DOWN": "=> CHECK failed on service <="},
    "VS": {"UP": "=> Gained quorum <=", "DOWN": "=> Lost quorum <="},
}
LINE_BYTES = 998  # RFC 5322 2.1.1: a subject in one line, as keepalived sends it
_INSTANCE_OWNS = "=> VRRP Instance is now owning VRRP VIPs <="
_INSTANCE_OWNS_NOTHING = "=> VRRP Instance is no longer owning VRRP VIPs <="


def compose(notify: RunNotify, router_id: str, smtp: Smtp, host: str) -> EmailMessage:
    """The mail for ``notify``; ``host`` names this node where no sender is configured."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=LINE_BYTES))
    subject = f"[{router_id}] {_TITLES[notify.kind]} {notify.instance} - {_became(notify)}"
    message["Date"] = formatdate(localtime=True)
    message["From"] = one_line(sender(smtp, host))
    message["To"] = ", ".join(one_line(recipient) for recipient in smtp.recipients)
    message["Subject"] = one_line(subject)
    message["Message-ID"] = make_msgid(domain=one_line(host))
    message["X-Mailer"] = "vipd"
    message.set_content(f"{_body(notify)}\n\n")
    return message


def sender(smtp: Smtp, host: str) -> str:
    """keepalived's default is the daemon's user at this host."""
    return smtp.sender or f"vipd@{host}"


def _became(notify: RunNotify) -> str:
    return notify.state if notify.kind in _OF_SERVERS else f"Entering {notify.state} state"


def _body(notify: RunNotify) -> str:
    if notify.kind in _OF_SERVERS:
        return _OF_SERVERS[notify.kind][notify.state]
    if notify.kind == "GROUP":
        return f"=> All VRRP group instances are now in {notify.state} state <="
    return _INSTANCE_OWNS if notify.state == "MASTER" else _INSTANCE_OWNS_NOTHING


def one_line(text: str) -> str:
    """``text`` without a character that could end a header or an SMTP command."""
    return "".join(character if character.isprintable() else " " for character in text)
