"""The price of believing q when p is true: predicted, expected, and measured on bits that were written."""

import io
import math
import sys
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import scipy.stats
import strategies
from hypothesis import strategies as st

import codec.measure.mismatch
from codec.bits import reference
from codec.codes.prefix import PrefixCode, huffman
from codec.errors import DamagedError
from codec.files import container, tables
from codec.measure.mismatch import BATCHES, LEAST_READINGS, mismatch, weigh
from codec.readings.front import open_stream
from codec.readings.stream import tally_stream
from codec.readings.values import from_values
from codec.show.as_json import as_json
from codec.theory.distribution import Distribution
from codec.theory.information import cross_entropy, relative_entropy
from codec.theory.sources import built_in, drifting, sticky

NASA, PEAKED, WINTER, UNIFORM = (built_in(name) for name in ("nasa", "peaked", "winter", "uniform"))


def per_reading(p, q, stream):
    """l_q - l_p of each reading."""
    difference = huffman(q).lengths_at(p.labels) - huffman(p).lengths
    of = dict(zip(p.labels, difference.tolist(), strict=True))
    return np.array([of[reading] for reading in stream.tolist()])


# What theory says.


@strategies.tried(100, st.data())
def test_no_table_helps_either(data):
    lengths = data.draw(strategies.feasible_lengths())
    n = len(lengths)
    p = Distribution(range(n), data.draw(strategies.weights(n, n)))
    price = mismatch(p, PrefixCode.from_lengths(range(n), lengths))
    assert price.expected_extra >= 0


@strategies.tried(300, strategies.pairs())
def test_believing_q_never_helps_and_its_price_differs_from_the_prediction_by_qs_rounding_less_ps(pair):
    p, q = pair
    price = mismatch(p, q)
    assert price.expected_extra >= 0 and price.kl_prediction >= 0 and price.own_expected_length >= price.entropy - 1e-9
    rounding_of_q = price.expected_length - cross_entropy(p, q)
    rounding_of_p = price.own_expected_length - price.entropy
    assert price.rounding_difference == pytest.approx(rounding_of_q - rounding_of_p, abs=1e-9)
    assert price.expected_extra == pytest.approx(price.kl_prediction + price.rounding_difference, abs=1e-9)
    # The expectation is exact, and rounded once.
    own, other, weights = huffman(p).lengths, huffman(q).lengths_at(p.labels), p.weights.tolist()
    exact = sum(w * (int(b) - int(a)) for w, a, b in zip(weights, own, other, strict=True))
    assert price.expected_extra == float(Fraction(exact, sum(weights)))


@strategies.tried(100, st.data())
def test_for_a_table_dead_space_and_divergence_from_the_implied_are_all_of_its_redundancy(data):
    lengths = data.draw(strategies.feasible_lengths())
    n = len(lengths)
    positive = st.lists(strategies.positive_counts, min_size=n, max_size=n)
    weights = [w if l else 0 for w, l in zip(data.draw(positive), lengths, strict=True)]
    p, table = Distribution(range(n), weights), PrefixCode.from_lengths(range(n), lengths)
    price = mismatch(p, table)
    assert price.dead_space == pytest.approx(-math.log2(strategies.kraft(lengths)), abs=1e-12)
    assert price.kl_prediction == pytest.approx(relative_entropy(p, table.implied()), abs=1e-12)
    assert price.expected_length == pytest.approx(price.entropy + price.kl_prediction + price.dead_space, abs=1e-9)


def test_a_distribution_has_no_dead_space():
    assert mismatch(NASA, PEAKED).dead_space is None
    assert mismatch(NASA, huffman(PEAKED)).dead_space == 0
    assert mismatch(NASA, PrefixCode.from_lengths(NASA.labels, [4] * 8)).dead_space == 1
    assert mismatch(NASA, PrefixCode.from_lengths(NASA.labels, [3] * 8)).dead_space == 0


def test_dyadic_beliefs_cost_exactly_the_prediction():
    p, q = built_in("dyadic"), built_in("dyadic-reversed")
    price = mismatch(p, q)
    assert price.expected_extra == price.kl_prediction == relative_entropy(p, q)
    assert price.rounding_difference == 0
    assert price.own_expected_length == price.entropy


def test_a_prediction_of_four_bits_can_cost_nothing():
    p, q = Distribution("ab", [0.5, 0.5]), Distribution("ab", [0.999, 0.001])
    price = mismatch(p, q, p.sample(1000, seed=1))
    assert round(price.kl_prediction, 2) == 3.98
    assert price.expected_extra == price.measured_extra == 0
    assert price.standard_error is price.z is None  # no variance, nothing to divide by


def test_one_reading_per_codeword_hides_most_of_the_peaked_belief():
    price = mismatch(NASA, PEAKED)
    assert round(price.kl_prediction, 3) == 1.544
    assert price.expected_extra == 0.14
    assert round(price.rounding_difference, 3) == -1.404


@pytest.mark.parametrize("as_table", [False, True])
def test_where_q_rules_out_what_happens_the_price_is_infinite_and_nothing_is_measured(as_table):
    p, q = Distribution("abc", [1, 1, 1]), Distribution("abc", [1, 1, 0])
    price = mismatch(p, huffman(q) if as_table else q, p.sample(900, seed=1))
    assert price.kl_prediction == price.expected_length == price.expected_extra == math.inf
    assert (price.measured_length, price.measured_extra, price.standard_error, price.z) == (None,) * 4
    assert (price.rounding_difference, price.count) == (None, 900)
    row = as_json(price)
    assert row["infinite"] is True
    assert (row["kl_prediction"], row["expected_length"], row["expected_extra"]) == (None, None, None)
    with pytest.raises(ValueError, match="labels of kind str and of kind int cannot be compared"):
        mismatch(p, PEAKED)  # no label in common: not a price, but a mistake


def test_without_a_stream_nothing_is_measured():
    price = mismatch(NASA, PEAKED)
    assert (price.measured_length, price.measured_extra, price.standard_error, price.z) == (None,) * 4
    assert (price.count, price.empirical) == (0, False)
    price = mismatch(NASA, PEAKED, np.array([], np.int64))
    assert (price.measured_extra, price.count, price.empirical) == (None, 0, False)
    assert as_json(price)["infinite"] is False


# What the files say.


def test_the_measurement_is_within_five_standard_errors_of_the_expectation():
    pairs = ((NASA, PEAKED), (NASA, WINTER), (NASA, UNIFORM), (WINTER, NASA), (PEAKED, UNIFORM), (UNIFORM, PEAKED))
    for (p, q), seed in product(pairs, (1, 2)):
        price = mismatch(p, q, p.sample(60_000, seed))
        assert price.standard_error > 0 and abs(price.z) <= 5  # seeded
        assert price.z == (price.measured_extra - price.expected_extra) / price.standard_error
        assert price.count == 60_000 and not price.empirical


def test_batch_means_hold_for_a_source_with_memory():
    readings, _ = sticky(NASA, 300_000, seed=5, persistence=0.9)
    price = mismatch(NASA, WINTER, readings)
    assert abs(price.z) <= 5  # seeded
    independent = mismatch(NASA, WINTER, NASA.sample(300_000, seed=5))
    # The variance of a mean grows by (1 + 0.9) / (1 - 0.9), its root is 4.4; batch means know this to some 15%.
    assert 2.5 < price.standard_error / independent.standard_error < 7


def test_readings_from_elsewhere_are_told_by_their_z():
    readings, _ = drifting(NASA, PEAKED, 60_000, seed=1)
    assert abs(mismatch(NASA, WINTER, readings).z) > 5


@pytest.mark.parametrize("count", [300, 329, 1000, 30_001])
def test_the_numbers_are_those_of_the_readings_one_by_one(count):
    stream = NASA.sample(count, seed=count)
    price = mismatch(NASA, WINTER, stream)
    extra = per_reading(NASA, WINTER, stream)
    assert price.measured_extra == extra.sum() / count
    lengths = dict(zip(WINTER.labels, huffman(WINTER).lengths.tolist(), strict=True))
    assert price.measured_length == sum(lengths[reading] for reading in stream.tolist()) / count
    batch = count // BATCHES
    means = extra[: BATCHES * batch].reshape(BATCHES, batch).mean(axis=1)
    assert price.standard_error == pytest.approx(scipy.stats.sem(means), rel=1e-9)


