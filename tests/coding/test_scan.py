"""Salvage finds the blocks of the file, not those of another file that a damaged block holds."""

from __future__ import annotations

import io

import numpy as np
import pytest
from checks import flip, part

from codec.codes.prefix import PrefixCode
from codec.coding import encode
from codec.coding.salvage import Salvage

ESCAPING = PrefixCode.from_lengths([b"a", b"b"], [1, 2], escape_length=2)
INNER = encode(np.array([b"b", b"a", b"b"] * 8, object), ESCAPING, block_size=6)
READINGS = [b"a"] * 6 + [b"b"] * 6 + [INNER] + [b"a"] * 5 + [b"b", b"a"] * 3 + [b"b"] * 4


def saved(data: bytes) -> tuple[list[bytes], list[tuple[int, int | None]]]:
    salvage = Salvage(io.BytesIO(data))
    text = b"".join(salvage.restored())
    return text.splitlines(), [(lost.start, lost.stop) for lost in salvage.lost]


@pytest.mark.parametrize("field", ["payload", "extra", "lane index", "checksum"])
def test_a_block_that_holds_another_file_does_not_hide_the_sound_blocks_around_it(field: str) -> None:
    data = encode(np.array(READINGS, object), ESCAPING, lane_size=2, block_size=6)
    start, stop = part(data, "block", 2).fields[field]
    lines, lost = saved(flip(data, 8 * stop - 8 if field != "extra" else 8 * start))
    assert lost == [(12, 18)]
    assert lines == READINGS[:12] + READINGS[18:]


def test_with_its_head_damaged_too_the_chain_back_from_the_end_still_holds() -> None:
    data = encode(np.array(READINGS, object), ESCAPING, lane_size=2, block_size=6)
    start, _ = part(data, "block", 2).fields["mark"]
    lines, lost = saved(flip(data, 8 * start))
    assert lost == [(12, 18)] and lines == READINGS[:12] + READINGS[18:]


def test_a_file_appended_to_another_is_none_of_it_but_no_end_is_certain() -> None:
    data = encode(np.array(READINGS, object), ESCAPING, lane_size=2, block_size=6)
    start, _ = part(data, "block", 2).fields["payload"]
    salvage = Salvage(io.BytesIO(flip(data, 8 * start) + INNER))
    assert b"".join(salvage.restored()).splitlines() == READINGS[:12] + READINGS[18:]
    assert [(lost.start, lost.stop) for lost in salvage.lost] == [(12, 18)]
