# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program that nodes run: the same bytes wherever it is built, and it starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from ansible_collections.lbha.pair.plugins.plugin_utils import program

BUILD = """
import os, sys
os.umask(int(sys.argv[2], 8))
from ansible_collections.lbha.pair.plugins.plugin_utils.program import build
with open(sys.argv[1], "wb") as file:
    file.write(build("/usr/bin/python3").content)
"""


def build_elsewhere(target: Path, cwd: Path, umask: str, hash_seed: str) -> bytes:
    """In a process of its own, as another controller would."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONHASHSEED": hash_seed,
        "TZ": "Asia/Tokyo",
    }
    subprocess.run([sys.executable, "-c", BUILD, target, umask], cwd=cwd, env=environment, check=True)
    return target.read_bytes()


def test_two_builds_have_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    one = build_elsewhere(tmp_path / "one.pyz", tmp_path, "022", "1")
    other = build_elsewhere(tmp_path / "other.pyz", tmp_path / "deep", "077", "2")
    assert one == other == program.build("/usr/bin/python3").content


def test_it_holds_sources_of_the_agent_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "vipd.pyz"
    path.write_bytes(program.build(sys.executable).content)
    names = zipfile.ZipFile(path).namelist()
    assert {name.partition("/")[0] for name in names} == {"__main__.py", "vipd"}
    assert all(name.endswith(".py") for name in names)


def test_each_module_is_compiled_once(tmp_path: Path) -> None:
    """But for those that see to it; and each knows its file, as without."""
    path = tmp_path / "vipd.pyz"
    path.write_bytes(program.build(sys.executable).content)
    counting = """if True:
        import builtins, collections, json, runpy, sys
        times, original = collections.Counter(), builtins.compile
        def counted(source, filename, *more, **options):
            times[filename] += 1
            return original(source, filename, *more, **options)
        builtins.compile = counted
        sys.argv = sys.argv[1:]
        try:
            runpy.run_path(sys.argv[0], run_name="__main__")
        except SystemExit:
            pass
        files = {name: module.__file__ for name, module in sys.modules.items() if name.startswith("vipd")}
        print(json.dumps([times, files]))
    """
    command = [sys.executable, "-c", counting, path, "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    times, files = json.loads(done.stdout)
    ours = {name: count for name, count in times.items() if name.startswith(f"{path}/vipd/")}
    twice = {name.partition("/vipd/")[2] for name, count in ours.items() if count > 1}
    assert twice <= {"__init__.py", "__main__.py", "zip_modules.py"}
    assert files["vipd.start"] == f"{path}/vipd/start.py"
    assert files["vipd.runtime"] == f"{path}/vipd/runtime/__init__.py"


@pytest.mark.parametrize(("name", "says"), [("vipd", "vipd "), ("vipctl", "usage: vipctl")])
def test_its_name_decides_what_runs(tmp_path: Path, name: str, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(program.build(sys.executable).content)
    path.chmod(0o755)
    done = subprocess.run(
        [path, "--version" if name == "vipd" else "--help"], capture_output=True, text=True, check=True
    )
    assert (done.stdout + done.stderr).startswith(says)
