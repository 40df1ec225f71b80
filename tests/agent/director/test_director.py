# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table that follows from checks, quorum, operators and reloads, and who is told."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from vipd.director.events import AddressesChanged, AdminState, CheckFinished, DeadlineReached

from tests.agent.director.stage import Site, servers, service

SERVICE = "TCP 10.0.0.250:80"
A, B, C = (f"10.0.0.{number}" for number in (11, 12, 13))
SORRY = "sorry_server 10.0.0.99 80"
SCRIPTS = "quorum_up /bin/up\nquorum_down /bin/down"
NOTIFY = "notify_up /bin/rs-up\nnotify_down /bin/rs-down"


def test_a_failed_server_leaves_the_table_and_comes_back() -> None:
    site = Site(service(servers(2)))
    assert site.table == {SERVICE: {f"{A}:80": 1, f"{B}:80": 1}}
    site.check(A, False)
    assert site.table == {SERVICE: {f"{B}:80": 1}}
    site.check(A, True)
    assert site.table == {SERVICE: {f"{A}:80": 1, f"{B}:80": 1}}


def test_with_inhibit_it_stays_at_weight_0() -> None:
    site = Site(service("inhibit_on_failure", servers(2, "weight 3")))
    site.check(A, False)
    assert site.table == {SERVICE: {f"{A}:80": 0, f"{B}:80": 3}}


def test_a_result_that_changes_nothing_applies_nothing() -> None:
    site = Site(service(servers(2)))
    applied = site.applied
    site.check(A, True)
    site.check(B, True)
    assert site.applied == applied


GAINED = "VS 10.0.0.250:80 TCP UP: /bin/up"


def test_the_sorry_server_answers_while_nobody_else_does() -> None:
    site = Site(service(SORRY, SCRIPTS, servers(2)))
    site.check(A, False)
    assert site.scripts == [GAINED]  # it is told at the start, too
    site.check(B, False)
    assert site.table == {SERVICE: {"10.0.0.99:80": 1}}
    assert site.scripts[1:] == ["VS 10.0.0.250:80 TCP DOWN: /bin/down"]
    site.check(B, True)
    assert site.table == {SERVICE: {f"{B}:80": 1}}
    assert site.scripts[2:] == [GAINED]


def test_an_inhibited_sorry_server_waits_at_weight_0() -> None:
    site = Site(service(SORRY, "sorry_server_inhibit", servers(1)))
    assert site.table == {SERVICE: {f"{A}:80": 1, "10.0.0.99:80": 0}}
    site.check(A, False)
    assert site.table == {SERVICE: {"10.0.0.99:80": 1}}


def test_a_sorry_server_that_is_a_real_server_serves_as_one() -> None:
    site = Site(service(f"sorry_server {A} 80", "sorry_server_inhibit", "inhibit_on_failure", servers(2, "weight 3")))
    assert site.table == {SERVICE: {f"{A}:80": 3, f"{B}:80": 3}}
    site.check(A, False)
    assert site.table == {SERVICE: {f"{A}:80": 0, f"{B}:80": 3}}
    site.check(B, False)
    assert site.table == {SERVICE: {f"{A}:80": 1, f"{B}:80": 0}}


def test_quorum_and_hysteresis() -> None:
    """Quorum 4 and hysteresis 1: lost below 3, gained from 5 on."""
    site = Site(service(SORRY, "quorum 4", "hysteresis 1", servers(5)))
    site.check(A, False)
    site.check(B, False)
    assert f"{C}:80" in site.table[SERVICE]
    site.check(C, False)
    assert site.table == {SERVICE: {"10.0.0.99:80": 1}}
    for server in (A, B):
        site.check(server, True)
        assert site.table == {SERVICE: {"10.0.0.99:80": 1}}
    site.check(C, True)
    assert len(site.table[SERVICE]) == 5


def test_a_quorum_that_could_never_be_reached_is_lowered_to_all_there_is() -> None:
    site = Site(service(SORRY, "quorum 9", servers(2)))
    assert site.table == {SERVICE: {f"{A}:80": 1, f"{B}:80": 1}}
    site.check(A, False)
    assert site.table == {SERVICE: {"10.0.0.99:80": 1}}


