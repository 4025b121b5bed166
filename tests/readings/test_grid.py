"""Rounding to a grid: against exact fractions, ties to even, and every reading accounted for."""

import io
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from command_line import good, misused, refused
from hypothesis import example, given
from hypothesis import strategies as st

from codec.errors import StreamError
from codec.readings.front import open_stream
from codec.readings.grid import on_grid, parse_step
from codec.readings.values import from_values

STEPS = ["1", "10", "0.1", "0.01", "0.5", "0.25", "2.5", "0.3", "7", "0.37", "1000", "0.000001"]
FLOATS = {np.float16: 16, np.float32: 32, np.float64: 64}


def rounded(stream, step):
    """The grid's ints, how many readings changed, and the greatest change."""
    stream, report = on_grid(stream, step)
    grid = [k for piece in stream.labels() for k in piece.values.tolist()]
    assert report.count == len(grid) and report.step == step
    assert all(piece.kind == "int" and piece.step == step for piece in stream.labels())
    return grid, report.changed, report.greatest_change


def oracle(exact, step):
    step = Fraction(step)
    grid = [round(x / step) for x in exact]  # Fraction rounds half to even
    changes = [abs(x - k * step) for x, k in zip(exact, grid, strict=True)]
    return grid, sum(change != 0 for change in changes), max(changes, default=Fraction(0))


def text_of(tokens):
    return open_stream(io.BytesIO("".join(f"{t}\n" for t in tokens).encode()), "t.txt")


@given(st.lists(st.integers(-(2**63), 2**63 - 1)), st.sampled_from(STEPS))
@example([5, 15, 25, -5, -15, -25, 35], "10")
@example([2**62, -(2**62)], "7")
@example([2**61, 0], "0.25")
@example([2**61, -1], "0.25")
def test_ints_round_exactly_with_ties_to_even(values, step):
    wanted = oracle([Fraction(v) for v in values], step)
    if all(-(2**63) <= k < 2**63 for k in wanted[0]) or all(0 <= k < 2**64 for k in wanted[0]):
        assert rounded(text_of(values), step) == wanted
    else:
        with pytest.raises(StreamError, match="beyond 64 bits"):
            rounded(text_of(values), step)


@pytest.mark.parametrize("dtype", ["i1", "u1", "<i2", ">u2", "i4", "u4", "i8", "u8"])
@pytest.mark.parametrize("step", ["1", "3", "0.5", "0.25", "0.1"])
def test_every_type_of_int_rounds_exactly(dtype, step):
    limits = np.iinfo(dtype)
    values = [v for v in (-(-limits.min // 3) * 3, limits.max // 3 * 3, 0, 1, 2, 100, 101) if abs(v) < 2**59]
    assert rounded(from_values(np.array(values, dtype)), step) == oracle([Fraction(v) for v in values], step)


@given(
    st.integers(0, 6).flatmap(lambda d: st.lists(st.integers(-(10**9), 10**9).map(lambda k: Decimal(k).scaleb(-d)))),
    st.sampled_from(STEPS),
)
@example([Decimal("0.05"), Decimal("0.15"), Decimal("0.25"), Decimal("-0.25"), Decimal("0.35")], "0.1")
def test_decimals_of_a_text_round_exactly_with_ties_to_even(values, step):
    assert rounded(text_of([format(v, "f") for v in values]), step) == oracle([Fraction(v) for v in values], step)


@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(-8, 6))), st.sampled_from(STEPS))
@example([(35, -2), (12, -1), (1, 0)], "0.1")
def test_a_reading_rounds_alike_however_it_and_the_others_are_spelled(values, step):
    exact = [Fraction(mantissa) * Fraction(10) ** exponent for mantissa, exponent in values]
    spellings = [
        [f"{mantissa}e{exponent}" for mantissa, exponent in values],
        [f"+{m}E{e}" if m >= 0 else f"{m}E{e}" for m, e in values],
        [f"{Decimal(m).scaleb(e):f}" for m, e in values],
    ]
    for tokens in spellings:
        assert rounded(text_of(tokens), step) == oracle(exact, step)


