# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why bytes were refused. A reason is a closed set, because it is a metric label; the text is for people."""

from __future__ import annotations

from enum import Enum


class Reason(str, Enum):
    """In the order of the checks. Values are the labels under which refused packets are counted."""

    TRUNCATED = "truncated"
    NOT_IPV4 = "not_ipv4"
    NOT_VRRP = "not_vrrp"
    NOT_ARP = "not_arp"
    NOT_NDP = "not_ndp"
    BAD_VERSION = "bad_version"
    BAD_TYPE = "bad_type"
    BAD_VRID = "bad_vrid"
    NO_ADDRESSES = "no_addresses"
    BAD_LENGTH = "bad_length"
    BAD_CHECKSUM = "bad_checksum"
    BAD_AUTH_TYPE = "bad_auth_type"
    BAD_INTERVAL = "bad_interval"

    def __str__(self) -> str:
        return self.value


class WireError(Exception):
    """These bytes are not what the codec decodes."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason
