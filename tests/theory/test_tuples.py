"""Blocks of k symbols as one: their numbers, their expected lengths, and their table as bytes."""

import hashlib
import itertools
import math
import struct
from collections import Counter

import numpy as np
import pytest
import strategies
from checks import flip
from hypothesis import example, given
from hypothesis import strategies as st

from codec.codes.constructions import construct
from codec.codes.gamma import gamma_encode
from codec.codes.prefix import PrefixCode, expected_length, fingerprint_of, huffman
from codec.codes.serialize import deserialize, serialize
from codec.errors import DamagedError
from codec.theory.alphabet import find
from codec.theory.distribution import Distribution
from codec.theory.information import relative_entropy
from codec.theory.labels import Labels, labels_of
from codec.theory.sources import built_in
from codec.theory.tuples import MAX_READINGS_PER_CODEWORD, in_tuples, numbers_of, tally_numbers, tuple_radix, tuples_of

NASA = built_in("nasa")


def of_blocks(p, k):
    """Bits per block of the Huffman code for blocks of k readings."""
    blocks = p.extension(k)
    return huffman(blocks).expected_length(blocks)


# what theory says


def test_two_readings_in_blocks_have_the_lengths_of_the_textbook():
    for weights, expected in (([0.9, 0.1], [1.0, 1.29, 1.598, 1.9702]), ([0.6, 0.4], [1.0, 2.0, 2.944, 3.9248])):
        for p in (Distribution("ab", weights), Distribution("ba", weights[::-1])):
            assert [of_blocks(p, k) for k in range(1, 5)] == expected


def test_nasa_in_blocks_comes_near_its_entropy():
    each = [of_blocks(NASA, k) / k for k in range(1, 5)]
    assert [round(bits, 5) for bits in each] == [2.37, 2.33785, 2.33403, 2.32994]
    assert all(NASA.entropy() <= bits < NASA.entropy() + 1 / k for k, bits in enumerate(each, 1))


@given(strategies.distributions(max_size=4, kinds=("int",)), st.integers(1, 4))
def test_blocks_cost_at_least_the_entropy_and_less_than_one_bit_more_for_all_their_readings(p, k):
    each = of_blocks(p, k) / k
    if (p.weights > 0).sum() > 1:
        assert p.entropy() - 1e-9 <= each < p.entropy() + 1 / k + 1e-9
    else:
        assert each == 1 / k


@given(strategies.distributions(max_size=3, kinds=("int",)), st.integers(1, 3), st.integers(1, 2))
def test_blocks_of_blocks_are_never_worse_per_reading(p, k, times):
    assert of_blocks(p, k * times) / (k * times) <= of_blocks(p, k) / k + 1e-12


@given(strategies.pairs(min_size=2, max_size=5), st.integers(1, 4))
def test_shannons_code_for_blocks_comes_within_one_bit_a_block_of_the_divergence(pair, k):
    p, q = pair
    if len(p) ** k > 300:
        k = 2
    code, blocks = construct("shannon", q.extension(k)), p.extension(k)
    above = float(expected_length(blocks.weights, code.costs_at(blocks.labels))) / k - p.entropy()
    divergence = relative_entropy(p, q)
    assert divergence - 1e-9 <= above < divergence + 1 / k + 1e-9


# tuples and their numbers

parts = st.lists(st.lists(st.integers(0, 4), max_size=9), max_size=6)


@given(st.integers(1, 5), st.integers(1, 4))
def test_numbers_are_the_places_among_all_tuples_in_lexicographic_order(size, k):
    base = labels_of(range(10, 10 + size))
    tuples = tuples_of(np.arange(size**k), base, k)
    assert list(tuples) == list(itertools.product(base, repeat=k))
    assert numbers_of(tuples).tolist() == list(range(size**k))
    assert tuples.base is base


@given(parts, st.integers(5, 300), st.integers(1, 6))
def test_symbols_in_any_pieces_become_the_same_tuples_and_the_last_is_filled_up_with_the_first_symbol(pieces, size, k):
    symbols = list(itertools.chain(*pieces))
    found = list(in_tuples([np.array(piece, np.uint8) for piece in pieces], size, k))
    rows = [[*symbols[i : i + k], *[0] * k][:k] for i in range(0, len(symbols), k)]
    assert [number for numbers, _ in found for number in numbers.tolist()] == [
        sum(symbol * size ** (k - 1 - place) for place, symbol in enumerate(row)) for row in rows
    ]
    fills = [fill for _, fill in found]
    assert sum(fills) == -len(symbols) % k and not any(fills[:-1])
    if fills and fills[-1]:
        assert len(found[-1][0]) == 1


