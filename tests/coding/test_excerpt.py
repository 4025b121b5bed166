"""A range of readings is that range of all of them, and costs no decoding of the rest."""

from __future__ import annotations

from typing import Any

import corpus
import numpy as np
import pytest
from checks import each_engine, flip, part, same

import codec
from codec.errors import DamagedError, OutputLimitError

RANGES: tuple[tuple[int | None, int | None], ...] = (
    (0, 0), (0, 1), (3, 17), (11, 12), (12, 13), (12, 24), (4, 5), (5, 50), (-1, None), (-7, -2), (None, 9),
    (23, None), (2, -3), (9, 4), (10**30, None), (-(10**30), 10**30),
)  # fmt: skip


def cut(readings: Any, start: int | None, stop: int | None) -> Any:
    """The same range of readings in memory."""
    if isinstance(readings, np.ndarray):
        fortran = readings.ndim > 1 and readings.flags.f_contiguous and not readings.flags.c_contiguous
        return readings.reshape(-1, order="F" if fortran else "C")[start:stop]
    return readings[start:stop]


@pytest.mark.dear
@each_engine
@pytest.mark.parametrize("name", corpus.GOOD)
def test_a_range_is_that_range_of_all_readings(name: str, engine: str) -> None:
    kind, data = corpus.GOOD[name], corpus.good(name)
    data = data[0] if isinstance(data, tuple) else data
    whole = codec.decode(data, kind.needed, engine=engine)
    for start, stop in RANGES:
        if (start, stop) != (None, None):
            assert same(codec.decode(data, kind.needed, start=start, stop=stop, engine=engine), cut(whole, start, stop))


WAYS: dict[str, dict[str, Any]] = {
    "plain": {}, "differences": {"delta": True}, "context": {"context": True}, "triples": {"per_codeword": 3},
    "differences in context": {"delta": True, "context": True}, "in lanes of 64": {"lane_size": 64},
    "in odd blocks": {"lane_size": 7, "block_size": 100},
}  # fmt: skip
WALK = np.cumsum(np.random.default_rng(3).integers(-2, 3, 6001)) + 1000


@pytest.mark.dear
@pytest.mark.parametrize("way", WAYS)
def test_ranges_begin_and_end_within_lanes_at_lanes_and_at_blocks(way: str) -> None:
    data = codec.encode(WALK, **{"lane_size": 40, "block_size": 480, **WAYS[way]})
    edges = np.random.default_rng(4).integers(0, 6002, (40, 2))
    for start, stop in [*edges.tolist(), (480, 960), (40, 80), (1440, 1480), (6000, 6001), (5999, None)]:
        assert same(codec.decode(data, start=start, stop=stop), WALK[start:stop])


def test_escapes_keep_their_raw_values_in_a_range() -> None:
    code = codec.huffman(codec.Distribution([1, 2], [3, 1]), escape_weight=1)
    readings = np.where(np.arange(900) % 7, np.arange(900) % 2 + 1, np.arange(900))
    data = codec.encode(readings, code, lane_size=10, block_size=130)
    for start in range(0, 900, 57):
        assert same(codec.decode(data, start=start, stop=start + 40), readings[start : start + 40])


def test_a_block_outside_the_range_may_be_damaged_one_inside_may_not() -> None:
    data = codec.encode(WALK, block_size=1000)
    middle = part(data, "block", 3)
    spoilt = flip(data, 8 * middle.fields["payload"][0])
    assert same(codec.decode(spoilt, start=1000, stop=3000), WALK[1000:3000])
    with pytest.raises(codec.CodecError, match="block 3 is damaged: its checksum does not hold"):
        codec.decode(spoilt, start=3999, stop=4000)


def test_a_range_of_a_file_that_is_cut_short_or_out_of_order_is_refused() -> None:
    data = codec.encode(WALK, block_size=1000, delta=True)
    blocks = [part(data, "block", number) for number in range(7)]
    front, last = data[: blocks[0].start], data[blocks[6].stop :]
    whole = [data[block.start : block.stop] for block in blocks]
    swapped = front + b"".join([whole[0], whole[2], whole[1], *whole[3:]]) + last
    with pytest.raises(DamagedError, match="blocks were moved"):
        codec.decode(swapped, start=1500, stop=1600)
    for damaged, why in (
        (front + b"".join(whole[:5]) + last, "the end counts 6,001 readings"),
        (data[:-1], "the file ends within"), (data + b"x", "something stands behind"),
        (data[: blocks[4].start + 30], "the file ends within block 4"),
    ):  # fmt: skip
        with pytest.raises(DamagedError, match=why):
            codec.decode(damaged, start=0, stop=5)


def test_the_limit_of_the_output_is_for_the_range() -> None:
    data = codec.encode(WALK)
    assert len(codec.decode(data, start=100, stop=110, max_output=80)) == 10
    with pytest.raises(OutputLimitError):
        codec.decode(data, start=100, stop=111, max_output=80)


def test_ends_are_whole_numbers() -> None:
    with pytest.raises(TypeError, match=r"start is a whole number, not 1\.5"):
        codec.decode(codec.encode(WALK), start=1.5)  # type: ignore[arg-type]
