# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as users install it: built, installed into an empty place, and looked at from there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SHIPPED = {
    *("CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "FILES.json", "LICENSE", "MANIFEST.json", "README.md"),
    *("changelogs", "docs", "extensions", "galaxy.yml", "meta", "playbooks", "plugins", "roles"),
}
NOT_DOCUMENTED = {"module_utils", "plugin_utils", "doc_fragments"}


def run(*command: str, cwd: Path, collections: Path | None = None) -> str:
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections or cwd), "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def galaxy(*words: str, cwd: Path) -> str:
    return run(str(BIN / "ansible-galaxy"), "collection", *words, cwd=cwd)


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("built")
    galaxy("build", "--output-path", str(place), cwd=ROOT)
    return next(place.glob("lbha-pair-*.tar.gz"))


@pytest.fixture(scope="module")
def collections(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("collections")
    galaxy("install", "--offline", str(tarball), "--collections-path", str(place), cwd=place)
    return place


@pytest.fixture(scope="module")
def installed(collections: Path) -> Path:
    return collections / "ansible_collections" / "lbha" / "pair"


def names(folder: str, pattern: str) -> list[str]:
    return sorted(path.stem for path in (ROOT / folder).glob(pattern) if not path.name.startswith("__"))


def documented_plugins() -> list[tuple[str, str]]:
    kinds = sorted(
        path.name for path in (ROOT / "plugins").iterdir() if path.is_dir() and path.name not in NOT_DOCUMENTED
    )
    pairs = [(kind, name) for kind in kinds for name in names(f"plugins/{kind}", "*.py")]
    # An action plugin is documented by the module of its name.
    return [("module" if kind in ("modules", "action") else kind, name) for kind, name in pairs]


def test_the_tarball_holds_what_users_need_and_nothing_of_ours(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        files = archive.getnames()
    assert {name.split("/")[0] for name in files} <= SHIPPED
    assert not [name for name in files if "__pycache__" in name or name.endswith(".pyc") or "/fragments/" in name]
    for needed in (
        "docs/monitoring/alerts.yml",
        "extensions/eda/plugins/event_source/transitions.py",
        "meta/runtime.yml",
        "plugins/module_utils/vipd/__main__.py",
        "plugins/plugin_utils/page.css",
        "roles/single_master/meta/argument_specs.yml",
    ):
        assert needed in files


@pytest.mark.parametrize("role", names("roles", "*"))
def test_ansible_doc_explains_the_role(collections: Path, role: str) -> None:
    listed = json.loads(run(str(BIN / "ansible-doc"), "-t", "role", "-j", f"lbha.pair.{role}", cwd=collections))
    entry_points = listed[f"lbha.pair.{role}"]["entry_points"]
    assert entry_points["main"]["short_description"]


@pytest.mark.parametrize(("kind", "name"), documented_plugins())
def test_ansible_doc_explains_the_plugin(collections: Path, kind: str, name: str) -> None:
    listed = json.loads(run(str(BIN / "ansible-doc"), "-t", kind, "-j", f"lbha.pair.{name}", cwd=collections))
    assert listed[f"lbha.pair.{name}"]["doc"]["short_description"]


def playbooks() -> list[str]:
    """Files with a list of plays; the example inventory beside them has none."""
    return [name for name in names("playbooks", "*.yml") if isinstance(content(f"playbooks/{name}.yml"), list)]


def content(path: str) -> object:
    return yaml.safe_load((ROOT / path).read_text())


@pytest.mark.parametrize("playbook", playbooks())
def test_the_playbook_is_found_by_its_full_name(collections: Path, tmp_path: Path, playbook: str) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("lb: {hosts: {lb01: {}, lb02: {}}}\n")
    command = [str(BIN / "ansible-playbook"), "--syntax-check", "-i", str(inventory), f"lbha.pair.{playbook}"]
    run(*command, cwd=tmp_path, collections=collections)


def test_the_agent_runs_from_an_installed_collection(installed: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed / "plugins" / "module_utils")}
    done = subprocess.run(
        [sys.executable, "-m", "vipd", "-v"], env=environment, capture_output=True, text=True, check=False
    )
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
    assert (done.returncode, f"vipd {version}," in done.stdout + done.stderr) == (0, True)
