"""Counting readings, looking them up, and giving symbols through a table of outputs: every engine as the slow way."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from checks import ENGINES

from codec.bits import engine, reference
from codec.theory import dense

INTS = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8")
RANGES = ((0, 8), (-100, 100), (0, 256), (-30_000, 30_000), (1_000, 70_000))
DRAWN = [
    (dtype, low, high)
    for dtype in INTS
    for low, high in RANGES
    if np.iinfo(dtype).min <= low and high - 1 <= np.iinfo(dtype).max
]
SIZES = (1, 20_001)
OUTPUTS = ("u1", "i2", "<f4", ">i4", "f8", "M8[s]", "S3", "c16", "O", "bool")


@pytest.fixture(params=ENGINES)
def coder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(dense, "_PAIRED", 1 << 14)
    return engine.engine(request.param)


def drawn(dtype: str, low: int, high: int, size: int) -> Any:
    return np.random.default_rng(size).integers(low, high, size).astype(dtype)


@pytest.mark.dear
@pytest.mark.parametrize("pairs", [False, True])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype,low,high", DRAWN)
def test_counts_are_those_of_a_counter(
    coder: Any, dtype: str, low: int, high: int, size: int, pairs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if pairs and coder.__name__.endswith("compiled"):
        monkeypatch.setattr("codec.bits.tabled._WHOLE_TABLE_FROM", 0)
    values = drawn(dtype, low, high, size)
    counted = coder.count_dense(values)
    if counted is None:  # a range much wider than there are values
        assert int(values.max()) - int(values.min()) >= 16 * size
        return
    least, counts = counted
    assert least == values.min() and len(counts) == int(values.max()) - least + 1
    expected = Counter(values.tolist())
    assert {least + place: count for place, count in enumerate(counts.tolist()) if count} == expected


@pytest.mark.parametrize("dtype", ["u4", "i8"])
def test_a_single_value_far_from_the_others_is_counted_or_the_range_refused(coder: Any, dtype: str) -> None:
    values = np.full(100_000, 5, dtype)
    values[-1] = 90_000
    low, counts = coder.count_dense(values)
    assert (low, counts[0], counts[-1], counts.sum()) == (5, 99_999, 1, 100_000)
    values[-1] = np.iinfo(dtype).max
    assert coder.count_dense(values) is None


@pytest.mark.dear
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("dtype,low,high", DRAWN)
def test_values_are_looked_up_and_what_is_unknown_is_said(
    coder: Any, dtype: str, low: int, high: int, gaps: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = drawn(dtype, low, high, 20_001)
    if gaps and coder.__name__.endswith("compiled"):
        monkeypatch.setattr("codec.bits.tabled._WHOLE_TABLE_FROM", 0)
    known = np.ones(high - low, np.bool_)
    known[1::3] = not gaps
    table = (np.arange(high - low)[::-1] % 65_536).astype("u1" if high - low <= 256 else "u2")
    limits = np.iinfo(dtype)
    for strangers in ((), (limits.min, limits.max)):
        some = values.copy()
        some[len(some) // 2 : len(some) // 2 + len(strangers)] = strangers
        symbols, unknown = coder.look_up(low, table, known)(some)
        offsets = some.astype(object) - low
        inside = (offsets >= 0) & (offsets < len(table))
        places = np.where(inside, offsets, 0).astype(np.int64)
        expected = ~(inside.astype(bool) & known[places])
        assert (unknown is None) == (not expected.any())
        assert unknown is None or np.array_equal(unknown, expected)
        assert symbols.dtype == table.dtype and np.array_equal(symbols[~expected], table[places][~expected])


RUNS = {  # labels, low to high, some of them missing
    "one run": [*range(27)],
    "one run, begun later": [*range(90, 117)],
    "eight runs": [0, 5, 10, 45, 60, 62, 74, 80],
    "eight long runs": [start + more for start in range(0, 96, 12) for more in range(10)],
    "nine runs": [*range(0, 18, 2)],
    "to the greatest": [0, 1, 2, 126, 127],
}


@pytest.mark.parametrize("low", [0, -64])
@pytest.mark.parametrize("dtype", INTS)
@pytest.mark.parametrize("offsets", RUNS.values(), ids=RUNS)
def test_labels_in_runs_become_symbols_and_come_back(coder: Any, offsets: list[int], dtype: str, low: int) -> None:
    if low < 0 and dtype.startswith("u"):
        low = int(np.iinfo(dtype).max) - 127
    labels = [low + offset for offset in offsets]
    known, table = np.zeros(offsets[-1] + 1, np.bool_), np.zeros(offsets[-1] + 1, np.uint8)
    known[offsets], table[offsets] = True, range(len(offsets))
    symbols = np.random.default_rng(1).integers(0, len(labels), 20_001).astype(np.uint8)
    values = np.array(labels, dtype)[symbols]
    find = coder.look_up(low, table, known)
    found, unknown = find(values)
    assert unknown is None and np.array_equal(found, symbols) and found.dtype == np.uint8
    back = np.empty_like(values)
    coder.through(np.array(labels, dtype))(symbols, back)
    assert np.array_equal(back, values)
    limits = np.iinfo(dtype)
    strangers = {*range(low - 1, low + offsets[-1] + 2), int(limits.min), int(limits.max)} - {*labels}
    for stranger in strangers:
        if limits.min <= stranger <= limits.max:
            values[7_000] = stranger
            found, unknown = find(values)
            assert unknown is not None and np.flatnonzero(unknown).tolist() == [7_000]


@pytest.mark.dear
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", OUTPUTS)
@pytest.mark.parametrize("symbols,labels", [("u1", 1), ("u1", 8), ("u1", 256), ("u2", 300), ("i8", 5_000)])
def test_symbols_come_out_through_a_table_as_the_reference_says(
    coder: Any, symbols: str, labels: int, dtype: str, size: int
) -> None:
    random = np.random.default_rng(1)
    numbers = random.integers(0, labels + (labels < 200), size).astype(symbols)  # one beyond the table too
    outputs, out, expected = random.integers(0, 100, labels).astype(dtype), np.empty(size, dtype), np.empty(size, dtype)
    coder.through(outputs)(numbers, out)
    reference.through(outputs)(numbers, expected)
    assert np.array_equal(out, expected)


def test_where_symbol_k_is_label_k_they_come_out_as_they_are(coder: Any) -> None:
    symbols = np.random.default_rng(1).integers(0, 27, 30_000).astype(np.uint8)
    out = np.empty_like(symbols)
    coder.through(np.arange(27, dtype=np.uint8))(symbols, out)
    assert np.array_equal(out, symbols)
