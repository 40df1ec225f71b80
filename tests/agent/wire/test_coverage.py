# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms of checksum: each is written, and seen to be what it is, where it exists."""

from __future__ import annotations

import pytest
from vipd.wire.checksum import checksum
from vipd.wire.coverage import Checksum, form_seen, with_form
from vipd.wire.errors import Reason, WireError

UNICAST = bytes.fromhex("c00002fbc00002fc")
MULTICAST = bytes.fromhex("c00002fbe0000012")
OVER_IPV6 = bytes.fromhex("fe800000000000000000000000000001ff020000000000000000000000000012")
VERSION_2 = bytes.fromhex("210ac80200010000c0000201c00002020000000000000000")
VERSION_3 = bytes.fromhex("310ac80200640000c0000201c0000202")
VERSION_3_IPV6 = bytes.fromhex("310ac80100640000fe800000000000000000000000000003")

COVERED = {  # before the message
    Checksum.PSEUDO_HEADER: UNICAST + bytes.fromhex("00700010"),
    Checksum.MESSAGE_ONLY: b"",
    Checksum.PSEUDO_HEADER_GROUP: MULTICAST + bytes.fromhex("00700010"),
}


@pytest.mark.parametrize("form", Checksum)
def test_over_ipv4_version_3_has_every_form(form: Checksum) -> None:
    message = with_form(VERSION_3, UNICAST, form)
    assert message[6:8] == checksum(COVERED[form] + VERSION_3).to_bytes(2, "big")
    assert form_seen(message, UNICAST) is form


@pytest.mark.parametrize("form", Checksum)
@pytest.mark.parametrize(
    ("message", "ends", "only"),
    [
        pytest.param(VERSION_2, UNICAST, Checksum.MESSAGE_ONLY, id="version 2"),
        pytest.param(VERSION_3_IPV6, OVER_IPV6, Checksum.PSEUDO_HEADER, id="over IPv6"),
    ],
)
def test_where_one_form_exists_the_wish_for_another_is_void(
    message: bytes, ends: bytes, only: Checksum, form: Checksum
) -> None:
    assert form_seen(with_form(message, ends, form), ends) is only


def test_to_the_group_the_pseudo_header_is_that_of_the_group() -> None:
    assert form_seen(with_form(VERSION_3, MULTICAST, Checksum.PSEUDO_HEADER_GROUP), MULTICAST) is Checksum.PSEUDO_HEADER


@pytest.mark.parametrize(("message", "ends"), [(VERSION_2, UNICAST), (VERSION_3, UNICAST), (VERSION_3_IPV6, OVER_IPV6)])
def test_a_checksum_in_no_form_is_refused(message: bytes, ends: bytes) -> None:
    with pytest.raises(WireError) as caught:
        form_seen(message, ends)
    assert caught.value.reason is Reason.BAD_CHECKSUM


def test_over_ipv6_and_in_version_2_the_other_forms_are_refused() -> None:
    alone = VERSION_3_IPV6[:6] + checksum(VERSION_3_IPV6).to_bytes(2, "big") + VERSION_3_IPV6[8:]
    pseudo = checksum(UNICAST + bytes.fromhex("00700018") + VERSION_2).to_bytes(2, "big")
    for message, ends in ((alone, OVER_IPV6), (VERSION_2[:6] + pseudo + VERSION_2[8:], UNICAST)):
        with pytest.raises(WireError):
            form_seen(message, ends)
