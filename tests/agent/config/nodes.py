# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two nodes that fit each other, and what is said of nodes when they are compared."""

from __future__ import annotations

from vipd.config.across import across
from vipd.config.parse import parse

SCRIPT = "vrrp_script web { script /x }\n"
NODE = """\
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 1
    virtual_ipaddress {
        10.0.0.3/24
    }
}
"""
OTHER = NODE.replace("150", "100")
UNICAST = "    unicast_src_ip 10.0.0.1\n    unicast_peer {\n        10.0.0.2\n    }\n}\n"


def said(*texts: str) -> list[str]:
    configs = [parse(text, file=f"lb0{number}").config for number, text in enumerate(texts, start=1)]
    return [str(found) for found in across(configs)]
