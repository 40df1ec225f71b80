# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a configuration comes to, compared with keepalived's own dump of it (``keepalived -d``): value by value.

For one file that says much here, for all that others published in test_samples.py. Needs root and keepalived; each
run is in a network namespace of its own and ends as soon as the dump is there, at most after ten seconds.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from vipd.config.model import Config, VrrpInstance
from vipd.config.parse import load
from vipd.core.settings import resolve

from tests.agent.config.test_keepalived import NETWORK, SEEDS
from tests.netns.daemon import pid_flags

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("keepalived") is None, reason="needs root and keepalived"
)

DEADLINE_S = 10.0
FIRST, LAST = "VRRP Topology", "Interfaces"
MUCH = """\
global_defs {
    vrrp_garp_master_delay 7
    vrrp_garp_master_refresh 60
    vrrp_down_timer_adverts 4
    script_user root
    enable_script_security
}
vrrp_instance A {
    state MASTER
    priority 150
    interface eth0
    virtual_router_id 5
    virtual_ipaddress {
        10.0.0.3/24 dev eth1 label eth1:1
        10.0.0.4
    }
    virtual_ipaddress_excluded {
        2001:db8::1/64
    }
    garp_lower_prio_repeat 2
    unicast_src_ip 10.0.0.1
    unicast_peer {
        10.0.0.9
    }
    higher_prio_send_advert off
}
vrrp_instance B {
    interface eth1
    virtual_router_id 6
    advert_int 0.25
    nopreempt
    down_timer_adverts 3
    virtual_ipaddress {
        2001:db8::7
    }
    no_accept
    lower_prio_no_advert
    garp_master_repeat 2
    higher_prio_send_advert
}
vrrp_instance C {
    interface eth1
    virtual_router_id 7
    version 3
    advert_int 2
    priority 255
    strict_mode off
    virtual_ipaddress {
        10.0.0.7/25
    }
    skip_check_adv_addr off
    higher_prio_send_advert off
}
"""


def dumped(path: Path, directory: Path, config_id: str = "none") -> dict[str, dict[str, str]]:
    """By instance, each line of keepalived's dump that has a value; ``vips`` are the addresses."""
    text = "\n".join(_log(path, directory, config_id))
    _before, found, topology = text.partition(f"< {FIRST} >")
    if not found:
        return {}
    blocks = re.split(r"^.*?: ? VRRP Instance = ", topology.partition("------< ")[0], flags=re.MULTILINE)[1:]
    return {block.split("\n", 1)[0].strip(): _values(block) for block in blocks}


def _values(block: str) -> dict[str, str]:
    """The parent process logs into the same pipe; its lines, which may stand between two of these, are not indented."""
    lines = [re.sub(r"^.*? \d{4}: ", "", line) for line in block.split("\n")]
    text = "\n".join(line for line in lines if line.startswith("   "))
    values = dict(re.findall(r"^   (\w[^=\n]*?) = (.*)$", text, re.MULTILINE))
    listed = re.search(r"^   Virtual IP \(\d+\):\n((?:     .*\n?)*)", text, re.MULTILINE)
    values["vips"] = " ".join(line.split()[0] for line in listed[1].split("\n") if line.split()) if listed else ""
    return values


def _log(path: Path, directory: Path, config_id: str) -> Iterator[str]:
    """What keepalived logs until it has dumped everything; then it is ended."""
    own = Path(tempfile.mkdtemp(dir=directory))  # a killed keepalived leaves its pid files
    pids = " ".join(pid_flags(own))
    program = f"{NETWORK} && exec keepalived --vrrp --no_bfd -n -l -d -i {config_id} -f {path} {pids}"
    command = ["unshare", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        late = threading.Timer(DEADLINE_S, process.send_signal, (signal.SIGKILL,))
        late.start()
        try:
            for line in process.stdout or ():
                yield line.rstrip("\n")
                if f"< {LAST} >" in line:
                    break
        finally:
            late.cancel()
            process.kill()


def expected(instance: VrrpInstance, config: Config) -> dict[str, str]:
    """The same lines, from what vipd makes of the instance."""
    settings = resolve(instance, config.global_defs)
    milliseconds = settings.advert_int_cs * 10
    garp = settings.garp
    return {
        "VRRP Version": str(settings.version),
        "Wantstate": instance.state,
        "Virtual Router ID": str(settings.vrid),
        "Priority": str(settings.priority),
        "Advert interval": f"{milliseconds} milli-sec" if settings.version == 3 else f"{milliseconds // 1000} sec",
        "Gratuitous ARP delay": f"{garp.master_delay_s:g}",
        "Gratuitous ARP repeat": str(garp.master_repeat),
        "Gratuitous ARP refresh": f"{garp.master_refresh_s:g}",
        "Gratuitous ARP refresh repeat": str(garp.master_refresh_repeat),
        "Gratuitous ARP lower priority delay": f"{garp.lower_prio_delay_s:g}",
        "Gratuitous ARP lower priority repeat": str(garp.lower_prio_repeat),
        "Down timer adverts": str(settings.down_timer_adverts),
        "Send advert after receive lower priority advert": str(not settings.lower_prio_no_advert).lower(),
        "Accept": "enabled" if settings.accept else "disabled",
        "Preempt": "disabled" if settings.nopreempt else "enabled",
        "vips": " ".join(re.sub(r"/(32|128)$", "", str(vip)) for vip in settings.advertised),
    }


def compared(path: Path, directory: Path, config_id: str = "none") -> int:
    """How many instances were found alike."""
    dump, parsed = dumped(path, directory, config_id), load(str(path), config_id)
    config = parsed.config
    members = {name for group in config.sync_groups for name in group.group}
    for instance in config.instances:
        if instance.name in dump:
            wanted = expected(instance, config)
            if instance.name in members or parsed.errors:
                del wanted["Wantstate"]  # keepalived lowers it where not all members are MASTER, or AH was asked for
            assert {name: dump[instance.name].get(name) for name in wanted} == wanted, instance.name
    return len(dump)


def test_a_file_that_says_much(tmp_path: Path) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text(MUCH)
    assert compared(path, tmp_path) == 3
    dump, config = dumped(path, tmp_path), load(str(path)).config
    for instance in config.instances:
        said = str(resolve(instance, config.global_defs).higher_prio_send_advert).lower()
        assert dump[instance.name]["Send advert after receive higher priority advert"] == said


def test_the_corpus_has_instances_to_compare(tmp_path: Path) -> None:
    """So that the tests above cannot pass by comparing nothing."""
    assert sum(compared(path, tmp_path) for path in SEEDS[:4]) >= 4
