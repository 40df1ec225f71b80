# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's table: the same as keepalived makes of the same file, shown as ipvsadm shows it, and nobody else's."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from tests.lvs.planned import planned
from tests.lvs.topology import DirectorOnly, Topology
from tests.netns.daemon import ENVIRONMENT
from tests.netns.waiting import wait_for

SETTLED_S = 60.0
STAYS_S = 3.0
SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "mh", "dh", "fo", "ovf", "sed", "nq")

SERVICES = {
    "plain": "lb_algo rr\nlb_kind NAT\nprotocol TCP\n",
    "weights": "lb_algo wrr\nlb_kind DR\nprotocol TCP\nweight 3\n",
    "persistent": "lb_algo wlc\nlb_kind DR\nprotocol TCP\npersistence_timeout 50\n",
    "granular": "lb_algo rr\nlb_kind DR\nprotocol TCP\npersistence_timeout\npersistence_granularity 255.255.255.0\n",
    "one_packet": "lb_algo rr\nlb_kind NAT\nprotocol UDP\nops\n",
    "hash": "lb_algo sh\nlb_kind DR\nprotocol TCP\nsh-port\nsh-fallback\n",
    "tunnel": "lb_algo lc\nlb_kind TUN\nprotocol TCP\n",
    "sorry": "lb_algo rr\nlb_kind DR\nprotocol TCP\nsorry_server 10.0.0.99 80\nsorry_server_inhibit\n",
}
REAL_SERVERS = "real_server 10.0.0.11 80 {\nuthreshold 9\nlthreshold 5\n}\nreal_server 10.0.0.12 80 {\nweight 7\n}\n"
GROUP = "virtual_server_group web {\n10.0.0.250 80\n10.0.0.251-252 81\nfwmark 7\n}\n"
OTHERS = {
    "group": f"{GROUP}virtual_server group web {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n{REAL_SERVERS}}}\n",
    "mark": f"virtual_server fwmark 9 {{\nlb_algo rr\nlb_kind DR\n{REAL_SERVERS}}}\n",
    "every_port": "virtual_server 10.0.0.250 {\nlb_algo rr\nlb_kind DR\nprotocol TCP\npersistence_timeout 30\n"
    "real_server 10.0.0.11 {\n}\n}\n",
    "ipv6": "virtual_server fd00::1 80 {\nlb_algo rr\nlb_kind DR\nprotocol TCP\npersistence_timeout 60\n"
    "real_server fd00::11 80 {\n}\n}\n",
    "alpha": "virtual_server 10.0.0.250 80 {\nlb_algo rr\nlb_kind DR\nprotocol TCP\nalpha\nsorry_server 10.0.0.99 80\n"
    "real_server 10.0.0.11 80 {\nTCP_CHECK {\nconnect_timeout 1\n}\n}\n}\n",
    "schedulers": "".join(
        f"virtual_server 10.0.0.250 {port} {{\nlb_algo {scheduler}\nlb_kind DR\nprotocol TCP\n{REAL_SERVERS}}}\n"
        for port, scheduler in enumerate(SCHEDULERS, 8000)
    ),
    "protocols": "".join(
        f"virtual_server 10.0.0.250 80 {{\nlb_algo rr\nlb_kind NAT\nprotocol {protocol}\n{REAL_SERVERS}}}\n"
        for protocol in ("TCP", "UDP", "SCTP")
    ),
    "dynamic": "global_defs {\nscript_user root\n}\ntrack_file load {\nfile LOAD\nweight 1\n}\n"
    "virtual_server 10.0.0.250 80 {\nlb_algo wrr\nlb_kind DR\nprotocol TCP\ndelay_loop 1\nwarmup 0\n"
    "real_server 10.0.0.11 80 {\nweight 9\nMISC_CHECK {\nmisc_path \"/bin/sh -c 'exit 7'\"\nmisc_dynamic\n}\n}\n"
    "real_server 10.0.0.12 80 {\nweight 9\nFILE_CHECK {\ntrack_file load\nweight 2\n}\n}\n}\n",
    "inhibit": "virtual_server 10.0.0.250 80 {\nlb_algo rr\nlb_kind DR\nprotocol TCP\ninhibit_on_failure\n"
    "delay_loop 1\nwarmup 0\nreal_server 10.0.0.2 81 {\nTCP_CHECK {\nconnect_port 81\nconnect_timeout 1\n}\n}\n"
    "real_server 10.0.0.12 80 {\n}\n}\n",
}
CONFIGURATIONS = {
    **{name: f"virtual_server 10.0.0.250 80 {{\n{lines}{REAL_SERVERS}}}\n" for name, lines in SERVICES.items()},
    **OTHERS,
}


