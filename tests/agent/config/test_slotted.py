# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Models in slots are as those in dictionaries, and smaller."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest
from vipd.config.model import VrrpInstance
from vipd.config.slotted import slotted
from vipd.core.settings import Settings


@dataclass(frozen=True)
class Plain:
    name: str
    priority: int = 100
    place: str = field(default="", compare=False)


Slotted = slotted(Plain)


def test_it_is_made_compared_and_shown_as_the_plain_one() -> None:
    assert Slotted("V") == Slotted("V", 100, place="elsewhere") != Slotted("V", 101)
    assert hash(Slotted("V")) == hash(Slotted("V", place="elsewhere"))
    assert repr(Slotted("V")) == "Plain(name='V', priority=100, place='')"
    assert replace(Slotted("V"), priority=7) == Slotted("V", 7)
    assert [one.name for one in fields(Slotted)] == ["name", "priority", "place"]


def test_it_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Slotted("V").priority = 7  # type: ignore[misc]
    with pytest.raises(AttributeError):
        object.__setattr__(Slotted("V"), "another", 7)


def test_it_travels_between_processes() -> None:
    model = VrrpInstance("V", "eth0", 51, priority=7)
    assert pickle.loads(pickle.dumps(model)) == model


@pytest.mark.parametrize("kind", [VrrpInstance, Settings])
def test_those_of_which_there_are_many_have_no_dictionaries(kind: type) -> None:
    assert "__dict__" not in dir(kind)
    assert set(kind.__slots__) == {one.name for one in fields(kind)}