def test_without_a_sorry_server_a_lost_quorum_leaves_who_is_there() -> None:
    site = Site(service("quorum 2", servers(2)))
    site.check(A, False)
    assert site.table == {SERVICE: {f"{B}:80": 1}}
    assert "lost its quorum, 1 of 2" in site.log[-1]


def test_with_alpha_the_sorry_server_answers_first() -> None:
    site = Site(service("alpha", SORRY, SCRIPTS, servers(1, NOTIFY)))
    assert site.table == {SERVICE: {"10.0.0.99:80": 1}}
    site.check(A, True)
    assert site.table == {SERVICE: {f"{A}:80": 1}}
    assert site.scripts == ["RS 10.0.0.11:80 10.0.0.250:80 TCP UP: /bin/rs-up", "VS 10.0.0.250:80 TCP UP: /bin/up"]


def test_a_dynamic_weight_is_added() -> None:
    site = Site(service(servers(2, "weight 10", "MISC_CHECK {\nmisc_path /bin/true\nmisc_dynamic\n}")))
    site.check(A, True, weight=-3)
    assert site.table[SERVICE] == {f"{A}:80": 7, f"{B}:80": 10}
    site.check(A, True, weight=-30)
    assert site.table[SERVICE][f"{A}:80"] == 0


def test_a_weight_that_a_program_named_stays_when_the_configured_one_changes() -> None:
    """keepalived's, too: the program says a weight, not a change of one."""
    program = "MISC_CHECK {\nmisc_path /bin/true\nmisc_dynamic\n}"
    site = Site(service(servers(1, "weight 10", program)))
    site.check(A, True, weight=-3)
    site.load(service(servers(1, "weight 20", program)))
    assert site.table[SERVICE] == {f"{A}:80": 7}
    while A not in site.running:
        site.wait()
    site.load(service(servers(1, "weight 5", program)))
    site.answer(A, True, weight=-12)  # it was asked when 20 were configured
    assert site.table[SERVICE] == {f"{A}:80": 8}


def test_what_a_file_adds_is_added_to_the_new_weight() -> None:
    text = "track_file load {\nfile /run/load\nweight 1\n}\n"
    check = "FILE_CHECK {\ntrack_file load\n}"
    site = Site(text + service(servers(1, "weight 10", check)))
    site.check(A, True, weight=-3)
    site.load(text + service(servers(1, "weight 20", check)))
    assert site.table[SERVICE] == {f"{A}:80": 17}


INITIALLY = "global_defs {\nrs_init_notifies\n}\n"
OF_A, OF_B, OF_BOTH = "RS 10.0.0.11:80 10.0.0.250:80 TCP", "RS 10.0.0.12:80 10.0.0.250:80 TCP", "VS 10.0.0.250:80 TCP"


def test_rs_init_notifies_tells_who_serves_at_the_start_and_who_comes_by_a_reload() -> None:
    site = Site(INITIALLY + service(SCRIPTS, servers(1, NOTIFY)))
    assert site.scripts == [f"{OF_A} UP: /bin/rs-up", f"{OF_BOTH} UP: /bin/up"]
    site.load(INITIALLY + service(SCRIPTS, servers(2, NOTIFY)))
    assert site.scripts[2:] == [f"{OF_B} UP: /bin/rs-up"]


def test_rs_init_notifies_says_nothing_of_who_serves_after_a_check_only() -> None:
    assert Site(INITIALLY + service("alpha", servers(1, NOTIFY))).scripts == []


def test_who_leaves_by_a_reload_is_told_of_as_after_a_failure() -> None:
    site = Site(service(SCRIPTS, servers(2, NOTIFY)))
    site.check(B, False)
    site.load(service(SCRIPTS, servers(1, NOTIFY)))
    assert site.scripts == [f"{OF_BOTH} UP: /bin/up", f"{OF_B} DOWN: /bin/rs-down"], "it was told when it failed"
    site.load("")
    assert site.scripts[2:] == [f"{OF_A} DOWN: /bin/rs-down", f"{OF_BOTH} DOWN: /bin/down"]
    assert site.table == {}


def test_a_virtual_server_that_comes_by_a_reload_is_told_of_as_at_a_start() -> None:
    site = Site("")
    site.load(service(SCRIPTS, servers(1, NOTIFY)))
    assert site.scripts == [f"{OF_BOTH} UP: /bin/up"]
    site.load(service(SCRIPTS, servers(2, NOTIFY)))
    assert site.scripts == [f"{OF_BOTH} UP: /bin/up"]


