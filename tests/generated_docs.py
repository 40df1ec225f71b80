# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages of docs/ that are made from the code, so that they cannot differ from it.

``make docs`` writes them; ``tests/unit/test_generated_docs.py`` fails when one is stale.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path

from vipd import cli
from vipd.config import model
from vipd.config.checkers import SmtpHost, Url
from vipd.config.keywords import extension
from vipd.config.keywords.checkers import SMTP_HOST, URL
from vipd.config.keywords.global_defs import GLOBAL_DEFS
from vipd.config.keywords.groups import GARP_GROUP, SYNC_GROUP, TRACK_GROUP
from vipd.config.keywords.instance import VRRP_INSTANCE
from vipd.config.keywords.lvs import REAL_SERVER, SSL, VIRTUAL_SERVER
from vipd.config.keywords.root import ROOT
from vipd.config.keywords.tracked import TRACK_FILE, VRRP_SCRIPT, VRRP_TRACK_PROCESS
from vipd.config.lvs import RealServer, VirtualServer
from vipd.config.lvs_settings import HttpSettings, LvsGlobals, SslSettings
from vipd.config.parts import EMPTY, flat
from vipd.config.table import Block, Items, Keyword, Repeated, Use
from vipd.config.values import Flag, OneOf
from vipd.core.garp import Garp
from vipd.core.transitions import TRANSITIONS, State
from vipd.metrics import families
from vipd.metrics.exposition import Family

from tests.agent.rfc.page import page as conformance

DOCS = Path(__file__).resolve().parent.parent / "docs"


def header(source: str) -> str:
    return f"<!-- Made by `make docs` from plugins/module_utils/vipd/{source}: change that, not this. -->\n"


def state_machine() -> str:
    arrows = "\n".join(f"    {before} --> {after}" for before, after in TRANSITIONS)
    rows = "\n".join(f"| {before} | {after} | {cause} |" for (before, after), cause in TRANSITIONS.items())
    return f"""{header("core/transitions.py")}
# The states of an instance

Every instance starts in {State.INIT}. These transitions are all there are; each is logged with the reason of the day.

```mermaid
stateDiagram-v2
    [*] --> {State.INIT}
{arrows}
    {State.STOP} --> [*]
```

| from | to | when |
|---|---|---|
{rows}
"""


BLOCKS: tuple[tuple[str, Block, type], ...] = (
    ("global_defs", GLOBAL_DEFS, model.GlobalDefs),
    ("vrrp_instance", VRRP_INSTANCE, model.VrrpInstance),
    ("vrrp_sync_group", SYNC_GROUP, model.VrrpSyncGroup),
    ("vrrp_script", VRRP_SCRIPT, model.VrrpScript),
    ("vrrp_track_process", VRRP_TRACK_PROCESS, model.VrrpTrackProcess),
    ("track_file", TRACK_FILE, model.VrrpTrackFile),
    ("track_group", TRACK_GROUP, model.TrackGroup),
    ("garp_group", GARP_GROUP, model.GarpGroup),
    ("vipd.conf: global_defs", extension.GLOBAL_DEFS, LvsGlobals),
    ("vipd.conf: smtp, within global_defs", extension.SMTP, model.Smtp),
    ("vipd.conf: SSL", extension.SSL, SslSettings),
    ("vipd.conf: HTTP_GET, for all checks of that kind and of SSL_GET", extension.HTTP_GET, HttpSettings),
    ("virtual_server", VIRTUAL_SERVER, VirtualServer),
    ("real_server", REAL_SERVER, RealServer),
    *((keyword.name, of.body, of.kind) for keyword, of in REAL_SERVER.repeated if isinstance(of.body, Block)),
    ("url, within HTTP_GET and SSL_GET", URL, Url),
    ("host, within SMTP_CHECK", SMTP_HOST, SmtpHost),
    ("SSL", SSL, SslSettings),
)


def configuration() -> str:
    sections = "\n".join(section(name, block, kind) for name, block, kind in BLOCKS)
    return f"""{header("config/keywords/")}
# What vipd does with keepalived.conf

vipd reads keepalived's grammar as far as keepalived 2.4 knows it. Every keyword has one of three uses; one that is in
no list is an error that names the nearest known one. Nothing is skipped silently.

| use | a file with it | because |
|---|---|---|
| acts | runs | vipd does what keepalived does with it |
| warns | runs; the log names the keyword with file and line | without it the protocol and the promises stay the same |
| refuses | does not start, or is not loaded, with exit status 5 | without it they would not |

`vipd -t -f FILE` says all of it without starting anything.

What keepalived has no words for stands in a file of vipd's own, `vipd.conf` beside the other, in the same grammar; its
blocks that name an instance extend the instance of that name. The sections vipd.conf below list what it may say. The
roles write it from `vipd_extensions`, which is judged like the rest before a node is touched:

```yaml
vipd_extensions: |
  global_defs {{
      slow_start 30
  }}
```

## Top level

- acts: {listed(ROOT, Use.ACTS)}
- refuses: {listed(ROOT, Use.REFUSES)}
- warns: {listed(ROOT, Use.WARNS)}

What a block holds that is warned about is still read, and checked as if it counted. A
`virtual_server_group` holds lines, not keywords: `ADDRESS[-ADDRESS|/LENGTH] [PORT]` or `fwmark N [inet|inet6]`.

{sections}"""


