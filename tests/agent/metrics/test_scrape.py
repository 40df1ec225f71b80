# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often the daemon is asked, and what is shown when it does not answer."""

from __future__ import annotations

from typing import Any

from vipd.asking import NoAnswerError
from vipd.metrics.scrape import ANSWER_TIMEOUT_S, FRESH_S, Scrape

from tests.agent.director.stage import Site, servers, service
from tests.agent.metrics.page import node, status, value


class Daemon:
    """Answers what it is told to; the clock is a number."""

    def __init__(self, **answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, float]] = []
        self.now = 100.0
        self.scrape = Scrape(self.ask, lambda: self.now)

    def ask(self, command: str, timeout_s: float) -> dict[str, Any]:
        self.asked.append((command, timeout_s))
        if command not in self.answers:
            self.now += timeout_s
            raise NoAnswerError
        return self.answers[command]


def test_it_asks_once_in_a_while_however_often_it_is_scraped() -> None:
    daemon = Daemon(status=status(node()))
    assert daemon.scrape.page() == daemon.scrape.page()
    assert daemon.asked == [("status", ANSWER_TIMEOUT_S)]
    daemon.now += FRESH_S
    daemon.scrape.page()
    assert len(daemon.asked) == 2


def test_a_daemon_that_does_not_answer_is_down() -> None:
    shown = Daemon().scrape.page()
    assert (value(shown, "vipd_up"), value(shown, "keepalived_up")) == (0, 0)
    assert value(shown, "vipd_answer_seconds") == ANSWER_TIMEOUT_S
    assert "keepalived_vrrp_state" not in shown


def test_a_daemon_that_answers_is_up() -> None:
    daemon = Daemon(status=status(node()))
    shown = daemon.scrape.page()
    assert (value(shown, "vipd_up"), value(shown, "keepalived_up")) == (1, 1)
    assert "director" not in shown


def test_a_director_is_asked_where_there_is_one() -> None:
    director = Site(service(servers(1))).director.snapshot()
    daemon = Daemon(status=status(node(), director=True), director=director)
    shown = daemon.scrape.page()
    assert value(shown, "vipd_director_up") == 1
    assert value(shown, "vipd_real_server_up", real_server="10.0.0.11:80") in (0, 1)


def test_a_director_that_does_not_answer_does_not_hide_the_rest() -> None:
    shown = Daemon(status=status(node(), director=True)).scrape.page()
    assert value(shown, "vipd_director_up") == 0
    assert value(shown, "vipd_up") == 1
    assert value(shown, "vipd_instance_priority") == 150