# What an operator wants


def test_a_drained_server_gets_nothing_new_and_a_server_taken_down_leaves() -> None:
    site = Site(service(servers(2)))
    site.want(A, AdminState.DRAIN)
    assert site.table[SERVICE] == {f"{A}:80": 0, f"{B}:80": 1}
    site.want(f"{B}:80", AdminState.DOWN)
    assert site.table[SERVICE] == {f"{A}:80": 0}
    assert site.log[0] == "(10.0.0.250:80 TCP) real server 10.0.0.12:80 is DOWN: an operator wants it down"


def test_a_check_that_passes_does_not_undo_what_an_operator_wants() -> None:
    site = Site(service(servers(2)))
    site.want(A, AdminState.DOWN)
    site.check(A, True)
    assert f"{A}:80" not in site.table[SERVICE]
    site.want(A, AdminState.UP)
    assert f"{A}:80" in site.table[SERVICE]


def test_what_an_operator_wants_outlives_a_reload() -> None:
    site = Site(service(servers(2)))
    site.want(A, AdminState.DRAIN)
    site.load(service("quorum 1", servers(3)))
    assert site.table[SERVICE] == {f"{A}:80": 0, f"{B}:80": 1, f"{C}:80": 1}


def test_a_server_is_called_by_its_address_alone_or_with_its_port() -> None:
    assert Site(service(servers(1))).director.names() == {A, f"{A}:80"}


def test_what_is_wanted_of_a_server_that_is_not_there_counts_once_it_is() -> None:
    site = Site(service(servers(1)))
    site.want(B, AdminState.DRAIN)
    site.load(service(servers(2)))
    assert site.table[SERVICE][f"{B}:80"] == 0


# Reload and stop


def test_a_reload_keeps_what_checks_found() -> None:
    site = Site(service(SORRY, servers(2)))
    site.check(A, False)
    site.load(service(SORRY, servers(3)))
    assert site.table[SERVICE] == {f"{B}:80": 1, f"{C}:80": 1}
    assert site.scripts == []


def test_a_check_that_runs_during_a_reload_counts() -> None:
    site = Site(service(servers(1)))
    site.wait()
    site.load(service("quorum 1", servers(2)))
    site.answer(A, False)
    assert site.table[SERVICE] == {f"{B}:80": 1}


WEIGHT_4 = "weight 4"
KEEPING = (
    "delay_loop 60",
    "retry 7",
    "delay_before_retry 9",
    "warmup 70",
    "virtualhost example.net",
    WEIGHT_4,
    "alpha",
)


@pytest.mark.parametrize("line", KEEPING)
def test_a_time_or_a_weight_that_changes_keeps_what_checks_found(line: str) -> None:
    site = Site(service(SCRIPTS, servers(2, NOTIFY)))
    site.check(A, False)
    told = list(site.scripts)
    site.load(service(SCRIPTS, line, servers(2, NOTIFY)))
    assert site.table[SERVICE] == {f"{B}:80": 4 if line == WEIGHT_4 else 1}
    assert site.scripts == told


@pytest.mark.parametrize("line", KEEPING)
def test_with_alpha_a_healthy_server_stays_when_a_time_or_a_weight_changes(line: str) -> None:
    site = Site(service("alpha", SCRIPTS, servers(1, NOTIFY)))
    site.check(A, True)
    told = list(site.scripts)
    site.load(service("alpha", SCRIPTS, line, servers(1, NOTIFY)))
    assert site.table[SERVICE] == {f"{A}:80": 4 if line == WEIGHT_4 else 1}
    assert site.scripts == told


@pytest.mark.parametrize(
    "changed",
    ["TCP_CHECK {\nconnect_port 81\n}", "TCP_CHECK {\nconnect_timeout 2\n}", "PING_CHECK {\n}"],
)
def test_another_question_is_not_answered_yet(changed: str) -> None:
    site = Site(service(servers(1)))
    site.check(A, False)
    site.load(service(servers(1, check=changed)))
    assert site.table[SERVICE] == {f"{A}:80": 1}


def test_a_check_that_runs_while_its_times_change_counts() -> None:
    site = Site(service(servers(2)))
    site.wait()
    site.load(service("delay_loop 60", servers(2)))
    site.answer(A, False)
    assert site.table[SERVICE] == {f"{B}:80": 1}


