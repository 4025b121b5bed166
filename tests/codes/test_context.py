"""Codes in context: which symbols get a code of their own, and the table as bytes."""

from __future__ import annotations

import hashlib
import heapq
import itertools
import math
import struct
import tracemalloc
from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest
import strategies
from checks import flip
from context_codes import SHARED, codes, in_rows, words_in_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.codes.context import MAX_CONTEXTS, ContextCode, context_code
from codec.codes.gamma import gamma_bits, gamma_encode
from codec.codes.lengths import huffman_lengths
from codec.codes.prefix import PrefixCode, huffman
from codec.codes.serialize import deserialize, deserialize_rows, serialize_rows
from codec.errors import DamagedError
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of
from codec.theory.sources import built_in

Pairs = dict[tuple[int, int], int]
NASA = built_in("nasa")


def learned(size, pairs, **options):
    """The code in context of these counts; `before` is `size` where `after` begins a lane."""
    before, after, counts = (
        np.array(column, np.int64) for column in zip(*((*p, c) for p, c in pairs.items()), strict=False)
    )
    return context_code(labels_of(range(size)), before, after, counts, **options)


def rows_of(code):
    """The lengths, {context: {symbol: length}}."""
    names = [SHARED, *code.contexts.tolist()]
    rows: dict[int | None, dict[int, int]] = {name: {} for name in names}
    for row, symbol, length in zip(code.rows.tolist(), code.symbols.tolist(), code.lengths.tolist(), strict=True):
        rows[names[row]][symbol] = length
    return rows


def huffman_bits(counts):
    """The bits that the best code takes: the sum of all inner nodes of Huffman's tree; one bit each of a single one."""
    heap, total = list(counts), 0
    heapq.heapify(heap)
    if len(heap) == 1:
        return heap[0]
    while len(heap) > 1:
        node = heapq.heappop(heap) + heapq.heappop(heap)
        total += node
        heapq.heappush(heap, node)
    return total


def kept_by_hand(size, pairs):
    """The contexts that save more bits than they take in the table, one after the other."""
    after, behind = [0] * size, defaultdict(dict)
    for (before, symbol), count in pairs.items():
        after[symbol] += count
        behind[before][symbol] = count
    shared = huffman_lengths(np.array(after)).tolist()
    contexts = sorted((c for c in behind if c < size), key=lambda c: (-sum(behind[c].values()), c))[:256]
    kept: list[int] = []
    for context in sorted(contexts):
        symbols = sorted(behind[context])
        lengths = huffman_lengths(np.array([behind[context][s] for s in symbols])).tolist()
        saved = sum(behind[context][s] * (shared[s] - l) for s, l in zip(symbols, lengths, strict=True))
        first = symbols[0] - context
        numbers = [context - (kept[-1] if kept else -1), len(symbols), 2 * first + 1 if first >= 0 else -2 * first, 1]
        numbers += [high - low for low, high in itertools.pairwise(symbols)]
        steps = [high - low for low, high in itertools.pairwise(lengths)]
        numbers += [2 * d + 1 if d >= 0 else -2 * d for d in steps]
        if saved > sum(2 * math.floor(math.log2(number)) + 1 for number in numbers):
            kept.append(context)
    return kept


