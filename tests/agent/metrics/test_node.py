# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node's status comes to as metrics."""

from __future__ import annotations

import pytest
from vipd.metrics.exposition import text
from vipd.metrics.families import KEEPALIVED, VIPD
from vipd.metrics.node import node_samples

from tests.agent.core.conversation import Conversation
from tests.agent.metrics.page import node, read, status, value


def page(talk: Conversation, **more: object) -> str:
    return text(node_samples(status(talk, **more)))


def test_names_and_labels_of_the_public_exporter() -> None:
    samples = read(page(node()))
    labels = {"iname": "VI_1", "vrid": "51"}
    first = frozenset({**labels, "intf": "eth0", "ip_address": "10.0.0.3/24"}.items())
    second = frozenset({**labels, "intf": "eth1", "ip_address": "10.0.0.4"}.items())
    assert {has: number for (name, has), number in samples.items() if name == "keepalived_vrrp_state"} == {
        first: 1,
        second: 1,
    }
    assert value(page(node()), "keepalived_vrrp_excluded_state", ip_address="10.0.0.9") == 1
    assert value(page(node()), "keepalived_script_status", name="chk") == 1
    assert value(page(node()), "keepalived_gratuitous_arp_delay_total", iname="VI_1") == 5


def test_an_instance_without_vips_is_shown() -> None:
    talk = Conversation()
    talk.say("config\nvrrp_instance V {\ninterface eth0\nvirtual_router_id 51\n}")
    assert value(page(talk), "keepalived_vrrp_state", iname="V", ip_address="") == 3


def test_counters_and_states_follow_what_happens() -> None:
    talk = node()
    talk.say("hear 10.0.0.6 200 vips=10.0.0.3")
    talk.say("wait 0.5")
    assert value(page(talk), "vipd_advert_age_seconds") == 0.5
    assert value(page(talk), "keepalived_advertisements_received_total") == 1
    assert value(page(talk), "vipd_instance_state", state="BACKUP") == 1
    talk.say("hear 10.0.0.6 200 version=3")
    assert value(page(talk), "vipd_adverts_discarded_total", reason="version_mismatch") == 1
    talk.say("wait 5")
    assert value(page(talk), "keepalived_become_master_total") == 1
    assert value(page(talk), "vipd_instance_state", state="MASTER") == 1
    assert value(page(talk), "vipd_instance_state", state="BACKUP") == 0
    assert value(page(talk), "vipd_vip_held", ip_address="10.0.0.9") == 1
    with pytest.raises(LookupError):
        value(page(talk), "vipd_advert_age_seconds")


def test_a_vip_that_the_kernel_refuses_is_not_held() -> None:
    talk = node()
    talk.say("wait 5")
    talk.say("refused eth0 10.0.0.3")
    assert value(page(talk), "vipd_vip_held", ip_address="10.0.0.3/24") == 0
    assert value(page(talk), "vipd_vip_held", ip_address="10.0.0.9") == 1
    talk.say("hear 10.0.0.6 200")
    talk.say("hear 10.0.0.6 0")
    talk.say("wait 5")
    assert value(page(talk), "vipd_vip_held", ip_address="10.0.0.3/24") == 1, "it tries again"


def test_a_fault_is_counted() -> None:
    talk = node()
    talk.say("script chk fails")
    assert value(page(talk), "vipd_instance_faults") == 1
    assert value(page(talk), "keepalived_vrrp_state", ip_address="10.0.0.4") == 3
    assert value(page(talk), "keepalived_script_status", name="chk") == 0


def test_split_brain_lasts_as_long_as_the_other_master_is_heard() -> None:
    talk = node()
    talk.say("wait 5")
    assert (value(page(talk), "vipd_split_brain"), value(page(talk), "vipd_split_brain_seconds_total")) == (0, 0)
    talk.say("hearing 10 10.0.0.6 100")
    assert value(page(talk), "vipd_split_brain") == 1
    assert value(page(talk), "vipd_split_brain_seconds_total") == pytest.approx(10, abs=1)
    talk.say("wait 20")
    assert value(page(talk), "vipd_split_brain") == 0
    before = value(page(talk), "vipd_split_brain_seconds_total")
    talk.say("hear 10.0.0.6 100")
    assert value(page(talk), "vipd_split_brain_seconds_total") == before  # twenty seconds of peace are no conflict
    assert value(page(talk), "vipd_split_brain") == 1


def test_what_was_heard_before_a_preemption_is_no_split_brain() -> None:
    talk = node()
    talk.say("hearing 3 10.0.0.6 100")
    talk.say("wait 0.7")
    assert value(page(talk), "vipd_instance_state", state="MASTER") == 1
    talk.say("hear 10.0.0.6 100")  # one that was on its way
    assert value(page(talk), "vipd_split_brain_seconds_total") == value(page(talk), "vipd_instance_state_age_seconds")


def test_of_the_daemon() -> None:
    shown = page(node(), configuration={"loaded_at": 7, "last_reload_ok": False})
    assert value(shown, "vipd_config_last_reload_successful") == 0
    assert value(shown, "vipd_config_last_reload_success_timestamp_seconds") == 7
    assert value(shown, "vipd_loop_lateness_seconds_bucket", le="0.0002") == 1
    assert value(shown, "vipd_loop_lateness_seconds_bucket", le="+Inf") == 2
    assert value(shown, "vipd_loop_lateness_seconds_count") == 2
    assert value(shown, "vipd_loop_lateness_seconds_sum") == 0.0042
    assert value(shown, "vipd_notify_fifo_dropped_total", path="/run/fifo") == 3


def test_packets_for_no_instance_are_told_by_reason() -> None:
    talk = node()
    talk.say("hear 10.0.0.6 200 vrid=99")
    assert value(page(talk), "vipd_packets_rejected_total", intf="eth0", reason="unknown_vrid") == 1


def test_every_metric_of_a_node_is_made() -> None:
    """By a node that has one of everything; what says whether it answered is made elsewhere."""
    talk = Conversation()
    for words in (
        "link eth0 up 10.0.0.5",
        """config
vrrp_script chk {
    script "/bin/true"
}
vrrp_track_process nginx {
    process nginx
}
track_file drain {
    file /tmp/drain
}
vrrp_sync_group G {
    group {
        V
    }
}
vrrp_instance V {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        10.0.0.3
    }
    virtual_ipaddress_excluded {
        10.0.0.4
    }
    track_script {
        chk weight 1
    }
    track_process {
        nginx weight 1
    }
    track_file {
        drain weight 1
    }
}""",
        "script chk succeeds",
        "process nginx 2",
        "file drain 0",
        "hear 10.0.0.6 200 vrid=99",
        "hear 10.0.0.6 200",
    ):
        talk.say(words)
    shown = page(talk)
    answered = {"keepalived_up", "vipd_up", "vipd_answer_seconds"}
    assert {f.name for f in (*KEEPALIVED, *VIPD)} - answered == {
        line.split()[2] for line in shown.splitlines() if line.startswith("# TYPE")
    }


def test_prometheus_reads_it() -> None:
    parser = pytest.importorskip("prometheus_client.parser")
    families = {family.name: family for family in parser.text_string_to_metric_families(page(node()))}
    assert families["vipd_loop_lateness_seconds"].type == "histogram"
    [sample] = families["vipd_instance_priority"].samples
    assert (sample.labels, sample.value) == ({"iname": "VI_1", "intf": "eth0", "vrid": "51"}, 150)