def test_a_checker_that_changed_begins_anew_and_the_old_one_is_cancelled() -> None:
    site = Site(service(servers(1)))
    site.wait()
    site.load(service(servers(1, check="PING_CHECK {\n}")))
    assert site.running == {}
    assert site.director.next_deadline() == site.now + 1.0


def test_a_service_that_is_gone_from_the_configuration_is_taken_off() -> None:
    site = Site(service(servers(1)))
    site.load(service(servers(1)).replace("10.0.0.250", "10.0.0.251"))
    assert list(site.table) == ["TCP 10.0.0.251:80"]


def test_a_stop_takes_the_services_off_and_tells_with_omega() -> None:
    site = Site(service("omega", SCRIPTS, servers(1, NOTIFY)))
    site.stop()
    assert site.table == {}
    assert site.scripts == [
        GAINED,
        "RS 10.0.0.11:80 10.0.0.250:80 TCP DOWN: /bin/rs-down",
        "VS 10.0.0.250:80 TCP DOWN: /bin/down",
    ]
    assert site.director.next_deadline() is None


def test_what_checks_say_while_it_stops_puts_nothing_back() -> None:
    site = Site(service(servers(2)))
    while len(site.running) < 2:
        site.wait()
    late = site.running[B]
    site.director.handle(CheckFinished(site.running[A].check, False, "fails"), site.now)
    site.stop()
    site.handle(CheckFinished(late.check, False, "fails"))
    assert site.director.next_deadline() is None
    site.handle(DeadlineReached())
    assert site.table == {}


def test_without_omega_nobody_is_told_and_without_release_the_table_stays() -> None:
    site = Site(service(SCRIPTS, servers(1, NOTIFY)))
    site.stop(release=False)
    assert site.table
    assert site.scripts == [GAINED]


def test_a_snapshot_says_why() -> None:
    site = Site(service(servers(2)))
    site.check(A, False)
    (server,) = site.director.snapshot()["virtual_servers"]
    assert server["weight"] == 1
    assert [one["reason"] for one in server["real_servers"]] == ["fails", "every check passes"]


def test_what_fails_together_is_one_table_and_a_reload_keeps_a_thousand_servers() -> None:
    site = Site(service(servers(200)))
    while len(site.running) < 200:
        site.wait()
    applied = site.applied
    for started in list(site.running.values()):
        site.director.handle(CheckFinished(started.check, False, "fails"), site.now)
    assert site.applied == applied
    site.handle(DeadlineReached())
    assert site.applied == applied + 1
    assert site.table["TCP 10.0.0.250:80"] == {}
    site.load(service(servers(200)))
    assert site.table["TCP 10.0.0.250:80"] == {}


def test_a_reload_makes_only_that_anew_which_changed() -> None:
    first, second = (service(servers(2)).replace("10.0.0.250", f"10.0.0.{last}") for last in (250, 251))
    site = Site(first + second)
    while len(site.running) < 2:
        site.wait()
    before, applied = site.applied_last, site.applied
    site.load(first + second.replace("delay_loop", "weight 3\ndelay_loop"))
    after = site.applied_last
    assert before is not None
    assert after is not None
    assert [after.table[key] is one for key, one in before.table.items()] == [True, False]
    assert site.table["TCP 10.0.0.251:80"] == {f"{A}:80": 3, f"{B}:80": 3}
    assert site.applied == applied + 1


def test_a_reload_takes_in_what_checks_have_just_said() -> None:
    site = Site(service(servers(2)))
    while len(site.running) < 2:
        site.wait()
    site.director.handle(CheckFinished(site.running[A].check, False, "fails"), site.now)
    site.load(service(servers(2)))
    assert site.table[SERVICE] == {f"{B}:80": 1}


def test_a_group_that_changes_changes_its_virtual_server() -> None:
    group = "virtual_server_group web {{\n10.0.0.250 80\n{}}}\n"
    grouped = service(servers(1)).replace("virtual_server 10.0.0.250 80", "virtual_server group web")
    site = Site(group.format("") + grouped)
    site.load(group.format("10.0.0.251 80\n") + grouped)
    assert list(site.table) == ["TCP 10.0.0.250:80", "TCP 10.0.0.251:80"]


# Slow start