# What keepalived's table has to have in it: otherwise equal tables would prove nothing.
SHOWN = {
    "dynamic": ("10.0.0.11:80 -g -w 5", "10.0.0.12:80 -g -w 15"),  # exit status 7 says 5; 9 and twice the file's 3
    "inhibit": ("10.0.0.2:80 -g -w 0",),
    "what the role renders": ("-t 10.0.0.250:83 -r 10.0.0.12:83 -g -w 0",),
    "protocols": ("-A -t ", "-A -u ", "-A --sctp-service "),
    "schedulers": tuple(f"-s {scheduler}" for scheduler in SCHEDULERS),
}

# What the role renders, one of each; 10.0.0.2 is the director itself, which has nothing on port 81.
NOBODY_LISTENS = {"check": {"tcp": {"connect_ip": "10.0.0.2", "connect_port": 81, "connect_timeout": 1}}}
SOON = {"check_interval_s": 1}
UNCHECKED = {"check": {}, "forwarding": "dr", "real_servers": ["rs1", {"host": "rs2", "weight": 7}]}
RENDERED = planned(
    {
        **{"vip": "10.0.0.250/24", "port": 80, **UNCHECKED, "scheduler": "wrr", "persistence_timeout_s": 50},
        **{"options": {"persistence_granularity": "255.255.255.0"}, "sorry_server": "10.0.0.99"},
    },
    {**UNCHECKED, "vip": "10.0.0.250/24", "port": 81, "scheduler": "mh", "options": {"mh-port": True}},
    {**UNCHECKED, "vip": "10.0.0.250/24", "port": 53, "protocol": "udp", "forwarding": "nat", "options": {"ops": True}},
    {
        **{**UNCHECKED, **SOON, "vip": "10.0.0.250/24", "port": 82, "sorry_server": "10.0.0.99", "quorum": 2},
        **{"options": {"alpha": True, "hysteresis": 1, "warmup": 0, "sorry_server_inhibit": True}, **NOBODY_LISTENS},
    },
    {
        **{**UNCHECKED, **SOON, "vip": "10.0.0.250/24", "port": 83, "options": {"warmup": 0}},
        "real_servers": ["rs1", {"host": "rs2", "options": {"inhibit_on_failure": True}, **NOBODY_LISTENS}],
    },
    {**UNCHECKED, "vip": "10.0.0.250/24", "port": 84, "forwarding": "tun", "real_servers": ["10.9.0.7"]},
    {**UNCHECKED, "fwmark": 9, "scheduler": "sh", "persistence_timeout_s": 30},
    {**UNCHECKED, "vip": "fd00::250/64", "port": 80, "real_servers": ["fd00::11"]},
    servers={"rs1": "10.0.0.11", "rs2": "10.0.0.12"},
    sync_daemon=True,
    raw=CONFIGURATIONS["group"].replace("10.0.0.25", "10.0.0.15").replace("-252", "-152"),
    global_options={"lvs_timeouts": "tcp 700 tcpfin 100 udp 200"},
)


@pytest.mark.parametrize("name", [*CONFIGURATIONS, "what the role renders"])
def test_the_table_is_keepalived_s(name: str, topology: Topology, tmp_path: Path) -> None:
    load = tmp_path / "load"
    load.write_text("3\n")
    text = CONFIGURATIONS.get(name, RENDERED).replace("LOAD", str(load))
    keepalived = topology.keepalived(text)
    keepalived.launch()
    wait_for(topology.table, "keepalived's table", SETTLED_S)
    for words in SHOWN.get(name, ()):
        wait_for(lambda words=words: words in " ".join(topology.table()), words, SETTLED_S)
    theirs = settled(topology)
    keepalived.stop()
    assert topology.table() == []
    with topology.vipd(text):
        wait_for(lambda: topology.table() == theirs, f"the same table: {theirs}", SETTLED_S)
        assert settled(topology) == theirs
    assert topology.table() == []


def settled(topology: Topology) -> list[str]:
    """The table once it stays the same: a first check may come a second or two after the start."""
    seen = topology.table()
    since = time.monotonic()

    def stays() -> bool:
        nonlocal seen, since
        now = topology.table()
        if now != seen:
            seen, since = now, time.monotonic()
        return time.monotonic() - since > STAYS_S

    wait_for(stays, "a table that stays", SETTLED_S)
    return seen


def test_vipctl_shows_what_ipvsadm_shows(topology: Topology) -> None:
    config = CONFIGURATIONS["granular"] + CONFIGURATIONS["ipv6"] + CONFIGURATIONS["mark"]
    with topology.vipd(config):
        wait_for(lambda: len(topology.table()) == 8, "the table", SETTLED_S)
        assert topology.vipctl("ipvs") == topology.ipvsadm()
        assert [one["service"] for one in topology.listing()["services"]]
        assert topology.vipctl("ipvs", "--stats") == topology.ipvsadm("--stats")
        assert topology.vipctl("ipvs", "--rate") == topology.ipvsadm("--rate")