def counts_in_rows(size, pairs, contexts):
    rows: dict[int | None, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (before, symbol), count in pairs.items():
        rows[before if before in contexts else SHARED][symbol] += count
    return {name: dict(row) for name, row in rows.items()}


# learning


@st.composite
def tallies(draw):
    """Counts of pairs over a few symbols; what begins a lane is among them."""
    size = draw(st.integers(1, 7))
    some = st.one_of(st.integers(1, 5), st.integers(1, 2000))
    keys = st.tuples(st.integers(0, size), st.integers(0, size - 1))
    pairs = draw(st.dictionaries(keys, some, max_size=25))
    return size, {(size, draw(st.integers(0, size - 1))): draw(some), **pairs}


@strategies.tried(300, tallies())
def test_a_symbol_gets_a_code_of_its_own_if_that_saves_more_than_it_takes_in_the_table(tally):
    size, pairs = tally
    assert learned(size, pairs).contexts.tolist() == kept_by_hand(size, pairs)


@strategies.tried(300, tallies())
def test_each_row_is_a_huffman_code_for_what_follows_there(tally):
    size, pairs = tally
    code = learned(size, pairs)
    counts = counts_in_rows(size, pairs, code.contexts.tolist())
    rows = rows_of(code)
    assert {name: set(row) for name, row in rows.items()} == {name: set(row) for name, row in counts.items()}
    for name, row in rows.items():
        bits = sum(counts[name][symbol] * length for symbol, length in row.items())
        assert bits == huffman_bits(counts[name].values())
        assert sum(Fraction(1, 2**length) for length in row.values()) == (1 if len(row) > 1 else Fraction(1, 2))


@given(tallies(), st.randoms())
def test_the_order_of_the_pairs_does_not_matter(tally, random):
    size, pairs = tally
    items = list(pairs.items())
    random.shuffle(items)
    assert learned(size, dict(items)).serialized == learned(size, pairs).serialized


def test_the_most_frequent_256_contexts_get_a_code_of_their_own_and_no_more():
    pairs = {(i, (i + 1) % 300): 1000 + (i * 7) % 300 for i in range(300)} | {(300, 0): 1}
    code = learned(300, pairs)
    ranked = sorted(range(300), key=lambda i: -(1000 + (i * 7) % 300))
    assert MAX_CONTEXTS == 256
    assert code.contexts.tolist() == sorted(ranked[:256])
    rows = rows_of(code)
    assert all(rows[context] == {(context + 1) % 300: 1} for context in ranked[:256])
    assert set(rows[SHARED]) == {(context + 1) % 300 for context in ranked[256:]} | {0}
    as_frequent = {(i, (i + 1) % 300): 1000 for i in range(300)} | {(300, 0): 1}
    assert learned(300, as_frequent).contexts.tolist() == list(range(256))  # the first of them


def test_readings_that_tell_nothing_of_the_next_share_one_row():
    weights = [30, 40, 5, 6, 7, 2, 5, 5]
    pairs = {(i, j): a * b for i, a in enumerate(weights) for j, b in enumerate(weights)} | {(8, 0): 1}
    code = learned(8, pairs)
    assert code.contexts.tolist() == []
    assert code.lengths.tolist() == huffman(NASA).lengths.tolist()


def test_no_codeword_is_longer_than_the_limit():
    counts = {(40, i): 1 << i for i in range(40)} | {(3, i): 1 << (39 - i) for i in range(40)}
    assert learned(40, counts).lengths.max() == 32
    code = learned(40, counts, max_length=6)
    assert code.contexts.tolist() == [3] and code.lengths.max() == 6 and code.complete


# what a code says of itself


def test_a_row_with_unused_prefixes_makes_the_code_incomplete():
    whole = in_rows("abc", {SHARED: {0: 1, 1: 2, 2: 2}, 1: {0: 1, 2: 1}})
    assert whole.complete and whole.fullness.tolist() == [2**32, 2**32]
    for rows, fullness in (
        ({SHARED: {0: 1, 1: 2, 2: 2}, 1: {2: 1}}, [2**32, 2**31]),
        ({SHARED: {0: 1, 1: 2, 2: 3}, 1: {0: 1, 2: 1}}, [7 << 29, 2**32]),
        ({SHARED: {0: 32}}, [1]),
        ({SHARED: {0: 1, 1: 1, 2: 1}}, [3 << 31]),
    ):
        code = in_rows("abc", rows)
        assert not code.complete and code.fullness.tolist() == fullness


@given(codes())
def test_the_fullness_of_each_row_is_its_kraft_sum(code):
    sums = [sum(Fraction(1, 2**length) for length in row.values()) for row in rows_of(code).values()]
    assert [Fraction(int(f), 2**32) for f in code.fullness] == sums
    assert code.complete == all(total == 1 for total in sums)


@given(codes(most=40))
def test_the_codewords_of_each_row_are_canonical(code):
    words = words_in_rows(code)
    cells = zip(code.rows.tolist(), code.symbols.tolist(), code.codewords.tolist(), code.lengths.tolist(), strict=True)
    assert [(r, s, format(w, f"0{l}b")) for r, s, w, l in cells] == [
        (r, s, word) for r, row in enumerate(words) for s, word in sorted(row.items())
    ]
    for row in words:
        ordered = sorted(row.values())
        assert not any(high.startswith(low) for low, high in itertools.pairwise(ordered))


@given(codes(most=40), st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_rows_and_places_are_those_of_the_symbol_before(code, seed, lane):
    symbols = np.random.default_rng(seed).integers(0, len(code), 30).astype(np.uint8)
    names = [SHARED, *code.contexts.tolist()]
    rows = code.rows_at(symbols, lane).tolist()
    for position, row in enumerate(rows):
        before = None if position % lane == 0 else int(symbols[position - 1])
        assert names[row] == (before if before in names else SHARED)
    cells = list(zip(code.rows.tolist(), code.symbols.tolist(), strict=True))
    wanted = zip(rows, symbols.tolist(), strict=True)
    assert code.places_of(np.array(rows), symbols).tolist() == [cells.index(c) if c in cells else -1 for c in wanted]


@strategies.tried(100, codes(most=9), st.data())
def test_the_expected_length_is_the_sum_over_all_pairs(code, data):
    size = len(code)
    weights = st.lists(st.sampled_from([0, 0, 1, 2, 0.5, 7]), min_size=size, max_size=size)
    joint = np.array([data.draw(weights) for _ in range(size)], float)
    joint[0, 0] += 1
    words, names = words_in_rows(code), [SHARED, *code.contexts.tolist()]
    total = 0.0
    for before, after in np.argwhere(joint).tolist():
        word = words[names.index(before) if before in names else 0].get(after)
        total += joint[before, after] * (math.inf if word is None else len(word))
    assert code.expected_length(joint) == pytest.approx(total / joint.sum())


def test_the_expected_length_of_one_row_is_that_of_the_plain_code():
    code = in_rows(list(NASA.labels), {SHARED: dict(enumerate(huffman(NASA).lengths.tolist()))})
    joint = np.outer(NASA.probabilities, NASA.probabilities)
    assert code.expected_length(joint) == pytest.approx(huffman(NASA).expected_length(NASA)) == pytest.approx(2.37)


def test_a_code_tells_its_size_and_signs_its_table():
    code = in_rows("abc", {SHARED: {0: 1, 1: 2, 2: 2}, 1: {0: 1, 2: 1}})
    assert code.fingerprint == hashlib.sha256(code.serialized).hexdigest()[:16]
    assert repr(code) == (
        f"ContextCode(3 labels, 1 with a code of their own, lengths up to 2, fingerprint {code.fingerprint})"
    )


# the table as bytes


def relabelled(code, alphabet):
    return ContextCode(alphabet, code.contexts, code.rows, code.symbols, code.lengths)


def same_code(left, right):
    def columns(code):
        arrays = code.alphabet.values, code.contexts, code.rows, code.symbols, code.lengths
        return code.alphabet.kind, code.alphabet.step, *(array.tolist() for array in arrays)

    return columns(left) == columns(right)


def read(table):
    return ContextCode(*deserialize_rows(table, MAX_CONTEXTS))


@strategies.tried(100, st.data())
def test_every_table_comes_back(data):
    alphabet = data.draw(strategies.labels(min_size=1, unique=True))
    code = relabelled(data.draw(codes(size=len(alphabet))), alphabet)
    assert same_code(read(code.serialized), code)
    assert read(code.serialized).fingerprint == code.fingerprint
    with pytest.raises(DamagedError):  # no table of one code
        deserialize(code.serialized)


@strategies.tried(100, codes())
def test_every_table_of_ints_comes_back(code):
    assert same_code(read(code.serialized), code)


@strategies.tried(30, codes(most=60))
def test_the_bytes_are_those_of_the_documented_layout(code):
    """A reader of its own, by the description in `codec.codes.serialize`."""
    table = relabelled(code, Labels("int", np.arange(len(code)) * 3 - 7, "0.1")).serialized
    assert table[0] == 64 and int.from_bytes(table[1:5], "big") == len(code)
    assert table[5:10] == b"\x030.1\x01"
    assert int.from_bytes(table[10:19], "big") - 2**63 == -7
    position = 19

    def gammas(count):
        nonlocal position
        bits = "".join(format(byte, "08b") for byte in table[position:])
        numbers, at = [], 0
        for _ in range(count):
            zeros = bits.index("1", at) - at
            numbers.append(int(bits[at + zeros : at + 2 * zeros + 1], 2))
            at += 2 * zeros + 1
        size = -(-at // 8)
        assert "1" not in bits[at : 8 * size]
        position += size
        return numbers

    def signed(numbers):
        return [(n - 1) // 2 if n % 2 else -n // 2 for n in numbers]

    assert gammas(len(code) - 1) == [3] * (len(code) - 1)
    (owners,) = struct.unpack_from(">H", table, position)
    position += 2
    contexts = np.cumsum(gammas(owners)) - 1
    sizes = gammas(owners + 1)
    firsts, others = signed(gammas(owners + 1)), gammas(sum(sizes) - owners - 1)
    length, lengths = 0, []
    for difference in signed(gammas(sum(sizes))):
        length += difference
        lengths.append(length)
    assert position == len(table)
    rows: dict[int | None, dict[int, int]] = {}
    for context, size, first in zip([SHARED, *contexts.tolist()], sizes, firsts, strict=True):
        symbols = [first + (context or 0)]
        for _ in range(size - 1):
            symbols.append(symbols[-1] + others.pop(0))
        rows[context] = {symbol: lengths.pop(0) for symbol in symbols}
    assert rows == rows_of(code)


def test_gamma_bits_are_those_of_the_coded_numbers():
    numbers = [1, 2, 3, 4, 7, 8, 65_535, 65_536]
    for number in numbers:
        assert gamma_bits([number]) == 2 * math.floor(math.log2(number)) + 1
    assert -(-gamma_bits(numbers) // 8) == len(gamma_encode(numbers))


def test_a_table_in_context_has_labels_and_not_tuples():
    with pytest.raises(ValueError, match="tuple"):
        relabelled(in_rows("ab", {SHARED: {0: 1}}), Distribution("ab", [1, 1]).extension(1).labels).serialized  # noqa: B018


# tables that are damaged

TABLES: dict[str, bytes] = {
    "shared only": in_rows("abc", {SHARED: {0: 1, 1: 2, 2: 2}}).serialized,
    "one codeword": in_rows([7], {SHARED: {0: 1}}).serialized,
    "one codeword, in context": in_rows([7], {SHARED: {0: 1}, 0: {0: 32}}).serialized,
    "nasa": in_rows(
        list(NASA.labels),
        {SHARED: dict(enumerate([2, 1, 5, 4, 4, 5, 5, 5])), 0: {0: 1, 1: 2, 7: 2}, 7: {7: 1}, 3: {1: 3, 2: 2, 4: 1}},
    ).serialized,
    "floats": in_rows([0.5, -0.0, math.nan], {SHARED: {1: 1}, 1: {0: 2, 2: 2}}).serialized,
    "strings": in_rows(["é", "", "a\udcff"], {SHARED: {0: 1, 2: 1}, 2: {1: 1}}).serialized,
    "bytes": in_rows([b"\0", b""], {SHARED: {0: 1}, 0: {1: 4}, 1: {0: 2, 1: 2}}).serialized,
    "steps": relabelled(
        in_rows(range(3), {SHARED: {0: 1, 1: 2, 2: 2}, 2: {0: 1}}), Labels("int", np.array([4, -3, 215]), "0.1")
    ).serialized,
}


def refused_or_these_bytes(table):
    """Whether it is refused; if not, it is a well-formed table, and of no other bytes."""
    try:
        found = deserialize_rows(table, MAX_CONTEXTS)
    except DamagedError:
        return True
    alphabet, contexts, rows, symbols, lengths = found
    assert serialize_rows(*found) == table
    n, m = len(alphabet), len(contexts)
    assert n >= 1 and np.unique(rows).tolist() == list(range(m + 1)) and (np.diff(rows) >= 0).all()
    assert (np.diff(contexts) > 0).all() and ((contexts >= 0) & (contexts < n)).all()
    assert ((symbols >= 0) & (symbols < n)).all() and (np.diff(rows * n + symbols) > 0).all()
    assert ((lengths >= 1) & (lengths <= 32)).all()
    return False


def test_every_cut_is_refused_and_every_flip_or_another_table_of_exactly_these_bytes():
    for table in TABLES.values():
        assert not refused_or_these_bytes(table)
        for changed in (*(table[:size] for size in range(len(table))),
                        *(table + more for more in (b"\0", b"\x80", b"\xff" * 9, table))):  # fmt: skip
            with pytest.raises(DamagedError):
                deserialize_rows(changed, MAX_CONTEXTS)
        refusals = sum(refused_or_these_bytes(flip(table, bit)) for bit in range(8 * len(table)))
        assert 0 < refusals < 8 * len(table)


@given(st.sampled_from(sorted(TABLES)), st.data())
def test_any_changed_stretch_is_refused_or_another_table_of_exactly_these_bytes(name, data):
    table = TABLES[name]
    start = data.draw(st.integers(0, len(table)))
    end = data.draw(st.integers(start, len(table)))
    refused_or_these_bytes(table[:start] + data.draw(st.binary(max_size=12)) + table[end:])


HEAD = b"\x40\0\0\0\x02\x011\x01" + (7 + 2**63).to_bytes(9, "big") + gamma_encode([1])  # labels 7 and 8


def forged(*numbers, owners=1):
    return HEAD + struct.pack(">H", owners) + b"".join(map(gamma_encode, numbers))


GOOD = ([1], [2, 1], [1, 1], [1], [3, 1, 1])  # contexts, sizes, first symbols, other symbols, lengths


WRONG = (
    (b"", "ends early"),
    *((bytes([kind]) + b"\0\0\0\x01", f"unknown kind of labels in context, {kind}") for kind in (0, 68, 192)),
    (b"\x40\0\0\0\0\x011\x01", "declares 0 labels"),
    (b"\x40\xff\xff\xff\xff\x011", "declares 4,294,967,295 labels in 7 bytes"),
    (b"\x40\0\x01\0\x01" + bytes(10**5), "declares 65,537 labels"),
    (HEAD.replace(b"\x011\x01", b"\x011\0")[:8] + HEAD[8:17] * 2 + b"\0\0", "holds the label 7 twice"),
    (forged(owners=257), "declares 257 contexts; there are at most 256"),
    *((forged(*numbers), "contexts or rows have more than its 2 symbols") for numbers in (
        ([3], *GOOD[1:]), ([1 << 65], *GOOD[1:]), ([1], [3, 1], *GOOD[2:]), ([1], [1 << 65, 1], *GOOD[2:]))),
    (forged([1], [2, 1], [2, 1], *GOOD[3:]), "symbol below 0"),
    (forged([1], [2, 1], [3, 1], *GOOD[3:]), "holds the symbol 2, and it has 2"),
    (forged([1], [2, 1], [(1 << 66) - 1, 1], *GOOD[3:]), "holds the symbol 36,893,488,147,419,103,232,"),
    (forged([1], [2, 1], [1, 1], [1 << 65], GOOD[4]), "holds the symbol 36,893,488,147,419,103,232,"),
    (forged(*GOOD[:4], [3, 1, 2]), "not in the one form"),  # a length of 0
    *((forged(*GOOD[:4], lengths), "code length outside") for lengths in ([3, 1, 4], [67, 1, 1])),
    (forged(*GOOD) + b"\0", "1 byte stands behind the end"),
    (PrefixCode.from_lengths("abc", [1, 2, 2]).serialized, "unknown kind of labels in context"),
)  # fmt: skip


def test_what_is_wrong_with_a_table_is_said():
    assert rows_of(read(forged(*GOOD))) == {SHARED: {0: 1, 1: 1}, 0: {0: 1}}
    for table, message in WRONG:
        with pytest.raises(DamagedError, match=message):
            deserialize_rows(table, MAX_CONTEXTS)


def test_256_contexts_come_back():
    code = in_rows(range(257), {SHARED: {0: 1}, **{i: {256 - i: 1} for i in range(256)}})
    assert same_code(read(code.serialized), code)
    one_more = in_rows(range(257), {SHARED: {0: 1}, **{i: {256 - i: 1} for i in range(257)}})
    with pytest.raises(DamagedError, match="257 contexts"):
        read(one_more.serialized)


@pytest.mark.slow
def test_huge_counts_are_refused_without_memory_for_them():
    everything = b"\x40\0\x01\0\0\x011\x01" + bytes(9)  # 65,536 labels, and nothing else
    for table in (b"\x40\xff\xff\xff\xff" + HEAD[5:], b"\x41\0\x01\0\0" + bytes(20_000),
                  b"\x43\0\x01\0\0\xff\xff\xff\xff" + bytes(20_000), everything + b"\xff" * 8191,
                  everything + b"\xff" * 8192 + b"\1\0" + gamma_encode([1] * 256 + [65_536] * 257),
                  forged([1], [1 << 65, 1 << 65], *GOOD[2:]),
                  forged([1], [2, 1], [1 << 65, 1 << 65], *GOOD[3:])):  # fmt: skip
        with pytest.raises(DamagedError):  # what is loaded once
            deserialize_rows(table, MAX_CONTEXTS)
        tracemalloc.start()
        with pytest.raises(DamagedError):
            deserialize_rows(table, MAX_CONTEXTS)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < len(table) + (1 << 20)


@pytest.mark.slow
def test_the_codes_that_the_tests_draw_are_codes():
    seen = []

    @settings(max_examples=100, database=None, derandomize=True, deadline=None)
    @given(codes())
    def draw(code):
        assert code.lengths.min() >= 1 and code.lengths.max() <= 32 and code.fullness.max() <= 2**32
        seen.append((code.complete, int(code.lengths.max()), len(code), len(code.contexts)))

    draw()
    complete, longest, sizes, owners = (set(column) for column in zip(*seen, strict=True))
    assert complete == {True, False} and max(longest) == 32
    assert sizes >= {1, 256, 300} and owners >= {0, 1, 12} and max(owners) > 200