def test_narrow_symbols_do_not_wrap():
    (numbers, fill), *_ = in_tuples([np.array([255, 255, 255, 255], np.uint8)], 65_536, 3)
    assert (numbers.tolist(), fill) == ([255 * (2**32 + 2**16 + 1)], 0)


@given(st.lists(st.lists(st.integers(0, 6), max_size=9), max_size=6), st.integers(0, 8))
def test_a_tally_is_that_of_a_counter_unless_there_are_too_many(pieces, most):
    counts = Counter(itertools.chain(*pieces))
    tally = tally_numbers((np.array(piece, np.int64) for piece in pieces), most)
    if len(counts) > most:
        assert tally is None
    else:
        numbers, times = tally
        assert numbers.tolist() == sorted(counts) and times.tolist() == [counts[n] for n in sorted(counts)]


def test_numbers_have_up_to_63_bits():
    assert MAX_READINGS_PER_CODEWORD == 64
    for size, k in ((2, 63), (2**21, 3), (65_536, 3), (1, 64), (8, 21)):
        radix = tuple_radix(size, k)
        assert radix.tolist() == [size**place for place in range(k - 1, -1, -1)]
    last = tuples_of(np.array([2**63 - 1]), labels_of("ab"), 63)
    assert list(last) == [("b",) * 63] and numbers_of(last).tolist() == [2**63 - 1]
    for size, k in ((2, 64), (65_536, 4), (8, 22), (2, 0), (1, 0), (1, 65), (2, -1)):
        with pytest.raises(ValueError, match=f"tuples of {k} out of .* are too many to number"):
            tuple_radix(size, k)


def test_tuples_are_found_by_their_labels_whatever_the_order_of_the_base():
    here, there = Distribution("ab", [1, 1]).extension(2).labels, Distribution("cba", [1, 1, 1]).extension(2).labels
    symbols, unknown = find(there, here)
    assert unknown is None and [there[s] for s in symbols.tolist()] == list(here)
    symbols, unknown = find(here, there)
    assert [here[s] for s in symbols[~unknown].tolist()] == [t for t in there if "c" not in t]
    assert [there[i] for i in np.flatnonzero(unknown)] == [t for t in there if "c" in t]


def test_tuples_that_were_read_from_text_match_by_the_spelling_of_their_labels():
    tenths = Distribution(Labels("int", np.array([10, 21]), "0.1"), [3, 1]).extension(2).labels
    floats = Distribution([2.1, 1.0, 7.5], [1, 1, 1]).extension(2).labels
    symbols, unknown = find(floats, tenths, spelled=True)
    assert unknown is None and [floats[s] for s in symbols.tolist()] == list(tenths)
    assert find(floats, tenths)[1].all()  # as values of an array they are others


# tables


def gamma(numbers):
    """Elias' gamma code, from its definition, padded to whole bytes."""
    bits = "".join("0" * (n.bit_length() - 1) + f"{n:b}" for n in numbers)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def by_hand(count, k, base_kind, size, base, differences, lengths, kind=4):
    """A table of tuples, from the documented layout; lengths as differences that are coded already."""
    head = struct.pack(">BIBBI", kind, count, k, base_kind, size)
    return head + base + gamma(differences) + gamma(lengths)


AB = b"\x00\x00\x00\x01a\x00\x00\x00\x01b"
PAIRS = by_hand(4, 2, 2, 2, AB, [1, 1, 1, 1], [3, 5, 2, 3])  # lengths 1, 3, 2, 3
SOME = by_hand(  # (7, 7) and (9, 8), the first and the last but one of nine
    2, 2, 0, 3, b"\x011\x01" + (7 + 2**63).to_bytes(9, "big") + gamma([1, 1]), [1, 7], [3, 1]
)
TABLES = {
    "pairs of characters": huffman(Distribution("ab", [3, 1]).extension(2)).serialized,
    "some pairs of ints": serialize(
        Labels("tuple", np.array([[0, 0], [2, 1]], np.uint32), base=labels_of([7, 8, 9])), np.array([1, 1])
    ),
    "triples of floats": serialize(
        tuples_of(np.array([0, 3, 7]), labels_of([float("nan"), -0.0]), 3), np.array([2, 0, 32])
    ),
    "bytes in any order": serialize(tuples_of(np.array([1, 2]), labels_of([b"\xff", b""]), 2), np.array([1, 1])),
    "steps in any order": serialize(
        tuples_of(np.array([0, 8]), Labels("int", np.array([5, -3, 4]), "0.1"), 2), np.array([1, 1])
    ),
    "64 readings": serialize(tuples_of(np.array([0]), labels_of([7]), 64), np.array([1])),
    "with an escape": serialize(tuples_of(np.array([0, 1]), labels_of([7, 8]), 2), np.array([2, 2, 1])),
}  # fmt: skip


