# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a firewall lets protocol 112 in: firewalld, ufw, nftables. Rules are read, never set.

Rules can say a thing in many ways, so this only suspects; ``strangers.py`` drops a suspicion when a peer was heard.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .finding import ERROR, Finding, Run

CHECK = "firewall"
UFW_FILES = ("/etc/ufw/ufw.conf", "/etc/ufw/before.rules", "/etc/ufw/user.rules")
_UFW_IS_ENABLED = re.compile(r"^ENABLED=yes", re.MULTILINE)
_UFW_ACCEPTS = re.compile(r"^-A ufw\S*-input\b.*-p (vrrp|112)\b.*-j ACCEPT", re.MULTILINE)
_VRRP = ("vrrp", 112)


def judge(run: Run, interface: str, ufw_rules: str) -> list[Finding]:
    """The first of them that is in charge: firewalld and ufw write the rules that nft would show."""
    for ask in (_firewalld(run, interface), _ufw(run, interface, ufw_rules)):
        if ask is not None:
            return ask
    return list(_nftables(run))


def _firewalld(run: Run, interface: str) -> list[Finding] | None:
    said = run("firewall-cmd", "--state")
    if said is None or said[0] != 0:
        return None
    zone = _answer(run("firewall-cmd", f"--get-zone-of-interface={interface}"))
    zone = zone or _answer(run("firewall-cmd", "--get-default-zone"))
    rules = _answer(run("firewall-cmd", f"--zone={zone}", "--list-all"))
    if re.search(r"target: ACCEPT|protocols:.*\b(vrrp|112)\b|protocol value=\"(vrrp|112)\".*accept", rules):
        return []
    message = f"firewalld's zone {zone}, which has {interface}, lets no VRRP in"
    remedy = (
        f"vipd_open_firewall: true opens it, or firewall-cmd --zone={zone} --add-protocol=vrrp, and with --permanent"
    )
    return [Finding(CHECK, ERROR, message, remedy)]


def _answer(said: tuple[int, str] | None) -> str:
    return said[1].strip() if said is not None and said[0] == 0 else ""


def _ufw(run: Run, interface: str, rules: str) -> list[Finding] | None:
    """ufw itself leaves a file behind when it is asked: a host where it is off is not asked."""
    if not _UFW_IS_ENABLED.search(rules) or "Status: active" not in _answer(run("ufw", "status")):
        return None
    if _UFW_ACCEPTS.search(rules):
        return []
    remedy = f"vipd_open_firewall: true opens it, or ufw allow in on {interface} proto vrrp from any"
    return [Finding(CHECK, ERROR, "ufw is active and lets no VRRP in", remedy)]


def _nftables(run: Run) -> Iterator[Finding]:
    listing = _answer(run("nft", "--json", "list", "ruleset"))
    if not listing:
        return
    items = json.loads(listing)["nftables"]
    chains = [item["chain"] for item in items if "chain" in item]
    rules = [item["rule"] for item in items if "rule" in item]
    for chain in chains:
        if chain.get("hook") != "input" or chain["family"] not in ("inet", "ip", "ip6"):
            continue
        table = (chain["family"], chain["table"])
        of_table = [rule for rule in rules if (rule["family"], rule["table"]) == table]
        of_chain = [rule for rule in of_table if rule["chain"] == chain["name"]]
        if _closed(chain, of_chain) and not any(map(_lets_vrrp_in, of_table)):
            name = f"{table[0]} {table[1]} {chain['name']}"
            remedy = f"nft insert rule {name} meta l4proto 112 accept, and the same where rules are kept"
            yield Finding(CHECK, ERROR, f"the nftables chain {name} drops what no rule lets in, VRRP too", remedy)


def _closed(chain: dict[str, Any], rules: list[dict[str, Any]]) -> bool:
    last = rules[-1]["expr"] if rules else []
    refuses_all = bool(last) and all(set(part) <= {"drop", "reject", "counter", "log"} for part in last)
    return chain.get("policy") == "drop" or (refuses_all and set(last[-1]) <= {"drop", "reject"})


def _lets_vrrp_in(rule: dict[str, Any]) -> bool:
    parts: list[dict[str, Any]] = rule.get("expr", [])
    accepts = any({"accept", "jump", "goto"} & set(part) for part in parts)
    named = [part["match"].get("right") for part in parts if "match" in part]
    return accepts and (not named or any(_names_vrrp(right) for right in named))


def _names_vrrp(right: Any) -> bool:
    if isinstance(right, dict):
        return any(one in _VRRP for one in right.get("set", ()) if not isinstance(one, dict))
    return right in _VRRP
