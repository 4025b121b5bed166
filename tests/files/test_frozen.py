"""What could be encoded once is encoded to the same bytes for ever."""

from __future__ import annotations

import frozen
import pytest
from checks import each_engine

CASES, EXPECTED = frozen.cases(), frozen.expected()


def test_every_combination_of_options_has_its_digest() -> None:
    assert list(CASES) == list(EXPECTED) and len(CASES) >= 240


@pytest.mark.dear
@each_engine
@pytest.mark.parametrize("name", CASES)
def test_it_is_still_written_so(name: str, engine: str) -> None:
    assert frozen.digest(CASES[name].make(engine=engine)) == EXPECTED[name]
