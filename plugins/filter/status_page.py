# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``lbha.pair.status_page``. Documented in ``status_page.yml``; ``plugin_utils/status_page.py`` draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lbha.pair.plugins.plugin_utils.ansible_values import plain
from ansible_collections.lbha.pair.plugins.plugin_utils.pair_status import PairStatus, answer
from ansible_collections.lbha.pair.plugins.plugin_utils.status_page import page


def status_page(nodes: Mapping[str, Any], at: float) -> str:
    try:
        answers = {str(host): answer(registered) for host, registered in plain(nodes).items()}
        return page(PairStatus(float(at), answers))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"expected results of 'vipctl status --format json', by host; this cannot be shown: {error!r}"
        raise AnsibleFilterError(message) from None


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"status_page": status_page}
