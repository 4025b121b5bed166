"""Numbers whose decimals differ come back byte for byte if one rule spells them, and are words if none does."""

from __future__ import annotations

import io
import random
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from checks import flip, huf, unhuf
from command_line import good
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import examples

from codec.codes.prefix import huffman
from codec.coding import decode
from codec.coding.best import candidates, smallest
from codec.coding.file import opened
from codec.coding.learn import distribution_of
from codec.errors import CodecError, DamagedError, UnsupportedError
from codec.measure.audit import audit
from codec.readings.front import open_stream
from codec.readings.spelling import COMMA, DROPPED, FIXED, PYTHON, RULES, SINGLE, rule_name, spell
from codec.readings.stream import Stream, tally_stream
from codec.theory.distribution import Distribution


def stream_of(text: bytes, column: str | None = None) -> Stream:
    return open_stream(io.BytesIO(text), "x.txt", column)


def lines(numbers: list[int], decimals: int, rule: int) -> bytes:
    return "".join(f"{text}\n" for text in spell(numbers, decimals, rule)).encode()


WALK = np.cumsum(np.random.default_rng(8).integers(-9, 10, 900)).tolist()


@pytest.mark.dear
@pytest.mark.parametrize("rule", RULES, ids=[rule_name(rule) for rule in RULES])
def test_each_rule_is_found_and_gives_every_spelling_back(rule: int) -> None:
    text = lines(WALK, 3, rule)
    stream = stream_of(text)
    labels, _ = tally_stream(stream)
    assert (stream.origin.spelling, labels.kind, labels.step) == (rule, "int", "0.001")
    assert any(rule_name(rule) in note for note in stream.notes)
    for how in ({}, {"delta": True}, {"context": True}, {"transform": "ranks", "intervals": True}, {"short": True}):
        data = huf(text, **how)
        assert unhuf(data) == text, how
        assert np.allclose(decode(data), [x / 1000 for x in WALK])
    assert opened(io.BytesIO(huf(text))).header.flags & 16


def test_the_rules_by_example() -> None:
    assert spell([5000, 4930, -20], 3, PYTHON) == ["5.0", "4.93", "-0.02"]
    assert spell([5000, 4930, 0], 3, DROPPED | COMMA) == ["5", "4,93", "0"]
    assert spell([50, 49], 1, COMMA | FIXED) == ["5,0", "4,9"]
    for k in range(-3000, 3000, 7):
        assert spell([k], 3, PYTHON) == [repr(k / 1000)] and spell([k], 3, SINGLE) == [
            repr(float(np.float32(k / 1000)))
        ]


@settings(max_examples=examples(200))
@given(st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=30), st.integers(0, 6), st.sampled_from(RULES))
def test_any_numbers_by_any_rule_come_back(numbers: list[int], decimals: int, rule: int) -> None:
    text = lines(numbers, decimals, rule)
    assert unhuf(huf(text)) == text
    if len(text.splitlines()) > 3:
        data = huf(text, lane_size=2, block_size=5)
        assert unhuf(data) == text


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False) | st.integers(-99, 99), min_size=1, max_size=20))
def test_what_python_writes_comes_back_whatever_it_is(numbers: list[float]) -> None:
    text = "".join(f"{number!r}\n" for number in numbers).encode()
    assert unhuf(huf(text)) == text


def test_fixed_decimals_are_coded_as_before() -> None:
    text = b"5.00\n4.93\n-0.01\n"
    assert stream_of(text).origin.spelling == 0 and not opened(io.BytesIO(huf(text))).header.flags & 16
    assert stream_of(b"on\noff\n").origin.spelling == 0 == stream_of(b"").origin.spelling


def test_the_fewest_decimals_win() -> None:
    text = "".join(f"{float(np.float32(x / 1000))!r}\n" for x in range(5001, 5400, 3)).encode()
    stream = stream_of(text)
    assert stream.origin.spelling == SINGLE and tally_stream(stream)[0].step == "0.001"
    assert unhuf(huf(text, delta=True)) == text


@pytest.mark.parametrize(("text", "culprit"), [
    (b"5.0\n4.93\n4.930\n", "line 3: 4.930 is not written as Python writes floats"),
    (b"5\n4.93\n5.0\n", "line 3: 5.0 is not written without zeros at the end"),
    (b"5.0\n4.93\n4,5\n", "line 3: 4,5 is not written as Python"),
])  # fmt: skip
def test_the_first_reading_that_breaks_the_rule_is_named(text: bytes, culprit: str) -> None:
    stream = stream_of(text)
    assert stream.origin.spelling == 0 and culprit in " ".join(stream.notes)
    assert unhuf(huf(text)) == text