def test_somebody_else_s_service_stays_and_our_own_is_adopted(topology: Topology) -> None:
    topology._run("ipvsadm", "-A", "-t", "10.9.9.9:80", "-s", "rr")
    topology._run("ipvsadm", "-A", "-t", "10.0.0.250:80", "-s", "lc")
    topology._run("ipvsadm", "-a", "-t", "10.0.0.250:80", "-r", "10.0.0.77:80", "-g")
    director = topology.vipd(CONFIGURATIONS["plain"])
    director.path.write_text(CONFIGURATIONS["plain"].replace("rr", "lc"))
    assert "the kernel has the service TCP 10.0.0.250:80 already, with real server 10.0.0.77:80" in told(director)
    director.path.write_text(CONFIGURATIONS["plain"])
    assert "the kernel has the service TCP 10.0.0.250:80 already, with scheduler lc" in told(director)
    with director:
        wait_for(lambda: "10.0.0.77" not in "".join(topology.table()), "the foreign server to leave ours", SETTLED_S)
        assert "-A -t 10.0.0.250:80 -s rr" in topology.table()
        director.path.write_text(CONFIGURATIONS["plain"].replace("rr", "lc"))
        assert "already" not in told(director)  # what the director made is no stranger's
    assert topology.table() == ["-A -t 10.9.9.9:80 -s rr"]


def told(director: DirectorOnly) -> str:
    """What ``vipd -t`` says of the director's file on its host."""
    command = [word for word in director.command() if word not in ("-C", "-n", "-l")]
    with director.host.entered():
        done = subprocess.run([*command, "-t"], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    return done.stderr


def test_a_reload_changes_what_changed(topology: Topology) -> None:
    with topology.vipd(CONFIGURATIONS["plain"]) as director:
        wait_for(lambda: len(topology.table()) == 3, "the table", SETTLED_S)
        director.reload(CONFIGURATIONS["plain"].replace("10.0.0.12", "10.0.0.13"))
        wait_for(lambda: "10.0.0.13:80" in "".join(topology.table()), "the new server", SETTLED_S)
        assert "10.0.0.12:80" not in "".join(topology.table())


def test_an_operator_drains_a_server_and_takes_it_down(topology: Topology) -> None:
    with topology.vipd(CONFIGURATIONS["plain"]):
        wait_for(lambda: len(topology.table()) == 3, "the table", SETTLED_S)
        topology.vipctl("rs", "10.0.0.12", "drain")
        assert "-a -t 10.0.0.250:80 -r 10.0.0.12:80 -m -w 0" in topology.table()
        assert "an operator wants it down" in topology.vipctl("rs", "10.0.0.12:80", "down")
        assert "10.0.0.12:80" not in "".join(topology.table())
        topology.vipctl("rs", "10.0.0.12", "up")
        assert "-a -t 10.0.0.250:80 -r 10.0.0.12:80 -m -w 7" in topology.table()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("tcp 77", ["77", "120", "300"]),
        ("tcpfin 33 udp 44", ["900", "33", "44"]),
        ("tcp 7 tcpfin 8 udp 9", ["7", "8", "9"]),
    ],
)
def test_timeouts_are_set_and_put_back(wanted: str, expected: list[str], topology: Topology) -> None:
    assert timeouts(topology) == ["900", "120", "300"]
    with topology.vipd(f"global_defs {{\nlvs_timeouts {wanted}\n}}\n{CONFIGURATIONS['plain']}"):
        assert timeouts(topology) == expected
    assert timeouts(topology) == ["900", "120", "300"]


def timeouts(topology: Topology) -> list[str]:
    return topology._run("ipvsadm", "-L", "--timeout").split()[-3:]


def test_everything_is_flushed_where_that_is_asked_for(topology: Topology) -> None:
    topology._run("ipvsadm", "-A", "-t", "10.9.9.9:80", "-s", "rr")
    with topology.vipd(f"global_defs {{\nlvs_flush\n}}\n{CONFIGURATIONS['plain']}"):
        assert "10.9.9.9" not in "".join(topology.table())
    topology._run("ipvsadm", "-A", "-t", "10.9.9.9:80", "-s", "rr")
    with topology.vipd(f"global_defs {{\nlvs_flush_on_stop\n}}\n{CONFIGURATIONS['plain']}"):
        assert "10.9.9.9" in "".join(topology.table())
    assert topology.table() == []
