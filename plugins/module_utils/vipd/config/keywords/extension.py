# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keywords of vipd's own file, which keepalived never reads: so a keepalived.conf stays one that it accepts.

``../extension.py`` puts what the file says into the configuration it stands beside.
"""

from __future__ import annotations

from ..compound import Name
from ..extension_model import InstanceExtension
from ..header_line import HeaderLine
from ..number_values import Integer
from ..table import Block, Items, Repeated, acts
from ..values import Boolean, OneOf, Word

SMTP = Block(
    (
        acts("tls", OneOf(("none", "starttls", "implicit"))),
        acts("ca_file", Word("a path")),
        acts("user", Word("a name")),
        acts("password_file", Word("a path")),
    ),
    part="smtp",
)

GLOBAL_DEFS = Block((acts("smtp", SMTP), acts("slow_start", Integer(1, 3600), "lvs.slow_start_s")), part="global_defs")

SSL = Block((acts("verify", Boolean()),), part="lvs.ssl")

# Of every HTTP_GET and SSL_GET. Above 16 MB a page is no health check.
HTTP_GET = Block(
    (acts("headers", Items(HeaderLine())), acts("body_limit", Integer(1, 16 * 1024 * 1024))),
    part="lvs.http",
    secret=True,
)

# No option of one instance is vipd's alone yet; a block that names an instance is read all the same, and compared.
VRRP_INSTANCE = Block(())

EXTENSION = Block(
    (
        acts("global_defs", GLOBAL_DEFS),
        acts("SSL", SSL),
        acts("HTTP_GET", HTTP_GET),
        acts("vrrp_instance", Repeated(InstanceExtension, VRRP_INSTANCE, Name(), "name"), "instances"),
    )
)
