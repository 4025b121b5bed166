"""An array of floats is coded as the decimals that it shows, wherever they give back every float bit for bit."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checks import each_engine, same
from command_line import good, refused
from hypothesis import example, given
from hypothesis import strategies as st

import codec
from codec.codes.prefix import huffman
from codec.errors import StreamError
from codec.readings.front import open_stream
from codec.readings.values import from_values
from codec.theory.distribution import Distribution
from codec.theory.floats import MAX_DECIMALS, decimals_shown, multiples, step_of, units_of
from codec.theory.labels import Labels

FLOATS = tuple(np.dtype(name) for name in ("<f8", ">f8", "<f4", ">f4", "<f2"))
WALK = 215 + np.cumsum(np.arange(3000) * 7919 % 5 - 2)  # tenths that change by little
PLAIN: dict[str, Any] = {"decimals": False}


def npy_of(array: Any) -> io.BytesIO:
    file = io.BytesIO()
    np.save(file, array)
    file.seek(0)
    return file


def form_of(stream: Any) -> tuple[str, str]:
    piece = next(stream.labels())
    return piece.kind, piece.step


@each_engine
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_decimals_come_back_bit_for_bit_and_the_file_is_smaller(dtype: Any, engine: str) -> None:
    for array in (np.array([21.5, 21.6, 21.5, -0.3]), (WALK / 10).reshape(30, 100), np.array(21.5)):
        array = array.astype(dtype)
        data = codec.encode(array, engine=engine)
        assert same(codec.decode(data, engine=engine), array)
        assert array.size < 3 or len(data) < len(codec.encode(array, engine=engine, **PLAIN))


@pytest.mark.parametrize(
    "odd", [-0.0, np.nan, np.inf, 0.1 + 0.2, 1e-300, 5e-324, 1e300, np.pi], ids=lambda value: f"{value!r}"
)
def test_one_float_that_is_no_short_decimal_keeps_the_form_of_all(odd: float) -> None:
    for place in (0, 1500, 2999):
        array = WALK / 10
        array[place] = odd
        assert codec.encode(array) == codec.encode(array, **PLAIN)
        assert Distribution.from_stream(array).labels.kind == "float"
        assert same(codec.decode(codec.encode(array)), array)


@given(st.lists(st.tuples(st.integers(-(10**15), 10**15), st.integers(0, 15)), min_size=1), st.sampled_from(FLOATS))
@example([(1, 5), (29803, 12)], np.dtype(np.float16))  # below the least normal float16, floats lie further apart
def test_a_step_that_is_found_is_exact_and_the_shortest(numbers: list[tuple[int, int]], dtype: Any) -> None:
    with np.errstate(over="ignore"):
        array = np.array([float(Fraction(k, 10**d)) for k, d in numbers]).astype(dtype)
    wide = array.astype(np.float64)
    found = decimals_shown([wide[:1], wide[1:]] if len(wide) > 1 else [wide], array.dtype)
    if found is None:
        return
    units = units_of(wide, step_of(found), array.dtype)
    assert units is not None
    exact = np.array([float(Fraction(k, 10**found)) for k in units.tolist()]).astype(dtype)
    assert exact.tobytes() == array.tobytes()
    assert not found or units_of(wide, step_of(found - 1), array.dtype) is None
    for value, k in zip(array.tolist(), units.tolist(), strict=True):
        shown = np.format_float_positional(array.dtype.type(value), unique=True, trim="-")
        assert Fraction(shown) == Fraction(k, 10**found), "not what the float shows"


def test_multiples_are_the_nearest_floats_also_beyond_53_bits() -> None:
    for step in ("1", "0.1", "0.25", "3", "0.00000000000000000001", "10000000000"):
        for units in ([0, 1, -7, 123456789], [2**62 + 1, -(2**62) - 3], [2**64 - 1, 5]):
            array = np.array(units, np.uint64 if max(units) >= 1 << 63 else np.int64)
            assert multiples(array, step).tolist() == [float(k * Fraction(step)) for k in units]


def test_a_step_is_never_finer_than_a_table_can_hold() -> None:
    assert decimals_shown([np.array([10.0**-MAX_DECIMALS])], np.dtype(float)) == MAX_DECIMALS
    assert decimals_shown([np.array([10.0 ** -(MAX_DECIMALS + 1)])], np.dtype(float)) is None
    assert decimals_shown([np.array([1e14, 0.001])], np.dtype(float)) is None  # together more digits than floats keep


def test_no_readings_and_other_types_are_read_as_before() -> None:
    for array in (np.zeros((0, 2), np.float32), np.array([1.5], object), np.array([1.5], np.longdouble), np.array([1])):
        assert codec.encode(array) == codec.encode(array, **PLAIN)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_an_array_on_disk_is_read_as_the_same_array_in_memory(dtype: Any) -> None:
    array = (WALK / 10).astype(dtype)
    on_disk, in_memory = open_stream(npy_of(array), "x.npy"), from_values(array)
    for _ in range(2):
        for one, other in ((on_disk, in_memory), (on_disk.floats, in_memory.floats)):
            assert [p.identity for p in one.labels()] == [p.identity for p in other.labels()]  # type: ignore[union-attr]
    assert form_of(on_disk) == ("int", "0.1")
    assert form_of(open_stream(npy_of(array), "x.npy", decimals=False)) == ("float", "1")


def test_a_file_that_changes_before_its_floats_are_read_again_is_refused() -> None:
    file = npy_of(np.array([21.5, 21.6]))
    stream = open_stream(file, "x.npy")
    pieces = stream.pieces()
    next(pieces)
    file.getbuffer()[-8:] = np.array([np.pi]).tobytes()
    with pytest.raises(StreamError, match=r"x\.npy was changed while it was read"):
        list(stream.pieces())


# ------------------------------------------------------------------ with a given code


TENTHS = np.array([20.5, 21.0, 21.6, 21.0])


@pytest.mark.dear
@each_engine
@pytest.mark.parametrize(
    ("code", "readings"),
    [
        (huffman(Distribution([20.5, 21.0, 21.6], [1, 2, 1])), TENTHS),
        (huffman(Distribution([20.5, 21.0], [1, 2]), None, 1), TENTHS),
        (huffman(Distribution(Labels("int", np.array([205, 210]), "0.1"), [1, 2]), None, 1), np.array([21.0, 22.0])),
        (huffman(Distribution(Labels("int", np.array([205, 210]), "0.1"), [1, 2]), None, 1), TENTHS),
        (huffman(Distribution([20, 21], [1, 2]), None, 1), np.array([20, 22], np.float32)),
        (huffman(Distribution(Labels("int", np.array([82, 84]), "0.25"), [1, 2]), None, 1), np.array([20.5, 20.75])),
    ],
)
def test_the_labels_of_a_given_code_say_how_floats_are_coded(code: Any, readings: Any, engine: str) -> None:
    data = codec.encode(readings, code, engine=engine)
    assert same(codec.decode(data, engine=engine), readings)
    report = codec.audit(readings, code)
    assert report.old_mean_length == pytest.approx(codec.ledger(data).mean_length + 64 * report.unseen / report.count)
    assert codec.mismatch(Distribution.from_stream(readings), code, readings).measured_length is not None


def test_a_shared_table_of_differences_serves_other_days_of_the_same_floats() -> None:
    changes = Labels("int", np.arange(-20, 21), "0.1")
    code = huffman(Distribution(changes, [1] * 41))
    for day in (WALK / 10, np.array([21.0, 22.0]), np.array([21.5], np.float32)):
        data = codec.encode(day, code, False, delta=True)
        assert same(codec.decode(data, code), day)


# ------------------------------------------------------------------ other doors


@pytest.mark.dear
@each_engine
@pytest.mark.parametrize(
    "how", [{"delta": True}, {"context": True}, {"per_codeword": 2}, {"delta": True, "context": True}]
)
def test_decimals_have_differences_and_all_else_that_ints_have(how: dict[str, Any], engine: str) -> None:
    for dtype in FLOATS:
        array = (WALK / 10).astype(dtype)
        data = codec.encode(array, engine=engine, lane_size=64, block_size=512, **how)
        assert same(codec.decode(data, engine=engine), array)
        book = codec.ledger(data)
        assert sum(book.lines.values()) == pytest.approx(8 * len(data))


def test_a_distribution_of_floats_is_that_of_the_text_that_they_show() -> None:
    text = open_stream(io.BytesIO(b"".join(b"%.1f\n" % (k / 10) for k in WALK)), "x.txt")
    p = Distribution.from_stream(WALK / 10)
    labels = next(text.labels())
    assert p == Distribution.from_stream(labels) and p.labels.step == "0.1"
    assert Distribution.from_stream(WALK / 10, decimals=False).labels.kind == "float"
    assert codec.mismatch(p, Distribution.from_stream(WALK / 10, decimals=False), WALK / 10).kl_prediction == 0


def test_at_the_command_line_floats_are_decimals_unless_that_is_unwanted(tmp_path: Path) -> None:
    source, text = tmp_path / "x.npy", tmp_path / "x.txt"
    np.save(source, WALK / 10)
    text.write_text("".join(f"{k / 10:.1f}\n" for k in WALK))
    good("encode", source, "--delta", "-o", tmp_path / "delta.huf")
    assert good("decode", tmp_path / "delta.huf", "-o", "-").data == source.read_bytes()
    refused("encode", source, "--delta", "--no-decimals", "-o", tmp_path / "y.huf")
    good("encode", source, "--no-decimals", "-o", tmp_path / "old.huf")
    assert len(codec.encode(WALK / 10, **PLAIN)) == (tmp_path / "old.huf").stat().st_size
    good("table", source, "-o", tmp_path / "of_array.json")
    good("table", text, "-o", tmp_path / "of_text.json")
    assert (tmp_path / "of_array.json").read_bytes() == (tmp_path / "of_text.json").read_bytes()
    row, _ = good("compare", source, text, "--json").json()["rows"]
    assert row["kl_prediction"] == row["measured_extra"] == 0
