# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dumps in keepalived's shape, read as exporters do; beside keepalived's own: tests/netns/test_daemon_dumps.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from vipd.config.model import Config
from vipd.config.parse import parse
from vipd.core.snapshot import snapshot
from vipd.runtime.dump import Dumper
from vipd.runtime.dump_json import json_dump
from vipd.runtime.dump_text import data_dump, stats_dump

from tests.agent.core.conversation import Conversation
from tests.agent.runtime import exporters

CONFIG = """
global_defs {
    router_id LB
}
vrrp_script web {
    script "/bin/true"
    weight 2
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 100
    authentication {
        auth_type PASS
        auth_pass s3cret
    }
    virtual_ipaddress {
        10.0.0.3/24 label eth0:1
        10.0.0.4 dev eth1
    }
    track_script {
        web
    }
    notify_master "/bin/true now"
}
vrrp_instance VI_2 {
    interface eth0
    virtual_router_id 52
    priority 90
    virtual_ipaddress {
        10.0.0.5
    }
}
"""
AT = 1_700_000_000.25


@pytest.fixture
def shown() -> tuple[Config, dict[str, Any]]:
    """VI_1 is master for 1 s and VI_2 backup: it hears another."""
    node = Conversation()
    node.say(f"config\n{CONFIG}")
    node.say("link eth0 up 10.0.0.1")
    node.say("script web succeeds")
    node.say("hearing 6 10.0.0.2 200 vrid=52")
    return parse(CONFIG).config, snapshot(node.router, node.now)


def test_json_as_exporters_read_it(shown: tuple[Config, dict[str, Any]]) -> None:
    first, second = exporters.read_json(json_dump(*shown, AT))
    assert (first["data"]["iname"], first["data"]["state"], first["data"]["vrid"]) == ("VI_1", 2, 51)
    assert (second["data"]["iname"], second["data"]["state"], second["data"]["wantstate"]) == ("VI_2", 1, 1)
    assert first["data"]["vips"] == [
        "10.0.0.3/24 dev eth0 scope global label eth0:1 set",
        "10.0.0.4 dev eth1 scope global set",
    ]
    assert second["data"]["vips"] == ["10.0.0.5 dev eth0 scope global"]
    assert first["data"]["effective_priority"] == 102
    assert first["data"]["script_master"] == "'/bin/true' 'now'"
    assert first["data"]["track_script"] == ["'/bin/true'"]
    assert AT - 6 < first["data"]["last_transition"] < AT
    assert second["data"]["master_priority"] == 200
    assert first["stats"]["become_master"] == 1
    assert second["stats"]["advert_rcvd"] > 4


def test_the_password_is_in_no_dump(shown: tuple[Config, dict[str, Any]]) -> None:
    text = json_dump(*shown, AT) + data_dump(*shown, AT) + stats_dump(shown[1])
    assert "s3cret" not in text
    assert '"auth_data": "********"' in text
    assert "   Password = ********\n" in text


def test_version_2_of_json_has_processes_beside_the_instances() -> None:
    config = CONFIG.replace("router_id LB", "json_version 2") + "vrrp_track_process p {\n    process nginx\n}\n"
    node = Conversation()
    node.say(f"config\n{config}")
    node.say("process p 3")
    dump = json.loads(json_dump(parse(config).config, snapshot(node.router, node.now), AT))
    assert [one["data"]["iname"] for one in dump["vrrp"]] == ["VI_1", "VI_2"]
    [process] = dump["track_process"]
    assert (process["name"], process["process"], process["have_quorum"]) == ("p", "nginx", True)


def test_data_as_exporters_read_it(shown: tuple[Config, dict[str, Any]]) -> None:
    text = data_dump(*shown, AT)
    assert exporters.read_data(text) == {
        "VI_1": {
            "State": "MASTER",
            "Wantstate": "MASTER",
            "Interface": "eth0",
            "Gratuitous ARP delay": 5,
            "Virtual Router ID": 51,
            "vips": [("10.0.0.3/24", "eth0"), ("10.0.0.4", "eth1")],
        },
        "VI_2": {
            "State": "BACKUP",
            "Wantstate": "BACKUP",
            "Interface": "eth0",
            "Gratuitous ARP delay": 5,
            "Virtual Router ID": 52,
            "vips": [("10.0.0.5", "eth0")],
        },
    }
    assert exporters.read_scripts(text) == {"web": ("GOOD", "idle")}


def test_data_as_an_exporter_reads_it_that_stops_at_the_first_list(shown: tuple[Config, dict[str, Any]]) -> None:
    first, second = exporters.read_data_strictly(data_dump(*shown, AT))
    assert (first["name"], first["State"], first["Interface"], first["Virtual Router ID"]) == (
        "VI_1",
        "MASTER",
        "eth0",
        "51",
    )
    assert AT - 6 < first["Last transition"] < AT
    assert second["Wantstate"] == "BACKUP"


def test_stats_as_exporters_read_them(shown: tuple[Config, dict[str, Any]]) -> None:
    stats = exporters.read_stats(stats_dump(shown[1]))
    assert stats["VI_1"]["Became master"] == 1
    assert stats["VI_1"]["Advertisements/Sent"] >= 1
    assert stats["VI_2"]["Advertisements/Received"] > 4
    assert len(stats["VI_2"]) == len(exporters.JSON_STATS)


def test_counters_begin_anew_when_they_were_cleared(tmp_path: Path, shown: tuple[Config, dict[str, Any]]) -> None:
    dumper = Dumper(str(tmp_path), pytest.fail)
    dumper.dump("STATS_CLEAR", *shown, AT)
    dumper.dump("STATS", *shown, AT)
    dumper.dump("JSON", *shown, AT)
    stats = exporters.read_stats((tmp_path / "keepalived.stats").read_text())
    assert {n for counters in stats.values() for n in counters.values()} == {0}
    assert json.loads((tmp_path / "keepalived.json").read_text())[1]["stats"]["advert_rcvd"] == 0
    assert shown[1]["instances"][1]["stats"]["advert_rcvd"], "vipctl goes on showing all of them"


def test_a_dump_goes_where_it_is_configured_and_follows_no_link(
    tmp_path: Path, shown: tuple[Config, dict[str, Any]]
) -> None:
    told: list[str] = []
    precious, place = tmp_path / "precious", tmp_path / "place"
    place.mkdir()
    precious.write_text("precious")
    for name in ("dump.json", "dump.json.new"):
        (place / name).symlink_to(precious)
    config = parse(CONFIG.replace("router_id LB", f"json_dump_file {place}/dump.json")).config
    dumper = Dumper(str(tmp_path), told.append)
    dumper.dump("JSON", config, shown[1], AT)
    assert precious.read_text() == "precious"
    assert not (place / "dump.json").is_symlink()
    assert (place / "dump.json").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in place.iterdir()] == ["dump.json"]

    missing = parse(CONFIG.replace("router_id LB", "json_dump_file /nonexistent/dump.json")).config
    dumper.dump("JSON", missing, shown[1], AT)
    assert told == ["cannot write the dump /nonexistent/dump.json: No such file or directory"]