def test_too_few_readings_have_no_standard_error():
    assert LEAST_READINGS == 300
    for count in 1, 29, 30, 31, 299:
        price = mismatch(NASA, WINTER, NASA.sample(count, seed=1))
        assert (price.standard_error, price.z) == (None, None)
        assert price.measured_extra == per_reading(NASA, WINTER, NASA.sample(count, seed=1)).mean()
    assert mismatch(NASA, WINTER, NASA.sample(300, seed=1)).z is not None


def test_the_streams_own_distribution_has_no_z_since_expectation_and_measurement_are_one():
    stream = NASA.sample(5000, seed=3)
    own = Distribution.from_stream(stream)
    price = mismatch(own, PEAKED, stream)
    assert price.empirical
    assert price.z is None
    assert price.measured_extra == pytest.approx(price.expected_extra, abs=1e-12)
    assert price.standard_error > 0
    in_proportion = Distribution(own.labels, 7 * own.weights)
    assert mismatch(in_proportion, PEAKED, stream).empirical
    wider = Distribution([*own.labels, 999], [*own.weights.tolist(), 1])
    assert not mismatch(wider, huffman(wider), stream).empirical
    assert not mismatch(NASA, PEAKED, stream).empirical


def test_what_is_believed_may_know_more_labels_in_another_order():
    q = Distribution([180, 999, *list(NASA.labels)[:7]], [5, 50, 4, 4, 4, 4, 4, 4, 4])
    price = mismatch(NASA, q, NASA.sample(3000, seed=1))
    assert abs(price.z) <= 5  # seeded
    assert price.expected_extra == huffman(q).expected_length(NASA) - 2.37


def test_a_text_is_measured_against_labels_spelled_as_its_lines_are():
    readings = NASA.sample(600, seed=4)
    text = "".join(f"{reading}\n" for reading in readings.tolist()).encode()
    by_spelling = [Distribution([str(label) for label in d.labels], d.weights) for d in (NASA, WINTER)]
    price = mismatch(*by_spelling, open_stream(io.BytesIO(text), "x.txt"))
    assert price == mismatch(NASA, WINTER, readings)
    own = Distribution.from_stream([str(reading) for reading in readings.tolist()])
    assert mismatch(own, by_spelling[1], open_stream(io.BytesIO(text), "x.txt")).empirical
    assert mismatch(*by_spelling, readings) == price  # an array of ints, labels that spell the same ints


# That measured numbers come from the files, and from nowhere else.


