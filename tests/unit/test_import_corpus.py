# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What comes of every pair at hand: how much a role says structured, how much it passes through, how much stays raw.

The pairs are those of the handbooks (tests/data/seeds), of popular roles (tests/data/roles), and of keepalived's own
samples. A file that is published for one node gets a second one that stands by. What comes of each is in the table of
docs/migration.md, which is compared here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lbha.pair.plugins.filter.import_pair import import_pair
from ansible_collections.lbha.pair.plugins.filter.pair_plan import pair_plan
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import parse
from ansible_collections.lbha.pair.plugins.plugin_utils.equivalence import compare

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "tests" / "data" / "seeds"
ROLES = ROOT / "tests" / "data" / "roles"
SAMPLES = Path("/usr/share/doc/keepalived/samples")
PAGE = ROOT / "docs" / "migration.md"

Texts = Mapping[str, str]

PUBLISHED_AS_PAIRS = (
    ("single_lb01", "single_lb02"),
    ("dual_lb01", "dual_lb02"),
    ("labels_single_master", "labels_single_backup"),
    ("labels_dual_first", "labels_dual_second"),
    ("nginx_master", "nginx_backup"),
    ("two_vips_master", "two_vips_backup"),
    ("two_masters_first", "two_masters_second"),
)
SAMPLES_OF_A_NODE = (
    *("sample", "vrrp", "vrrp.localcheck", "vrrp.lvs_syncd", "vrrp.routes", "vrrp.rules", "vrrp.scripts"),
    *("vrrp.static_ipaddress", "vrrp.sync", "track_interface", "SSL_GET"),
)
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="keepalived's samples are not installed")


def standing_by(text: str) -> str:
    """The second node of a file that was published for one."""
    backup = re.sub(r"\bstate(\s+)MASTER\b", r"state\1BACKUP", text)
    return re.sub(r"\bpriority(\s+)(\d+)", lambda found: f"priority{found[1]}{int(found[2]) - 1}", backup)


def pairs() -> Iterator[tuple[str, Texts]]:
    for first, second in PUBLISHED_AS_PAIRS:
        yield f"seeds: {first}", dict(zip(("lb01", "lb02"), map(seed, (first, second)), strict=True))
    paired = {name for both in PUBLISHED_AS_PAIRS for name in both}
    for path in sorted(path for path in SEEDS.glob("*.conf") if path.stem not in paired):
        yield f"seeds: {path.stem}", {"lb01": path.read_text(), "lb02": standing_by(path.read_text())}
    for path in sorted(ROLES.glob("*_1.conf")):
        role = path.stem.removesuffix("_1")
        yield f"roles: {role}", {f"lb0{number}": (ROLES / f"{role}_{number}.conf").read_text() for number in (1, 2)}
    for name in SAMPLES_OF_A_NODE if SAMPLES.is_dir() else ():
        text = (SAMPLES / f"keepalived.conf.{name}").read_text(encoding="utf-8", errors="replace")
        yield f"samples: {name}", {"lb01": text, "lb02": standing_by(text)}


def seed(name: str) -> str:
    return (SEEDS / f"{name}.conf").read_text()


PAIRS = dict(pairs())


def imported(texts: Texts) -> dict[str, Any] | None:
    """None: a mistake stands in it, and the import refuses it."""
    try:
        return import_pair(texts)
    except AnsibleFilterError as refusal:
        if "correct it where it is" not in str(refusal):
            raise
        return None


def words_of_hosts(found: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each host with its variables, without the role's prefix; those of all roles keep theirs."""
    group = found["inventory"]["lb"]
    for host, own in group["hosts"].items():
        seen = {**group.get("vars", {}), **own}
        yield host, {name.removeprefix(f"{found['topology']}_"): value for name, value in seen.items()}


def prefixed(name: str, topology: str) -> str:
    return name if name.startswith("vipd_") else f"{topology}_{name}"


def lines(text: str) -> int:
    return sum(line.strip() not in ("", "}") for line in text.splitlines())


def passed_through(said: Mapping[str, Any], host: str, instances: int) -> int:
    singly = said.get("instances", [])
    of_instances = [one.get("options", {}) for one in singly]
    of_instances += [one.get("hosts", {}).get(host, {}).get("options", {}) for one in singly]
    common = instances * lines_of(said.get("instance_options", {}))
    return common + lines_of(said.get("global_options", {})) + sum(map(lines_of, of_instances))


def lines_of(options: Mapping[str, Any]) -> int:
    return sum(1 + (len(value) if isinstance(value, list) else 0) for value in options.values() if value is not False)


def row(name: str, texts: Texts) -> str:
    found = imported(texts)
    if found is None:
        return f"| {name} | refused: it has a mistake | | | |"
    total = sum(lines(node["text"]) for node in found["hosts"].values())
    raw, options = total, 0
    if found["topology"] != "raw":
        parsed = {host: parse(node["text"]).config for host, node in found["hosts"].items()}
        said = dict(words_of_hosts(found))
        raw = sum(lines(one.get("raw", "")) for one in said.values())
        options = sum(passed_through(one, host, len(parsed[host].instances)) for host, one in said.items())
    shares = (100 * (total - options - raw) / total, 100 * options / total, 100 * raw / total)
    return f"| {name} | {found['topology']} | {' | '.join(f'{share:.0f} %' for share in shares)} |"


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_imported_asks_for_the_same(name: str) -> None:
    texts = PAIRS[name]
    found = imported(texts)
    if found is None or found["topology"] == "raw":
        return
    said = {host: {prefixed(key, found["topology"]): value for key, value in one.items()}
            for host, one in words_of_hosts(found)}  # fmt: skip
    plan = pair_plan(said["lb01"], found["topology"], hostvars=said, host="lb01", play_hosts=list(texts))
    for host, text in texts.items():
        assert compare(parse(text).config, parse(plan["hosts"][host]["text"]).config).different == ()


@needs_samples
def test_the_page_says_what_comes_of_each_pair() -> None:
    table = "\n".join(row(name, texts) for name, texts in PAIRS.items())
    assert table in PAGE.read_text(), f"the table of docs/migration.md is stale; it should be:\n{table}"


@needs_samples
def test_a_role_says_every_pair_that_has_no_mistake() -> None:
    found = {name: imported(texts) for name, texts in PAIRS.items()}
    assert [name for name, one in found.items() if one and one["topology"] == "raw"] == []
    refused = [name for name, one in found.items() if one is None]
    assert refused == [f"samples: {name}" for name in ("vrrp", "vrrp.lvs_syncd", "vrrp.rules", "SSL_GET")]
