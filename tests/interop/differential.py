# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipd and ``keepalived -t`` on the same text: who accepts it, who refuses it, and whether we know why they differ.

By hand: ``python -m tests.interop.differential COUNT [SEED]`` (root, keepalived, PYTHONPATH=plugins/module_utils).
test_differential.py does a few hundred; the texts are those of tests/fuzz.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random, SystemRandom
from tempfile import TemporaryDirectory
from typing import Optional

from vipd.config.check import check
from vipd.config.diagnostics import ConfigError, Diagnostic, Severity
from vipd.config.parse import load

from tests.fuzz.texts import texts
from tests.netns.namespace import Namespace

INTERFACES = ("eth0", "eth1", "eth2", "eth3", "eth0.1", "ens33")
CONFIG_ID = "lb01"
LIMIT_S = 20.0  # keepalived answers in 20 ms, unless it does not at all

# What vipd refuses and keepalived runs with: the first error that vipd tells, and why it is one.
STRICTER = {
    r"is not supported by this version of vipd": "vipd does not do it, and says so before it would do something else",
    r"there is a NUL byte here": "the line ends at it in keepalived, silently",
    r"the line is longer than": "keepalived makes two lines of it",
    r"a definition that is used here uses itself": "keepalived leaves the name as it stands, silently",
    r"has several lines and does not end its line": "likewise",
    r"is not defined and stays as it is": "likewise",
    r"(has no|takes no) block|a double quote is not closed": "keepalived guesses where they are",
    r"was given before": "keepalived takes one of the two, and says so in the log at most",
    r"is a virtual address of this director": "the director would send the traffic to itself",
    r"has a url whose path does not begin with /": "no server knows such a path",
    r"~(SEQ|LST) ": "keepalived takes a missing value for an empty one",
    r" is '?[^' ]*'?, expected ": "keepalived takes the nearest value that it can use, or the default",
    r"option '[0-9a-f.:/]+' is unknown here": "keepalived takes the last of two destinations in a line",
    r"has an? (unknown option|value that is not)": "keepalived passes over the word",
    r"there is no such virtual_server_group, or it is empty": "the virtual server serves nobody",
    r"there is no interface": "keepalived looks at fewer of the places where an interface is named",
    r"tracks \S+, which no \S+ defines": "keepalived tracks nothing then, silently",
}

# What keepalived refuses and vipd has nothing to say about: a line of keepalived's, and why vipd does not mind.
LAXER = {
    r"script .* (not found|since not|is not accessible|due to insecure)": "the file is looked at where it is run",
    r"SECURITY VIOLATION|Unable to access script|WARNING - (script|default user)|[Ss]cript.user": "likewise",
    r"empty notification_email block": "who names no recipient gets no mail",
    r"Invalid smtp server": "a name is looked up when there is mail to send",
    r"cannot track route .* with no interface": "a route without an interface is the kernel's to follow",
    r"Unknown keyword": "of the last line without an end: keepalived's processes read it, its first reading does not",
}


@dataclass(frozen=True)
class Judgement:
    """``status`` None: keepalived crashed or did not answer, which is no judgement."""

    text: str
    status: Optional[int]
    said: tuple[str, ...]
    found: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(one for one in self.found if one.severity is Severity.ERROR)

    @property
    def kind(self) -> str:
        if self.status is None:
            return "keepalived crashed"
        if (self.status == 0) is not bool(self.errors):
            return "both accept" if self.status == 0 else "both refuse"
        if self.status == 0:
            return "vipd is stricter"
        return "vipd only warns" if self.found else "vipd is laxer"

    @property
    def unexplained(self) -> str:
        """What no rule accounts for."""
        if self.kind == "vipd is stricter":
            first = self.errors[0].message
            return "" if _matches(STRICTER, first) else f"vipd alone refuses: {self.errors[0]}"
        if self.kind == "vipd is laxer":
            rest = [line for line in self.said if not _matches(LAXER, line)]
            return f"keepalived alone refuses: {rest}" if rest else ""
        return ""


def _matches(rules: dict[str, str], line: str) -> bool:
    return any(re.search(rule, line) for rule in rules)


class Oracle:
    """A namespace with the interfaces that the texts name, and a file in it for each text in turn."""

    def __init__(self, namespace: Namespace, directory: Path) -> None:
        self._namespace = namespace
        self._path = directory / "keepalived.conf"
        made = "".join(f"link add {name} type bridge\nlink set {name} up\n" for name in INTERFACES)
        namespace.batch(made)

    def judge(self, text: str) -> Judgement:
        self._path.write_bytes(text.encode("utf-8", "surrogateescape"))
        status, said = self._keepalived()
        try:
            parsed = load(str(self._path), CONFIG_ID)
            found = (*parsed.diagnostics, *check(parsed.config, [*INTERFACES, "lo"]))
        except ConfigError as error:
            found = error.diagnostics
        return Judgement(text, status, said, found)

    def _keepalived(self) -> tuple[Optional[int], tuple[str, ...]]:
        command = ("keepalived", "-t", "-f", str(self._path), "-i", CONFIG_ID)
        process = self._namespace.start(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            output, _none = process.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None, ()
        lines = output.decode("utf-8", "replace").splitlines()
        return (process.returncode if process.returncode >= 0 else None), tuple(filter(None, map(str.strip, lines)))


def judgements(count: int, seed: int, label: str) -> Iterator[Judgement]:
    with Namespace(label) as namespace, TemporaryDirectory() as directory:
        oracle = Oracle(namespace, Path(directory))
        yield from map(oracle.judge, islice(texts(Random(seed)), count))


def main(count: int, seed: int) -> int:
    print(f"DIFFERENTIAL_TEXTS={count} DIFFERENTIAL_SEED={seed}")
    kinds: Counter[str] = Counter()
    unexplained = 0
    for judgement in judgements(count, seed, "differ"):
        kinds[judgement.kind] += 1
        if judgement.unexplained:
            unexplained += 1
            print(f"{judgement.unexplained}\n{judgement.text}\n{'-' * 40}")
    print(dict(kinds))
    return 1 if unexplained else 0


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:]] or [300]
    sys.exit(main(arguments[0], arguments[1] if len(arguments) > 1 else SystemRandom().getrandbits(32)))