def test_exponents_and_words_stay_words() -> None:
    for text in (b"1e-05\n0.5\n0.25\n", b"0.5\nx\n0.25\n", b"+0.5\n0.25\n", b"00.5\n0.25\n"):
        assert stream_of(text).origin.spelling == 0 and unhuf(huf(text)) == text


def test_a_table_of_finer_steps_and_one_of_words_serve_too() -> None:
    text, other = b"5.0\n4.93\n5.1\n", b"5.0\n4.935\n4.93\n5.1\n"
    fine = huffman(Distribution(*tally_stream(stream_of(other))))
    assert unhuf(huf(text, fine), fine) == text
    words = huffman(Distribution(["5.0", "4.93", "5.1"], [1, 1, 1]))
    assert unhuf(huf(text, words), words) == text
    escaping = huffman(Distribution(*tally_stream(stream_of(b"5.0\n4.93\n"))), escape_weight=1)
    many = b"5.0\n4.93\n-5.17\n0.05\n"
    assert unhuf(huf(many, escaping), escaping) == many


def test_pandas_and_fixed_decimals_cost_the_same_to_two_bytes() -> None:
    values = np.array(WALK) / 1000 + 17
    pandas = pd.Series(values).to_csv(index=False, header=False).encode()
    fixed = "".join(f"{value:.3f}\n" for value in values.tolist()).encode()
    sizes = [smallest(candidates(stream_of(text))).file_bits for text in (pandas, fixed)]
    assert sizes[0] - sizes[1] <= 16  # type: ignore[operator]


def test_no_flipped_bit_is_accepted_and_unknown_rules_are_named() -> None:
    data = huf(lines(WALK[:40], 3, PYTHON))
    for bit in random.Random(1).sample(range(8 * len(data)), 300):
        with pytest.raises(CodecError):
            unhuf(flip(data, bit))
    from checks import exchange, part

    place = part(data, "header").read(data, "origin")
    with pytest.raises(UnsupportedError, match="rule of spelling has the value 7"):
        unhuf(exchange(data, "origin", place[:-1] + b"\7"))
    with pytest.raises(DamagedError):
        unhuf(exchange(data, "origin", place[:-1]))


def test_audits_and_comparisons_are_by_value(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("spelling")
    first, second, table = folder / "a.csv", folder / "b.csv", folder / "t.json"
    pd.DataFrame({"c": np.array(WALK) / 100}).to_csv(first, index=False)
    second.write_text("c\n" + "".join(f"{x / 100:.2f}\n" for x in WALK))
    good("table", first, "--column", "c", "-o", table)
    for path in (first, second):
        report = good("audit", path, "--column", "c", "--code", table, "--json").json()
        assert report["unseen"] == 0 and report["extra"] == 0
    assert good("compare", first, second, "--column", "c", "--json").json()["rows"][0]["kl_prediction"] == 0
    assert Fraction(1, 100) == Fraction("0.01")


def test_a_step_gives_fixed_decimals() -> None:
    data = good("encode", "-", "--step", "0.5", "-q", stdin=b"5.0\n4.93\n").data
    assert good("decode", "-", stdin=data).data == b"5.0\n5.0\n"


@pytest.mark.parametrize("text", [b"5.0\n4.5\n-0.5\n0.0\n" * 30, b"5\n-3\n0\n" * 30, b"5\n4\n" * 3])
def test_coarser_numbers_are_in_the_steps_of_a_finer_table(text: bytes) -> None:
    other = b"".join(b"%d.%02d\n" % divmod(k, 100) for k in range(0, 600, 1)) + b"-0.50\n-3.00\n"
    fine = huffman(Distribution(*tally_stream(stream_of(other))))
    assert audit(stream_of(text), fine).unseen == 0
    for how in ({}, {"delta": True}):
        code = fine if not how else huffman(distribution_of(stream_of(other), "differences"), escape_weight=1)
        assert unhuf(huf(text, code, **how), code) == text


def test_numbers_too_large_for_finer_steps_have_no_codeword_and_are_not_wrapped() -> None:
    fine = huffman(Distribution(*tally_stream(stream_of(b"5.00\n4.93\n"))))
    with pytest.raises(CodecError, match="has no codeword"):
        huf(b"5\n9223372036854775807\n", fine)


def test_an_exponent_that_comes_late_is_named() -> None:
    for culprit in (b"1e-05", b"+0.5", b"00.5"):
        stream = stream_of(b"1.5\n1.25\n" * 700 + culprit + b"\n")
        assert f"line 1401: {culprit.decode()} is not written" in " ".join(stream.notes)
    assert not stream_of(b"1.5\n1.25\nfive\n").notes and not stream_of(b"a\nb\n1e5\n").notes
