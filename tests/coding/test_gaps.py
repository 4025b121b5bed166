"""Gaps among numbers: they come back in their places and spellings, and what is predicted goes on behind them."""

from __future__ import annotations

import io
import random
from typing import Any

import numpy as np
import pytest
from checks import INSTALLED, flip, huf, same, unhuf
from command_line import good
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import examples

from codec.coding import decode, encode
from codec.coding.best import candidates, smallest
from codec.coding.file import opened
from codec.coding.salvage import Salvage
from codec.errors import CodecError, DamagedError
from codec.readings.csv import Layout
from codec.readings.front import open_stream

WAYS: tuple[dict[str, Any], ...] = (
    {}, {"per_codeword": 2}, {"context": True}, {"intervals": True}, {"delta": True}, {"delta": True, "context": True},
    {"transform": "ranks"}, {"transform": "linear"}, {"transform": "linear ranks", "intervals": True, "short": True},
)  # fmt: skip
SIZES: tuple[dict[str, int], ...] = ({}, {"lane_size": 3, "block_size": 5})
WALK = np.cumsum(np.random.default_rng(3).integers(-4, 5, 200)).tolist()


def text_of(numbers: list[int], gaps: dict[int, str]) -> bytes:
    return "".join(f"{gaps.get(at, f'{k / 10:.1f}')}\n" for at, k in enumerate(numbers)).encode()


@pytest.mark.dear
@pytest.mark.parametrize("gaps", [
    {7: "NaN"}, {0: "", 1: "", 2: ""}, {199: "-"}, {50: "NA", 51: "", 52: "NA"}, dict.fromkeys(range(0, 60), "M"),
    {3: "-0.0"}, {4: "NaN", 9: "nan", 14: "n/a"}, dict.fromkeys(range(90, 130), ""),
], ids=str)  # fmt: skip
def test_gaps_come_back_in_place_whatever_is_coded(gaps: dict[int, str]) -> None:
    text = text_of(WALK, gaps)
    for how in WAYS:
        for sizes in SIZES:
            data = huf(text, **how, **sizes)
            file = opened(io.BytesIO(data))
            assert set(file.origin.gaps) == set(gaps.values()) and file.header.flags & 32
            assert all(unhuf(data, engine=engine) == text for engine in INSTALLED), (how, sizes)
            found = decode(data)
            assert [at for at in range(200) if np.isnan(found[at])] == sorted(gaps)


@settings(max_examples=examples(100))
@given(st.lists(st.integers(-500, 500) | st.sampled_from(["", "NaN", "-"]), max_size=40), st.sampled_from(WAYS))
def test_any_mixture_of_numbers_and_gaps_comes_back(readings: list[int | str], how: dict[str, Any]) -> None:
    text = "".join(f"{reading}\n" for reading in readings).encode()
    try:
        data = huf(text, lane_size=4, block_size=6, **how)
    except CodecError:
        assert {"delta", "transform", "intervals"} & {*how} and sum(isinstance(r, str) for r in readings) * 2 >= len(
            readings
        )
        return
    assert unhuf(data) == text


@pytest.mark.slow
def test_a_gap_in_a_thousand_costs_three_percent_at_most() -> None:
    numbers = np.cumsum(np.random.default_rng(1).integers(-5, 6, 3000)).tolist()
    sizes = [
        smallest(candidates(open_stream(io.BytesIO(text_of(numbers, gaps)), "x"))).file_bits or 0
        for gaps in ({}, {5: "NaN", 700: "NaN", 2100: "NaN"})
    ]
    assert sizes[1] <= 1.03 * sizes[0]


def test_a_number_may_stand_for_a_gap() -> None:
    text = text_of(WALK, dict.fromkeys(range(5, 200, 9), "-999.0"))
    stream = open_stream(io.BytesIO(text), "x", layout=Layout(missing="-999"))
    assert stream.gapped is not None and stream.gapped.origin.gaps == ("-999.0",)
    coded = good("encode", "-", "--missing", "-999", "--delta", "-q", stdin=text).data
    assert good("decode", "-", stdin=coded).data == text
    assert len(coded) < len(good("encode", "-", "--delta", "-q", stdin=text).data)


