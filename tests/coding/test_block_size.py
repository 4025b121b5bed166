"""How many blocks a file has by itself, what they cost, and what damage to one of them costs."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from checks import Pipe, each_engine, flip, part, same, walk

import codec
from codec.bits import lanes
from codec.bits.engine import BLOCK_SIZE
from codec.codes.prefix import huffman
from codec.coding.block_size import LEAST_READINGS, MOST_BLOCKS, with_block_size
from codec.coding.file import opened, restored_bytes
from codec.coding.options import Options
from codec.coding.piece import Limit
from codec.coding.salvage import Salvage
from codec.coding.writing import write
from codec.errors import DamagedError
from codec.readings.front import open_stream
from codec.theory.sources import built_in

NASA, SKEWED = built_in("nasa"), codec.Distribution([0, 1], [99, 1])
WAYS: tuple[dict[str, Any], ...] = ({}, {"delta": True}, {"context": True}, {"per_codeword": 2}, {"code": NASA})


def blocks_of(data: bytes) -> list[int]:
    """Symbols of each block."""
    return [one.number(data, "count") for one in walk(data) if one.name == "block"]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_long_stream_has_several_blocks_that_cost_less_than_a_thousandth(way: dict[str, Any]) -> None:
    readings = NASA.sample(600_000, 1).astype(np.int16)
    data, one = codec.encode(readings, **way), codec.encode(readings, **way, block_size=BLOCK_SIZE)
    counts = blocks_of(data)
    assert 1 < len(counts) <= MOST_BLOCKS and sum(counts) == sum(blocks_of(one))
    assert len(set(counts[:-1])) == 1 and counts[0] % 2000 == 0 and counts[-1] <= counts[0]
    assert 0 < len(data) - len(one) < len(one) / 1000
    assert same(codec.decode(data, way.get("code")), readings)


def test_below_half_a_million_readings_a_file_is_one_block() -> None:
    readings = np.zeros(LEAST_READINGS - 1, np.uint8)
    data = codec.encode(readings)
    assert len(blocks_of(data)) == 1 and part(data, "header").number(data, "block size") == BLOCK_SIZE
    assert data == codec.encode(readings, block_size=BLOCK_SIZE)


def test_a_stream_of_unknown_length_has_blocks_of_the_largest_size() -> None:
    raw, out = bytes(600_000), io.BytesIO()
    write(open_stream(Pipe(raw, 1 << 16), "a pipe", raw=True), out, codec.huffman({0: 1, 1: 1}))  # type: ignore[arg-type]
    assert blocks_of(out.getvalue()) == [600_000]
    assert len(blocks_of(codec.encode(raw, {0: 1, 1: 1}))) > 1


@pytest.mark.parametrize("p", [NASA, SKEWED])
def test_the_number_of_blocks_follows_the_size_of_the_file(p: codec.Distribution) -> None:
    code, last = huffman(p), 0
    for count in (LEAST_READINGS, 10**6, 2 * 10**6, 10**7, 10**8):
        size = with_block_size(Options(), code, count, True).largest_block
        number = -(-count // size)
        assert last <= number <= MOST_BLOCKS and size % Options().lane_size == 0 and size <= BLOCK_SIZE
        last = number
    assert last == MOST_BLOCKS and with_block_size(Options(), code, 10**9, True).block_size == BLOCK_SIZE
    assert with_block_size(Options(block_size=77), code, 10**9, True).block_size == 77
    assert with_block_size(Options(lane_size=7), code, 10**7, True).block_size == BLOCK_SIZE


def test_damage_to_a_long_file_costs_one_block() -> None:
    readings = NASA.sample(600_000, 2).astype(np.int16)
    data = codec.encode(readings)
    counts = blocks_of(data)
    salvage = Salvage(io.BytesIO(flip(data, 8 * part(data, "block", 2).fields["payload"][0] + 1000)))
    saved = np.load(io.BytesIO(b"".join(salvage.restored())))
    lost = slice(2 * counts[0], 3 * counts[0])
    assert same(saved, np.delete(readings, lost)) and [(one.start, one.stop) for one in salvage.lost] == [
        (lost.start, lost.stop)
    ]


@pytest.mark.dear
@each_engine
@pytest.mark.parametrize("sizes", [(8, 64), (7, 49), (5, 12), (100, 40), (1, 1), (64, 1024)])
@pytest.mark.parametrize("way", WAYS[:4], ids=str)
def test_blocks_decode_together_as_they_do_alone(sizes: tuple[int, int], way: dict[str, Any], engine: str) -> None:
    readings = NASA.sample(1000, 3)
    data = codec.encode(readings, lane_size=sizes[0], block_size=sizes[1], **way)
    assert same(codec.decode(data, engine=engine), readings)


def test_numpy_decodes_many_blocks_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    data, calls = codec.encode(NASA.sample(9000, 4), block_size=1000, lane_size=100), []
    decode = lanes.decode
    monkeypatch.setattr(lanes, "decode", lambda *given: calls.append(given[2]) or decode(*given))
    codec.decode(data, engine="lanes")
    assert calls == [9000]


@each_engine
def test_a_block_that_does_not_decode_is_named_among_others(engine: str) -> None:
    code = codec.PrefixCode.from_lengths([1, 2, 3], [1, 3, 3])  # 101 and 11 are no codewords
    data = codec.encode([1, 2, 3] * 40, code, lane_size=4, block_size=12)
    payload = part(data, "block", 4).fields["payload"]
    from checks import mend

    spoilt = mend(data[: payload[0]] + bytes([0xFF]) + data[payload[0] + 1 :], like=data)
    with pytest.raises(DamagedError, match="block 4 is damaged"):
        codec.decode(spoilt, engine=engine)


def test_what_comes_through_a_pipe_is_decoded_as_it_comes() -> None:
    data = codec.encode(bytes(range(100)) * 100, lane_size=10, block_size=100)
    pipe = Pipe(data, 50)
    assert len(next(restored_bytes(opened(pipe, engine="lanes"), Limit()))) == 100  # type: ignore[arg-type]
    left = b"".join(iter(lambda: pipe.read(50) or b"", b""))
    assert len(left) > 0.9 * len(data)