def weights(site: Site) -> dict[str, int]:
    return site.table[SERVICE]


def test_a_server_that_comes_back_gets_its_weight_step_by_step() -> None:
    site = Site(service(servers(1, "weight 20")), own="global_defs {\nslow_start 5\n}\n")
    assert weights(site) == {f"{A}:80": 20}  # at the start nobody comes back
    site.check(A, False)
    site.check(A, True)
    seen = [weights(site)[f"{A}:80"]]
    passed = 0.0
    for _step in range(10):
        passed += site.wait()
        if site.director.next_deadline() == 0.0:
            site.wait()
        seen.append(weights(site)[f"{A}:80"])
    assert seen == [1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]
    assert 4.9 < passed < 5.1


def test_a_slow_start_outlives_a_reload_and_begins_anew_after_a_failure() -> None:
    own = "global_defs {\nslow_start 500\n}\n"
    site = Site(service(servers(1, "weight 100")), own=own)
    site.check(A, False)
    site.check(A, True)
    for _count in range(12):
        site.check(A, True)
    half = weights(site)[f"{A}:80"]
    assert 1 < half < 100
    site.load(service(servers(2, "weight 100")), own)
    assert weights(site)[f"{A}:80"] == half
    site.check(A, False)
    site.check(A, False)
    assert f"{A}:80" not in weights(site)
    site.check(A, True)
    assert weights(site)[f"{A}:80"] == 1


def test_a_quorum_counts_the_full_weight_of_a_server_that_starts_slowly() -> None:
    text = service("quorum 10", SORRY, servers(1, "weight 10"))
    site = Site(text, own="global_defs {\nslow_start 500\n}\n")
    site.check(A, False)
    assert site.table == {SERVICE: {"10.0.0.99:80": 1}}
    site.check(A, True)
    assert site.table == {SERVICE: {f"{A}:80": 1}}


# ha_suspend


def test_nothing_is_checked_while_the_vip_is_elsewhere() -> None:
    site = Site(service("ha_suspend", servers(1)))
    for _count in range(5):
        site.wait()
    assert site.running == {}
    site.handle(AddressesChanged(frozenset({ip_address("10.0.0.250")})))
    assert site.wait() <= 1.0
    assert set(site.running) == {A}
    site.answer(A, False)
    assert site.table == {SERVICE: {}}
    site.handle(AddressesChanged(frozenset()))
    for _count in range(3):
        site.wait()
    assert site.running == {}
    assert site.table == {SERVICE: {}}  # what was found stays


def test_what_is_announced_has_keepalived_s_names() -> None:
    site = Site(service("omega", servers(1)))
    site.check(A, False)
    site.check(A, True)
    site.stop()
    rs, vs = f"RS [{A}]:tcp:80 [10.0.0.250]:tcp:80", "VS [10.0.0.250]:tcp:80"
    down, up = [f"{rs} DOWN", f"{vs} DOWN"], [f"{rs} UP", f"{vs} UP"]
    assert site.announced == [f"{vs} UP", *down, *up, *down]


def test_with_alpha_nothing_is_announced_before_a_check_has_passed() -> None:
    site = Site(service("alpha", servers(1)))
    assert site.announced == []
    site.check(A, True)
    assert site.announced == [f"RS [{A}]:tcp:80 [10.0.0.250]:tcp:80 UP", "VS [10.0.0.250]:tcp:80 UP"]


def test_marks_and_groups_have_keepalived_s_names_too() -> None:
    """As a keepalived 2.2.7 wrote them into its pipe."""
    by_mark = f"virtual_server fwmark 7 {{\nlb_algo rr\nlb_kind NAT\n{servers(1, check='')}}}\n"
    group = "virtual_server_group g {\n10.9.9.8 80\nfwmark 8\n}\n"
    of_group = f"virtual_server group g {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n{servers(1, check='')}}}\n"
    site = Site(by_mark + group + of_group)
    assert site.announced == ["VS FWM 7 UP", "VS [g]:0 UP"]
    site.want(A, AdminState.DOWN)
    assert site.announced[2:4] == [f"RS [{A}]:none:0 FWM 7 DOWN", "VS FWM 7 DOWN"]
    assert site.announced[4:] == [f"RS [{A}]:tcp:80 [g]:0 DOWN", "VS [g]:0 DOWN"]