def test_words_are_no_gaps() -> None:
    for text in (b"1\n2\nfive\n3\n", b"1\n-\n-\n", b"on\noff\n\n", b"1\n2\n1e5\n3\n"):
        assert open_stream(io.BytesIO(text), "x").gapped is None and unhuf(huf(text)) == text


def test_tables_of_differences_audit_and_code_streams_with_gaps(tmp_path: Any) -> None:
    stream, table = tmp_path / "s.txt", tmp_path / "t.json"
    stream.write_bytes(text_of(WALK * 3, {8: "", 300: "NA"}))
    good("table", stream, "--delta", "--intervals", "-o", table)
    assert good("audit", stream, "--code", table, "--json").json()["unseen"] == 0
    (tmp_path / "whole.txt").write_bytes(text_of(WALK * 3, {}))
    good("table", tmp_path / "whole.txt", "--delta", "--escape", "-o", tmp_path / "u.json")
    assert good("audit", stream, "--code", tmp_path / "u.json", "--json").json()["first_unseen"] == "gap"
    good("encode", stream, "--code", table, "-o", tmp_path / "s.huf")
    assert good("decode", tmp_path / "s.huf", "-c").data == stream.read_bytes()


def test_damage_and_salvage() -> None:
    text = text_of(WALK, {7: "NaN", 90: "-"})
    data = huf(text, delta=True, lane_size=20, block_size=50)
    for bit in random.Random(4).sample(range(8 * len(data)), 250):
        with pytest.raises(CodecError):
            unhuf(flip(data, bit))
    place = data.index(b"B\0\0\0\2")
    salvage = Salvage(io.BytesIO(flip(data, 8 * place + 250)))
    saved = b"".join(salvage.restored()).decode().splitlines()
    lines = text.decode().splitlines()
    assert saved == lines[:100] + lines[150:] and [(x.start, x.stop) for x in salvage.lost] == [(100, 150)]


def test_a_forged_note_of_gaps_is_refused() -> None:
    from checks import exchange, part

    data = huf(text_of(WALK[:30], {7: "NaN"}))
    origin = part(data, "header").read(data, "origin")
    assert origin.endswith(b"\1\3NaN")
    for forged in (b"\0", b"\1\3Na", b"\1\2NaN", b"\2\3NaN\3NaN", b"\1\3N\nN", b""):
        with pytest.raises(DamagedError):
            unhuf(exchange(data, "origin", origin[:-5] + forged))


@pytest.mark.dear
@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<f2"])
def test_floats_with_nan_have_differences_ranks_and_intervals(dtype: str) -> None:
    values = (np.array(WALK) / 2).astype(dtype)
    values[[0, 7, 8, 199]] = np.nan
    for how in WAYS[3:]:
        for sizes in SIZES:
            data = encode(values, **how, **sizes)
            assert same(decode(data), values), how
            assert "short" in how or opened(io.BytesIO(data)).origin.gaps == ("nan",)
    assert same(decode(encode(values, best=True)), values)
    assert opened(io.BytesIO(encode(values))).origin.gaps == ()
    assert same(np.load(io.BytesIO(unhuf(encode(values, delta=True)))), values)


def test_odd_nans_are_no_gaps() -> None:
    odd = np.array([1.5, 2.5, 0])
    odd.view(np.uint64)[2] = 0x7FF8000000000001
    for values in (odd, np.full(3, np.nan), np.array([1 / 3, np.nan, 0.5])):
        with pytest.raises(CodecError, match="floats have no differences"):
            encode(values, delta=True)
        assert same(decode(encode(values)), values)


def test_any_given_code_serves_or_is_refused_beside_gaps() -> None:
    values = np.array([0.5, np.nan, 0.5])
    assert same(decode(encode(values, {0.5: 2, float("nan"): 1})), values)
    with pytest.raises(TypeError, match="a code is wanted"):
        encode(values, np.uint32(9))  # type: ignore[arg-type]