@pytest.mark.parametrize("dtype", FLOATS)
@given(data=st.data(), step=st.sampled_from(STEPS))
def test_floats_round_as_their_shortest_decimal_spelling_does(dtype, data, step):
    near = st.integers(-2000, 2000).map(lambda k: float(k * Fraction(step) / 2))  # on the grid, and on its ties
    anywhere = st.floats(-1e4, 1e4, width=FLOATS[dtype])
    values = np.array(data.draw(st.lists(near.filter(lambda x: abs(x) < 6e4) | anywhere)), dtype)
    exact = [Fraction(str(x)) for x in values]
    grid, changed, greatest = rounded(from_values(values), step)
    wanted, _, furthest = oracle(exact, step)
    assert grid == wanted
    back = np.array([float(k * Fraction(step)) for k in grid]).astype(dtype)
    assert changed == int((back != values).sum())  # a float on the grid is the float nearest to k * step
    precision = 2 * float(np.finfo(dtype).eps) * max(map(abs, exact), default=0)  # a reading's and its place's, twice
    assert abs(greatest - furthest) <= precision and greatest <= Fraction(step) / 2


def test_a_tie_is_a_tie_in_text_and_in_floats_of_every_width():
    ties, even = ["0.05", "0.15", "0.25", "0.35", "0.45", "2.675"], [0, 2, 2, 4, 4, 27]
    assert rounded(text_of(ties[:5]), "0.1")[0] == rounded(text_of(ties), "0.1")[0][:5] == even[:5]
    for dtype in FLOATS:
        assert rounded(from_values(np.array(ties, dtype)), "0.1")[0] == even


def test_floats_on_the_grid_are_not_called_changed():
    for dtype in FLOATS:
        values = (np.arange(-500, 500) / 10).astype(dtype)
        assert rounded(from_values(values), "0.1") == (list(range(-500, 500)), 0, 0)


def test_minus_zero_and_the_smallest_floats_round_to_zero():
    smallest = 5e-324
    grid, changed, greatest = rounded(from_values(np.array([-0.0, 0.0, smallest, -smallest])), "0.1")
    assert (grid, changed, greatest) == ([0] * 4, 2, Fraction("5e-324"))


def test_going_through_a_stream_again_counts_anew():
    stream, report = on_grid(text_of(["0.12", "0.20"]), "0.1")
    for _ in range(2):
        list(stream.pieces())
        assert (report.count, report.changed, report.greatest_change) == (2, 1, Fraction(1, 50))


def test_a_stream_of_several_pieces_counts_them_all(monkeypatch):
    monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", 8)
    tokens = ["0.12", "7", "1e1", "0.55", "3.00"] * 5
    assert rounded(text_of(tokens), "0.5") == oracle([Fraction(t) for t in tokens], "0.5")
    with pytest.raises(StreamError, match=r"t\.txt, line 26: 'x' has no place on a grid"):
        rounded(text_of([*tokens, "x"]), "0.5")


def test_a_token_that_is_no_number_is_refused_with_its_line():
    for token in (
        "nan", "inf", "-Infinity", "x", "", "1_000", "1/3", "0x10", "1,5", "\u0661", "1e999999999",
        "1e9999999999999999999",
    ):  # fmt: skip
        with pytest.raises(StreamError, match=r"t\.txt, line 2: .* has no place on a grid"):
            rounded(text_of(["1.5", token, "2"]), "0.5")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("dtype", FLOATS)
def test_a_float_that_is_not_finite_is_refused_with_its_position(value, dtype):
    with pytest.raises(StreamError, match=r"position 2: (nan|inf|-inf) has no place on a grid"):
        rounded(from_values(np.array([0, 1, value, 2], dtype)), "0.5")


def test_an_array_that_could_not_hold_the_rounded_readings_is_refused():
    """Otherwise decoding would give other readings than were promised, or none."""
    for array, step, reason in (
        (np.array([127, 0], np.int8), "10", "do not fit the type int8"),
        (np.array([255, 0], np.uint8), "2", "do not fit the type uint8"),
        (np.array([65504, 0], np.float16), "1000", "do not fit the type float16"),
        (np.array([1, 2, 5]), "0.3", "not all multiples of the step 0.3 are ints"),
        (np.array([1, 2, 5]), "2.5", "not all multiples of the step 2.5 are ints"),
        (np.array([1.5, 1e300]), "0.1", "beyond 64 bits"),
        (np.array([1.5, 1e300]), "0.00000000000000000001", "beyond 64 bits"),
        (np.array(["1.5"]), "0.5", "values of type <U3"), (np.array([b"1.5"]), "0.5", "values of type |S3"),
        (np.array([1j]), "0.5", "values of type complex128"), (np.array([True]), "0.5", "values of type bool"),
        (np.array(["2021-01-01"], "M8[D]"), "10", "values of type datetime64"),
        (np.array([1.5], object), "0.5", "values of type object"),
    ):  # fmt: skip
        with pytest.raises(StreamError, match=reason):
            rounded(from_values(array), step)


