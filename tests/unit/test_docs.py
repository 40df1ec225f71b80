# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documents show is true: playbooks are valid, variables exist, configurations parse, links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lbha.pair.plugins.filter.pair_plan import pair_plan
from vipd.config.parse import parse
from vipd.core.receive import Refusal

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("roles/*/README.md")])
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

TASKS = ("pre_tasks", "tasks", "post_tasks")
ROLES = {path.name for path in ROOT.glob("roles/*")}

per_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def blocks(document: Path, language: str) -> list[str]:
    return [textwrap.dedent(text) for _indent, found, text in BLOCK.findall(document.read_text()) if found == language]


def plays(document: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for text in blocks(document, "yaml"):
        content = yaml.safe_load(text)
        if isinstance(content, list):  # what has sources is a rulebook, which test_event_source.py reads
            found += [item for item in content if "hosts" in item and "sources" not in item]
    return found


def role_uses(document: Path) -> list[tuple[set[str], set[str]]]:
    """(our roles, the variables they are given) for each play and each inventory of a document."""
    uses = []
    for play in plays(document):
        given = set(play.get("vars", {}))
        roles = set()
        for use in play.get("roles", []):
            role = use if isinstance(use, str) else use["role"]
            roles.add(role.removeprefix("lbha.pair."))
            given |= set() if isinstance(use, str) else set(use) - {"role", "tags", "when", "become"}
        uses.append((roles, given))
    return uses + [(ROLES, given) for given in inventory_variables(document)]


def inventory_variables(document: Path) -> list[set[str]]:
    inventories = [content for text in blocks(document, "yaml") if isinstance(content := yaml.safe_load(text), dict)]
    groups = [group for inventory in inventories for group in inventory.values() if isinstance(group, dict)]
    return [set(group.get("vars", {})) for group in groups]


def options(role: str) -> set[str]:
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())
    return set(specs["argument_specs"]["main"]["options"])


def test_there_are_documents_with_playbooks() -> None:
    assert plays(ROOT / "README.md")


@per_document
def test_every_yaml_example_parses(document: Path) -> None:
    for text in blocks(document, "yaml"):
        yaml.safe_load(text)


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if plays(path)], ids=lambda path: path.name)
def test_ansible_accepts_the_playbooks(document: Path, tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(yaml.safe_dump(plays(document)))
    (tmp_path / "hosts.yml").write_text("lb: {hosts: {lb01: {}, lb02: {}}}\nweb: {hosts: {web01: {}}}\n")
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "--syntax-check", "-i", "hosts.yml", "play.yml"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".ansible" / "collections")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@per_document
def test_roles_know_the_variables_that_are_shown(document: Path) -> None:
    for roles, given in role_uses(document):
        known = set().union(*(options(role) for role in roles | {"vipd"}))
        assert given <= known


def anchors(document: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = HEADING.findall(re.sub(BLOCK, "", document.read_text()))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if plays(path)], ids=lambda path: path.name)
def test_modules_know_the_options_that_are_shown(document: Path) -> None:
    for name, given in module_uses(document):
        source = (ROOT / "plugins" / "modules" / f"{name}.py").read_text()
        documentation = yaml.safe_load(source.partition('DOCUMENTATION = r"""')[2].partition('"""')[0])
        assert given <= set(documentation.get("options", {})), name


def module_uses(document: Path) -> list[tuple[str, set[str]]]:
    tasks = [task for play in plays(document) for part in TASKS for task in play.get(part, [])]
    uses = [(key.removeprefix("lbha.pair."), given) for task in tasks for key, given in task.items()]
    return [(name, set(given or ())) for name, given in uses if (ROOT / "plugins" / "modules" / f"{name}.py").exists()]


@per_document
def test_links_lead_somewhere(document: Path) -> None:
    links = [link for link in LINK.findall(document.read_text()) if "://" not in link[0]]
    targets = [(document.parent / file if file else document, anchor) for file, anchor in links]
    assert [str(file) for file, _anchor in targets if not file.exists()] == []
    assert [(file.name, anchor) for file, anchor in targets if anchor and anchor not in anchors(file)] == []


@per_document
def test_make_targets_that_are_named_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = document.read_text()
    named = set(re.findall(r"`make ([a-z]+)", text)) | set(re.findall(r"^make ([a-z]+)", text, re.MULTILINE))
    assert named <= targets


@per_document
def test_vipd_accepts_the_configurations(document: Path) -> None:
    for text in blocks(document, "keepalived"):
        assert parse(text, document.name).diagnostics == ()


def test_there_is_a_cause_for_every_reason_for_which_an_advert_is_discarded() -> None:
    text = (ROOT / "docs" / "troubleshooting.md").read_text()
    own_state = {Refusal.NOT_LISTENING}  # nothing is wrong with the advert
    assert [reason.value for reason in set(Refusal) - own_state if f"`{reason.value}`" not in text] == []


def inventories() -> list[tuple[str, str, dict[str, Any]]]:
    """(document, topology, group) for each group that says which VIPs it has."""
    found = []
    for document in DOCUMENTS:
        for text in blocks(document, "yaml"):
            content = yaml.safe_load(text)
            groups = content.values() if isinstance(content, dict) else []
            for group in groups:
                given = group.get("vars", {}) if isinstance(group, dict) else {}
                found += [
                    (str(document.relative_to(ROOT)), topology, group)
                    for topology in ("single_master", "dual_master")
                    if f"{topology}_vips" in given
                ]
    return found


@pytest.mark.parametrize(("document", "topology", "group"), inventories())
def test_the_inventories_make_plans(document: str, topology: str, group: dict[str, Any], tmp_path: Path) -> None:
    """What they come to is compared in test_topologies.py; mistakes in one are an error."""
    hosts = group.get("hosts", {"lb01": {}, "lb02": {}})
    hostvars = {
        name: {"ansible_host": f"10.0.0.{number}", **group["vars"], **own}
        for number, (name, own) in enumerate(hosts.items(), start=50)
    }
    given = {
        name: value
        for name, value in group["vars"].items()
        if name.startswith((topology, "vipd_extensions", "vipd_provider", "vipd_unicast"))
    }
    if f"{topology}_password" in given:  # a template in its place
        given[f"{topology}_password"] = "s3cret"
    plan = pair_plan(
        given, topology, hostvars=hostvars, host=next(iter(hosts)), play_hosts=list(hosts), inventory_dir=str(tmp_path)
    )
    assert plan["holders"]