def test_a_writer_that_gets_any_one_bit_wrong_is_never_measured(monkeypatch):
    stream, encode_right = from_values(NASA.sample(40, seed=1)), reference.encode
    size = int(weigh(stream, huffman(NASA), 40, "reference").sum())

    def with_wrong(bit):
        def one_bit_wrong(symbols, lengths, lane):
            payload, lane_bits = encode_right(symbols, lengths, lane)
            wrong = payload.copy()
            wrong[bit // 8] ^= 0x80 >> bit % 8
            return wrong, lane_bits

        monkeypatch.setattr(reference, "encode", one_bit_wrong)

    for bit in range(size + -size % 8):
        with_wrong(bit)
        with pytest.raises((DamagedError, RuntimeError)):
            weigh(stream, huffman(NASA), 40, "reference")
    with_wrong(5)
    with pytest.raises((DamagedError, RuntimeError)):
        mismatch(NASA, WINTER, NASA.sample(3000, seed=1), engine="reference")


def test_a_reader_that_returns_other_readings_is_never_measured(monkeypatch):
    # Both ends wrong in the same way, so that every checksum holds: 105 is written where 100 was read.
    swap = np.array([1, 0, 2, 3, 4, 5, 6, 7], np.uint8)
    encode_right = reference.encode
    checksum_right = container.checksum_symbols
    monkeypatch.setattr(reference, "encode", lambda symbols, *rest: encode_right(swap[symbols], *rest))
    calls = []

    def checksum(symbols, before=0, *rest):
        calls.append(len(symbols))
        return checksum_right(swap[symbols] if len(calls) == 1 else symbols, before, *rest)

    monkeypatch.setattr(container, "checksum_symbols", checksum)
    with pytest.raises(RuntimeError, match="differ from those encoded, in block 0"):
        weigh(from_values(NASA.sample(40, seed=1)), huffman(NASA), 40, "reference")


def test_a_worse_code_written_in_secret_moves_the_measurement_and_not_the_expectation(monkeypatch):
    stream = NASA.sample(3000, seed=1)
    honest = mismatch(NASA, WINTER, stream)
    believed = huffman(WINTER).fingerprint
    as_code_right = codec.measure.mismatch.as_code

    def as_code(code):
        code = as_code_right(code)
        if code.fingerprint != believed:
            return code
        return PrefixCode.from_lengths(code.alphabet, code.lengths + (np.array(list(code.alphabet)) == 145))

    # Writer and reader alike, wherever they have it from.
    for module in [m for name, m in sys.modules.items() if name.startswith("codec.") and hasattr(m, "as_code")]:
        monkeypatch.setattr(module, "as_code", as_code)
    moved = mismatch(NASA, WINTER, stream)
    assert moved.expected_extra == honest.expected_extra
    more = int((stream == 145).sum()) / 3000
    assert more > 0
    assert moved.measured_extra == pytest.approx(honest.measured_extra + more, abs=1e-12)
    assert moved.measured_length == pytest.approx(honest.measured_length + more, abs=1e-12)


@pytest.mark.parametrize("block_size", [1, 7, 100, 1000])
def test_what_is_weighed_is_the_payload_of_each_block(block_size):
    stream = NASA.sample(700, seed=2)
    lengths = np.array([dict(zip(NASA.labels, huffman(NASA).lengths.tolist(), strict=True))[r] for r in stream])
    expected = [int(lengths[i : i + block_size].sum()) for i in range(0, 700, block_size)]
    assert weigh(from_values(stream), huffman(NASA), block_size).tolist() == expected


# The same readings cost the same, however p and q were given.

TENTHS, BLANK = [20.5, 21.0, 20.5, 22.0], b"20.5\n21.0\n\n22.0\n"


def forms_of_p():
    text = b"".join(b"%.1f\n" % value for value in TENTHS)
    k = Distribution.from_stream(TENTHS)
    return {
        "text": (tallied(text), open_stream(io.BytesIO(text), "p.txt")),
        "two decimals": (tallied(text.replace(b"\n", b"0\n")), open_stream(io.BytesIO(text), "p.txt")),
        "array": (k, from_values(np.array(TENTHS))),
        "saved": (k, None),
        "strings": (Distribution.from_stream([str(value) for value in TENTHS]), from_values(np.array(TENTHS))),
    }


def tallied(text):
    return Distribution(*tally_stream(open_stream(io.BytesIO(text), "x")))


@pytest.mark.parametrize("form", forms_of_p())
def test_the_price_does_not_depend_on_how_p_and_q_were_given(form):
    p, stream = forms_of_p()[form]
    for q in (tallied(BLANK), Distribution(["20.5", "21.0", "", "22.0"], [1] * 4)):
        price = mismatch(p, q, stream)
        assert price.kl_prediction == pytest.approx(0.5, abs=1e-12)
        assert price.expected_extra == 0.5
        assert stream is None or price.measured_extra == 0.5
    floats = mismatch(p, Distribution([20.5, 21.0, 23.0, 22.0], [1] * 4), stream)
    assert (floats.kl_prediction, floats.expected_extra) == (pytest.approx(0.5, abs=1e-12), 0.5)


def test_p_may_span_pieces_and_q_have_another_form():
    cells = ["20.5" if i % 3 == 0 else "21.0" for i in range(70_000)]
    text = "c\n" + "".join(f'"{cell}"\n' for cell in cells)
    stream = open_stream(io.BytesIO(text.encode()), "p.csv", column="c")
    p = Distribution(*tally_stream(stream))
    q = tallied(b"20.5\n21.0\n-\n")
    price = mismatch(p, q, stream)
    assert price.count == 70_000 and price.measured_extra == price.expected_extra == pytest.approx(1 / 3, abs=1e-4)
    assert price.kl_prediction == pytest.approx(2 / 3, abs=1e-4)


def test_draws_of_a_distribution_with_decimals_are_its_labels():
    p = tallied(b"20.50\n21.00\n20.50\n")
    price = mismatch(p, p, p.sample(1000, seed=1))
    assert price.measured_extra == price.expected_extra == price.kl_prediction == 0


def as_given(form, readings, tmp_path):
    """Readings as a stream or an array, and as a distribution."""
    if form == "list":
        return readings, Distribution.from_stream(readings)
    if form == "array":
        np.save(file := io.BytesIO(), np.array(readings))
        stream = open_stream(io.BytesIO(file.getvalue()), "x.npy")
    else:
        text = "".join(f"{reading:{'.2f' if form == 'hundredths' else '.1f'}}\n" for reading in readings)
        stream = open_stream(io.BytesIO(text.encode()), "x.txt")
    p = Distribution(*tally_stream(stream))
    if form == "json":
        (tmp_path / "p.json").write_text(tables.dumps(p))
        p = tables.load(tmp_path / "p.json")
        return p.sample(900, seed=1), p
    return stream, p


FORMS = ("list", "array", "text", "hundredths", "json")


@pytest.mark.dear
@pytest.mark.parametrize("form_of_p", FORMS)
def test_the_form_in_which_p_and_q_are_given_changes_no_number(form_of_p, tmp_path):
    readings, believed = [20.5, 21.0, 20.5, 22.5] * 150, [9.5, 20.5, 21.0, 21.0, 22.5, 123.0]
    stream, p = as_given(form_of_p, readings, tmp_path)
    plain = [Distribution.from_stream([int(2 * reading) for reading in side]) for side in (readings, believed)]
    drawn = plain[0].sample(900, seed=1) if form_of_p == "json" else [int(2 * reading) for reading in readings]
    for form_of_q, (as_table, k) in product(FORMS, ((False, 1), (True, 1), (False, 2))):
        _, q = as_given(form_of_q, believed, tmp_path)
        beliefs = [huffman(d) if as_table else d for d in (q, plain[1])]
        price = mismatch(p, beliefs[0], stream, per_codeword=k)
        assert price == mismatch(plain[0], beliefs[1], drawn, per_codeword=k)
        assert price.measured_extra is not None


def test_kinds_that_cannot_be_matched_are_an_error_that_names_both():
    letters = Distribution("abc", [1, 1, 1])
    for p, q, stream in (
        (letters, PEAKED, None),
        (letters, huffman(PEAKED), None),
        (PEAKED, letters, None),
        (letters, letters, [100]),
    ):
        with pytest.raises(ValueError, match=r"labels of kind .* and of kind .* cannot be compared"):
            mismatch(p, q, stream)


def test_what_is_no_distribution_is_refused_and_a_mapping_is_one():
    for arguments in ((None, NASA), (NASA, None), (5, NASA), (NASA, "ab")):
        with pytest.raises(TypeError, match="a Distribution is wanted"):
            mismatch(*arguments)
    assert mismatch({"a": 0.5, "b": 0.5}, {"a": 0.9, "b": 0.1}) == mismatch([0.5, 0.5], [0.9, 0.1])


def test_two_spellings_of_one_number_do_not_both_have_its_probability():
    p, q = Distribution(["20.5", "20.50", "21.0"], [1, 1, 1]), Distribution([20.5, 21.0], [1, 1])
    for believed in (q, huffman(q)):
        with pytest.raises(ValueError, match=r"'20\.5' and '20\.50' are both 20\.5"):
            mismatch(p, believed)
