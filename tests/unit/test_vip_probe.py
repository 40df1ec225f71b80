# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a VIP did not answer: from the last good attempt before to the first answer after."""

from __future__ import annotations

import socket

from ansible_collections.lbha.pair.plugins.modules.vip_probe import Gaps, connects, watch


def test_a_gap_ends_with_the_answer_after_it() -> None:
    gaps = Gaps(0.0)
    for sent_s, ended_s, answered in ((1.0, 1.1, True), (2.0, 2.2, False), (3.0, 3.3, True), (4.0, 4.1, True)):
        gaps.note(sent_s, ended_s, answered)
    assert gaps.plain() == {"attempts": 4, "unanswered": 1, "longest_gap_s": 2.3, "answers": True}


def test_one_that_never_ends_counts_as_well() -> None:
    gaps = Gaps(0.0)
    gaps.note(1.0, 1.2, False)
    gaps.note(5.0, 5.2, False)
    assert gaps.plain() == {"attempts": 2, "unanswered": 2, "longest_gap_s": 5.2, "answers": False}


def test_it_watches_until_told_to_stop() -> None:
    outcomes = iter([True, False, True])
    stops = iter([False, False, False, True])
    gaps = watch(lambda: next(outcomes), 60.0, 0.001, lambda: next(stops))
    assert (gaps.attempts, gaps.failed) == (3, 1)
    assert gaps.longest_s > 0


def test_a_port_answers_or_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert connects("127.0.0.1", port, 5.0)
    assert not connects("127.0.0.1", port, 0.2)