def test_the_bytes_of_a_table_of_tuples_are_those_of_the_documented_layout():
    assert TABLES["pairs of characters"] == PAIRS
    assert bytes.fromhex("0400000004 02 02 00000002 0000000161 0000000162 f0 654c") == PAIRS
    assert huffman(Distribution("ab", [3, 1]).extension(2)).fingerprint == hashlib.sha256(PAIRS).hexdigest()[:16]
    assert TABLES["some pairs of ints"] == SOME
    assert TABLES["triples of floats"] == by_hand(
        3, 3, 1, 2, struct.pack(">d", float("nan")) + struct.pack(">d", -0.0), [1, 3, 4], [5, 4, 65]
    )
    assert TABLES["with an escape"][0] == 128 + 4
    # Files are signed with fingerprints: a changed one makes old tables unknown.
    assert [fingerprint_of(table) for table in (PAIRS, SOME)] == ["f7f6b2fa5a16ac38", "49b446aaa44cd4c8"]


@given(st.data())
def test_a_table_of_tuples_comes_back(data):
    base = data.draw(strategies.labels(min_size=1, max_size=6, unique=True))
    k = data.draw(st.integers(2, 5))
    numbers = sorted(data.draw(st.sets(st.integers(0, len(base) ** k - 1), max_size=12)))
    alphabet = tuples_of(np.array(numbers, np.int64), base, k)
    lengths = data.draw(st.lists(st.integers(0, 32), min_size=len(numbers), max_size=len(numbers)))
    table = serialize(alphabet, np.array(lengths, np.int64))
    got, got_lengths = deserialize(table)
    assert (got.kind, got.base.kind, got.base.step) == ("tuple", base.kind, base.step)
    assert got.base.values.tolist() == base.values.tolist()
    assert got.values.tolist() == alphabet.values.tolist() and got_lengths.tolist() == lengths


