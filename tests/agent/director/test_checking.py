# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a checker looks again, and how many failures it forgives: keepalived's rules."""

from __future__ import annotations

from tests.agent.director.stage import Site, servers, service

SERVER = "10.0.0.11"
PLACE = "10.0.0.11:80"
SERVICE = "TCP 10.0.0.250:80"


def serves(site: Site) -> bool:
    return PLACE in site.table[SERVICE]


def test_a_server_serves_before_it_is_checked() -> None:
    assert serves(Site(service(servers(1))))


def test_the_first_failure_counts_at_once() -> None:
    site = Site(service("retry 3", servers(1)))
    assert site.check(SERVER, False) == 1.0
    assert not serves(site)


def test_later_failures_are_forgiven_as_often_as_retry_says() -> None:
    site = Site(service("retry 2", "delay_before_retry 3", servers(1)))
    site.check(SERVER, True)
    assert site.check(SERVER, False) == 10.0
    assert site.check(SERVER, False) == 3.0
    assert serves(site)
    assert site.check(SERVER, False) == 3.0
    assert not serves(site)


def test_a_success_in_between_starts_the_count_anew() -> None:
    site = Site(service("retry 1", "delay_before_retry 3", servers(1)))
    for success in (True, False, True, False):
        site.check(SERVER, success)
    assert serves(site)


def test_a_server_that_is_down_is_looked_at_each_delay_loop_and_one_success_brings_it_back() -> None:
    site = Site(service("retry 3", "delay_before_retry 1", servers(1)))
    site.check(SERVER, False)
    assert site.check(SERVER, False) == 10.0
    assert site.check(SERVER, True) == 10.0
    assert serves(site)


def test_with_alpha_a_server_serves_once_it_passed() -> None:
    site = Site(service("alpha", servers(1)))
    assert not serves(site)
    site.check(SERVER, False)
    assert not serves(site)
    site.check(SERVER, True)
    assert serves(site)


def test_warmup_spreads_the_first_checks() -> None:
    site = Site(service("warmup 8", servers(1)), jitter=0.5)
    assert site.wait() == 5.0


def test_the_defaults_of_each_kind() -> None:
    text = service(servers(1, check="DNS_CHECK {\n}"))
    site = Site(text)
    site.check(SERVER, True)
    assert [site.check(SERVER, False) for _count in range(4)] == [10.0, 10.0, 10.0, 10.0]
    assert not serves(site)
    misc = Site(service(servers(1, check="MISC_CHECK {\nmisc_path /bin/true\n}")))
    misc.check(SERVER, True)
    misc.check(SERVER, False)
    assert not serves(misc)


# A reload


def test_new_times_count_from_the_reload_on() -> None:
    site = Site(service("delay_loop 60", servers(1)), jitter=0.5)
    site.check(SERVER, True)
    site.load(service(servers(1)))
    assert site.check(SERVER, True) == 5.0
    assert site.check(SERVER, True) == 10.0
    site.load(service("delay_loop 60", servers(1)))
    assert site.check(SERVER, True) == 10.0
    assert site.check(SERVER, True) == 60.0


def test_a_reload_that_changes_no_time_moves_no_check() -> None:
    site = Site(service("warmup 100", servers(1)), jitter=0.5)
    site.load(service("warmup 100", "weight 2", servers(2)))
    assert site.check(SERVER, True) == 51.0


def test_failures_that_were_forgiven_count_for_a_smaller_retry() -> None:
    site = Site(service("retry 5", servers(1)))
    for success in (True, False, False, False):
        site.check(SERVER, success)
    site.load(service("retry 1", servers(1)))
    assert serves(site)
    site.check(SERVER, False)
    assert not serves(site)


def test_failures_that_were_forgiven_are_not_forgotten_by_a_larger_retry() -> None:
    site = Site(service("retry 1", servers(1)))
    site.check(SERVER, True)
    site.check(SERVER, False)
    site.load(service("retry 2", servers(1)))
    site.check(SERVER, False)
    assert serves(site)
    site.check(SERVER, False)
    assert not serves(site)


def test_who_waited_for_a_first_check_serves_when_alpha_goes() -> None:
    site = Site(service("alpha", servers(1)))
    site.load(service(servers(1)))
    assert serves(site)


URLS = "HTTP_GET {\nurl {\npath /a\n}\nurl {\npath /b\n}\nretry 1\ndelay_before_retry 2\nFAST\n}"


def test_one_url_is_looked_at_each_time_and_a_failed_one_again() -> None:
    site = Site(service(servers(1, check=URLS.replace("FAST", ""))))
    steps = []
    for success in (True, True, False, False, False, True, True, True):
        while SERVER not in site.running:
            site.wait()
        steps.append(site.running[SERVER].step)
        site.answer(SERVER, success)
    assert steps == [0, 1, 0, 0, 0, 0, 1, 0]


def test_a_server_comes_back_when_every_url_passed() -> None:
    site = Site(service(servers(1, check=URLS.replace("FAST", ""))))
    site.check(SERVER, False)
    assert site.check(SERVER, True) == 10.0
    assert not serves(site)
    assert site.check(SERVER, True) == 10.0
    assert serves(site)


def test_fast_recovery_looks_at_the_next_url_at_once() -> None:
    site = Site(service(servers(1, check=URLS.replace("FAST", "fast_recovery"))))
    site.check(SERVER, False)
    site.check(SERVER, True)
    assert site.check(SERVER, True) == 0.0
    assert serves(site)


def test_every_checker_of_a_server_has_to_pass() -> None:
    site = Site(service(servers(1, check="TCP_CHECK {\n}\nPING_CHECK {\n}")))
    site.wait()
    first = site.running[SERVER]
    assert len(site.director._checks) == 2
    site.answer(SERVER, False)
    assert not serves(site)
    assert first.check == 2