def section(name: str, block: Block, kind: type) -> str:
    defaults = defaults_of(kind)
    rows = "\n".join(row(keyword, defaults) for keyword in block.keywords if keyword.use is Use.ACTS)
    parts = [f"## {name}"]
    if rows:
        parts.append(f"| acts on | what follows | default | since |\n|---|---|---|---|\n{rows}")
    for use in (Use.REFUSES, Use.WARNS):
        if listed(block, use):
            parts.append(f"{use.value.capitalize()}: {listed(block, use)}.")
    return "\n\n".join(parts) + "\n"


def row(keyword: Keyword, defaults: dict[str, object]) -> str:
    fallback = " ".join(dict.fromkeys(filter(None, (shown(defaults.get(field)) for field in keyword.fields))))
    return f"| `{keyword.name}` | {what_follows(keyword.value)} | {fallback} | {keyword.since} |"


def what_follows(value: object) -> str:
    if value is None:
        return "see [grammar.md](grammar.md)"
    if isinstance(value, Items):
        return f"a block of {'words' if value.words else 'lines'}: {what_follows(value.item)}"
    if isinstance(value, Block):
        return "; ".join(f"`{keyword.name}` {what_follows(keyword.value)}" for keyword in value.keywords)
    if isinstance(value, Repeated):
        return "a block" if value.head is None else f"{what_follows(value.head)} and a block"
    if isinstance(value, OneOf):
        return " or ".join(f"`{choice}`" for choice in value.choices)
    return str(getattr(value, "expected", "")) or syntax_of(value)


def syntax_of(value: object) -> str:
    """What heads the docstring of a line's class; without that, the class's name says it."""
    if isinstance(value, Flag):
        return "nothing"
    syntax = re.match(r"``(.+?)``", type(value).__doc__ or "")
    return f"`{syntax[1]}`".replace("|", "\\|") if syntax else type(value).__name__.lower()


def defaults_of(kind: type) -> dict[str, object]:
    """What holds when a keyword is absent, by the table's names of the fields."""
    without_default = {field.name: EMPTY.get(field.name, "") for field in fields(kind) if field.default is MISSING}
    defaults: dict[str, object] = {name: default for name, _value, default in flat(kind(**without_default))}
    garp = Garp.of(model.VrrpInstance("", "", 0), model.GlobalDefs())
    return {**defaults, **{name: getattr(garp, name[5:]) for name in defaults if name.startswith("garp.")}}


def shown(value: object) -> str:
    return f"`{value:g}`" if type(value) in (int, float) else f"`{value}`" if value and isinstance(value, str) else ""


def listed(block: Block, use: Use) -> str:
    return ", ".join(f"`{keyword.name}`{exception(keyword)}" for keyword in block.keywords if keyword.use is use)


def exception(keyword: Keyword) -> str:
    """``same_as`` names what is as good as absent."""
    values = [value for value in keyword.same_as if value]
    return f" (unless {values[0]})" if values else ""


def flags() -> str:
    groups = [group for group in cli._parser()._action_groups if group._group_actions]
    sections = "\n".join(flag_table(str(group.title), group._group_actions) for group in groups)
    return f"""{header("cli.py")}
# The flags of vipd

They are keepalived's, so that vipd starts wherever a script started keepalived. The program's signals, files and exit
statuses are in [vipd.md](vipd.md).

{sections}"""


def flag_table(title: str, actions: list[argparse.Action]) -> str:
    for_people = [action for action in actions if action.help is not argparse.SUPPRESS]
    rows = "\n".join(f"| {flag_names(action)} | {flag_meaning(action)} |" for action in for_people)
    return f"## {title[0].upper()}{title[1:]}\n\n| flag | what it does |\n|---|---|\n{rows}\n"


def flag_names(action: argparse.Action) -> str:
    word = str(action.metavar or "|".join(map(str, action.choices or ())))
    value = "" if action.nargs == 0 else f" [{word}]" if action.nargs == "?" else f" {word}"
    return ", ".join(f"`{name}{value}`" for name in action.option_strings).replace("|", "\\|")


def flag_meaning(action: argparse.Action) -> str:
    if reason := cli._REFUSED.get(action.dest):
        return f"does not start: {reason}"
    if reason := cli._IGNORED.get(action.dest):
        return f"a warning: {reason}"
    return (action.help or "nothing more than happens anyway").replace("%(default)s", str(action.default))


def metrics() -> str:
    return f"""{header("metrics/families.py")}
# The metrics of vipctl exporter

What they are for, and how they are scraped: [observability.md](observability.md).

## By the names of keepalived's exporters

With the names and labels of mehdy/keepalived-exporter, so that dashboards and alerts for a keepalived go on working.

{metric_table(families.KEEPALIVED)}
## Of a node

{metric_table(families.VIPD)}
## Of a director

{metric_table(families.DIRECTOR)}"""


def metric_table(chosen: tuple[Family, ...]) -> str:
    rows = "\n".join(
        f"| `{one.name}` | {one.kind} | {', '.join(f'`{label}`' for label in one.labels)} | {one.text} |"
        for one in chosen
    )
    return f"| metric | kind | labels | what it says |\n|---|---|---|---|\n{rows}\n"


PAGES: dict[str, Callable[[], str]] = {
    "configuration.md": configuration,
    "conformance.md": conformance,
    "flags.md": flags,
    "metrics.md": metrics,
    "state-machine.md": state_machine,
}


def main() -> None:
    for name, make in PAGES.items():
        (DOCS / name).write_text(make())


if __name__ == "__main__":
    main()