@given(st.integers(1, 10**12), st.integers(-15, 15))
def test_a_step_has_one_spelling_and_keeps_its_value(mantissa, exponent):
    step = parse_step(f"{mantissa}e{exponent}") if -20 <= exponent + len(str(mantissa)) - 1 < 20 else "1"
    assert parse_step(step) == step
    assert step == "1" or Fraction(step) == Fraction(mantissa) * Fraction(10) ** exponent


# At the command line


@pytest.mark.parametrize(
    ("content", "step", "decoded", "talk"),
    [
        (
            b"1.25\n2.5\n0.75\n",
            "0.5",
            b"1.0\n2.5\n1.0\n",
            "2 of 3 readings were changed by the step of 0.5, by at most 0.25",
        ),
        (b"12\n-17\n20\n", "5", b"10\n-15\n20\n", "2 of 3 readings were changed by the step of 5, by at most 2"),
        (
            b"1e1\r\n.5\r\n3.\r\n",
            "0.50",
            b"10.0\r\n0.5\r\n3.0\r\n",
            "0 of 3 readings were changed by the step of 0.5, ",
        ),
        (b"-0.04\n 7 ", "1e-1", b"0.0\n7.0", "1 of 2 readings was changed by the step of 0.1, by at most 0.04"),
        (b"", "0.1", b"", "0 of 0 readings were changed by the step of 0.1, by at most 0"),
    ],
    ids=["ties", "ints", "other spellings", "minus zero and blanks", "empty"],
)
def test_decoding_gives_k_times_step_in_its_canonical_spelling(tmp_path, content, step, decoded, talk):
    path = tmp_path / "in.txt"
    path.write_bytes(content)
    assert f"{path}: {talk}" in good("encode", path, "--step", step).talk
    assert good("decode", f"{path}.huf", "-c").data == decoded
    again = good("encode", "-", "--step", step, stdin=decoded)
    assert f" 0 of {len(decoded.split())} readings were changed" in again.talk
    assert good("decode", "-", stdin=again.data).data == decoded


@pytest.mark.parametrize("dtype", ["<f2", ">f4", "<f4", "<f8", ">f8"])
@pytest.mark.parametrize("step", [0.25, 1, 2])
def test_an_array_of_floats_comes_back_on_the_grid_with_its_type(tmp_path, dtype, step):
    values = np.linspace(-3, 3, 61).astype(dtype)
    np.save(tmp_path / "a.npy", values.reshape(61, 1))
    good("encode", tmp_path / "a.npy", "--step", step)
    good("decode", tmp_path / "a.npy.huf", "-o", tmp_path / "b.npy")
    back = np.load(tmp_path / "b.npy")
    assert back.dtype == values.dtype and back.shape == (61, 1)
    assert (back.ravel() % step == 0).all() and (abs(back.ravel() - values) <= step / 2 + 0.001).all()


def test_a_column_a_table_and_a_comparison_are_rounded_alike_and_say_so(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"t,w\n1.24,a\n1.26,b\n0.9,c\n")
    note = f"{path}: 3 of 3 readings were changed by the step of 0.5, by at most 0.26"
    for arguments in (["table", path, "--json"], ["compare", path, path, "--json"]):
        assert note in good(*arguments, "--column", "t", "--step", "0.5").talk.replace("0.24", "0.26")
    rows = good("table", path, "--json", "--column", "t", "--step", "0.5").json()["rows"]
    assert [row["spelling"] for row in rows] == ["1.0", "1.5"]


@pytest.mark.slow
def test_too_many_labels_propose_a_step_and_the_step_helps(tmp_path):
    path = tmp_path / "many.txt"
    path.write_text("".join(f"{i / 100:.2f}\n" for i in range(65_537)))
    line = refused("encode", path)
    assert "65,537 different readings" in line and "65,536" in line and "--step" in line and "--bytes" in line
    good("encode", path, "--step", "0.1")
    assert "a positive decimal number" in misused("encode", path, "--step", "-1")
    path.write_text("".join(f"{i / 100:.2f}\n" for i in range(65_536)))
    good("encode", path, "--force")
    assert good("decode", f"{path}.huf", "-c").data == path.read_bytes()