@pytest.mark.slow
def test_the_largest_tables_of_tuples_come_back():
    spread = np.arange(65_536, dtype=np.int64) * (2**63 // 65_536) + 12_345
    for numbers, base, k in ((spread, labels_of("ab"), 63), (np.arange(65_536), labels_of([0, 1]), 16)):
        alphabet = tuples_of(numbers, base, k)
        got, lengths = deserialize(serialize(alphabet, np.full(65_536, 16)))
        assert (got.values == alphabet.values).all() and (lengths == 16).all()
    one = tuples_of(np.array([2**63 - 1]), labels_of("ab"), 63)
    assert list(deserialize(serialize(one, np.array([1])))[0]) == [("b",) * 63]


def test_every_cut_of_a_table_of_tuples_is_seen_and_every_flipped_bit_or_it_makes_another_table():
    for table in TABLES.values():
        for cut in (*(table[:size] for size in range(len(table))), table + b"\0", table + b"\x80"):
            with pytest.raises(DamagedError):
                deserialize(cut)
        for bit in range(8 * len(table)):
            table_or_damage(flip(table, bit))


def table_or_damage(table):
    try:
        labels, lengths = deserialize(table)
    except DamagedError:
        return
    assert serialize(labels, lengths) == table


@given(st.integers(0, 70), st.integers(0, 4), st.integers(0, 3), st.binary(max_size=40))
@example(2, 2, 2, AB + b"\xf0\x65\x4c")
def test_bytes_behind_the_head_of_tuples_give_damage_or_a_table(k, count, base_kind, rest):
    table_or_damage(struct.pack(">BIBBI", 4, count, k, base_kind, 2) + rest)


LARGE = gamma_encode([1] * 65_535)
HOSTILE = {
    "of no readings": (by_hand(1, 0, 2, 2, AB, [1], [3]), "tuples are of 0 readings"),
    "of one reading": (by_hand(2, 1, 2, 2, AB, [1, 1], [3, 1]), "tuples are of 1 reading:"),
    "of 65 readings": (by_hand(1, 65, 0, 1, b"\x011\x01" + bytes(9), [1], [3]), "tuples of 65 out of 1 label are"),
    "of 255 readings": (by_hand(1, 255, 2, 2, AB, [1], [3]), "tuples of 255 out of 2 labels are too many"),
    "of 64 readings of two": (by_hand(1, 64, 2, 2, AB, [1], [3]), "tuples of 64 out of 2 labels are too many"),
    "over nothing": (by_hand(1, 2, 2, 0, b"", [1], [3]), "tuples are of 0 labels"),
    "over nothing, and none": (by_hand(0, 2, 2, 0, b"", [], []), "tuples are of 0 labels"),
    "over 65,537 labels": (
         by_hand(1, 2, 0, 65_537, b"\x011\x01" + bytes(9) + gamma_encode([1] * 65_536), [1], [3]),
        "tuples are of 65,537 labels",
    ),
    "over 2^32 - 1 labels": (by_hand(1, 2, 1, 2**32 - 1, b"", [1], [3]), "tuples are of 4,294,967,295 labels"),
    "over 65,536 labels, four at a time": (
         by_hand(1, 4, 0, 65_536, b"\x011\x01" + bytes(9) + LARGE, [1], [3]),
        "tuples of 4 out of 65,536 labels are too many",
    ),
    "over tuples": (by_hand(1, 2, 4, 2, AB, [1], [3]), "unknown kind, 4"),
    "over labels with an escape": (by_hand(1, 2, 130, 2, AB, [1], [3]), "unknown kind, 130"),
    "over the same label twice": (by_hand(4, 2, 2, 2, AB[:5] * 2, [1] * 4, [3, 3, 3, 1]), "the label 'a' twice"),
    "over labels out of order": (
         by_hand(1, 2, 0, 2, b"\x011\x00" + (2**63).to_bytes(9, "big") + (2**63 + 1).to_bytes(9, "big"), [1], [3]),
        "not in the one form",
    ),
    "one number too large": (by_hand(4, 2, 2, 2, AB, [1, 1, 1, 2], [3, 3, 3, 1]), "tuple number 4, and there are 4"),
    "a number of 63 bits": (by_hand(1, 63, 2, 2, AB, [2**63 + 1], [3]), "tuple number 9,223,372,036,854,775,808"),
    "a number of 64 bits": (by_hand(1, 63, 2, 2, AB, [2**64], [3]), "tuple number 18,446,744,073,709,551,615"),
    "numbers that overflow together": (by_hand(3, 63, 2, 2, AB, [2**62] * 3, [3, 3, 1]), "the tuple number"),
    "numbers that overflow to a right one": (by_hand(2, 63, 2, 2, AB, [2**63, 2**64 - 5], [3, 1]), "the tuple number"),
    "a number of 70 bits": (by_hand(1, 63, 2, 2, AB, [2**70], [3]), "more than 66 bits"),
    "more than there are bytes": (by_hand(2**20, 2, 2, 2, AB, [1], [3]), "declares 1,048,576 labels in"),
    "65,537 tuples": (by_hand(65_537, 17, 2, 2, AB, [1] * 65_537, [3] + [1] * 65_536), "declares 65,537 labels"),
    "65,536 tuples and an escape": (
         by_hand(65_536, 17, 2, 2, AB, [1] * 65_536, [3] + [1] * 65_536, kind=132),
        "declares 65,536 labels",
    ),
    "padding that is not zero": (PAIRS[:-3] + b"\xf1" + PAIRS[-2:], "padding"),
    "a codeword of 33 bits": (by_hand(4, 2, 2, 2, AB, [1] * 4, [67, 1, 1, 1]), "code length outside"),
    "a kind that there is not": (by_hand(4, 2, 2, 2, AB, [1] * 4, [3, 3, 3, 1], kind=5), "unknown kind of labels, 5"),
}  # fmt: skip


def test_what_is_wrong_with_a_table_of_tuples_is_said():
    for table, message in HOSTILE.values():
        with pytest.raises(DamagedError, match=message):
            deserialize(table)


def test_no_number_stands_twice():
    # A gamma code has no 0, so that numbers only rise; and what is out of order is not written.
    base = labels_of("ab")
    for rows in ([[0, 1], [0, 0]], [[0, 1], [0, 1]]):
        with pytest.raises(ValueError, match="in lexicographic order"):
            serialize(Labels("tuple", np.array(rows, np.uint32), base=base), np.array([1, 1]))


def test_the_order_of_counts_does_not_change_a_table_and_the_order_of_a_distribution_does():
    weights = {"c": 1, "a": 5, "b": 2}
    one, other = (Distribution.from_counts(dict(items)) for items in (weights.items(), sorted(weights.items())))
    assert huffman(one.extension(3)).fingerprint == huffman(other.extension(3)).fingerprint
    given_order = Distribution(weights, list(weights.values()))
    assert huffman(given_order.extension(3)).fingerprint != huffman(other.extension(3)).fingerprint
    assert math.isclose(of_blocks(given_order, 3), of_blocks(other, 3))


def test_the_counts_of_tuples_make_a_code_as_those_of_readings_do():
    base = labels_of("ba")
    stream = Labels("tuple", np.array([[1, 0], [0, 0], [1, 0], [1, 1]], np.uint32), base=base)
    p = Distribution.from_stream(stream)
    assert list(p.labels) == [("b", "b"), ("a", "b"), ("a", "a")] and p.weights.tolist() == [1, 2, 1]
    labels, lengths = deserialize(huffman(p).serialized)
    assert list(labels) == list(p.labels) and lengths.tolist() == huffman(p).lengths.tolist()
    assert PrefixCode(labels, lengths).fingerprint == huffman(p).fingerprint
