"""A code table as bytes: every one comes back, and what is changed is either seen or another table."""

import hashlib
import struct

import numpy as np
import pytest
import strategies
from hypothesis import example, given
from hypothesis import strategies as st

from codec.codes.gamma import gamma_encode
from codec.codes.prefix import PrefixCode, fingerprint_of, huffman
from codec.codes.serialize import MAX_CODE_LENGTH, deserialize, serialize
from codec.errors import DamagedError
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, labels_of
from codec.theory.sources import built_in


def gamma(numbers):
    """Elias' gamma code, from its definition, padded to whole bytes."""
    bits = "".join("0" * (n.bit_length() - 1) + f"{n:b}" for n in numbers)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def table(labels, lengths):
    alphabet = labels if isinstance(labels, Labels) else labels_of(labels)
    return serialize(alphabet, np.array(lengths, np.int64))


def check_same(data, alphabet, lengths):
    labels, got = deserialize(data)
    assert (labels.kind, labels.step) == (alphabet.kind, alphabet.step)
    assert labels.values.tolist() == alphabet.values.tolist()
    assert got.tolist() == list(lengths)


TABLES = {
    "nasa": table([100, 105, 110, 145, 160, 162, 174, 180], [2, 1, 5, 4, 4, 5, 5, 5]),
    "steps": table(Labels("int", np.array([-3, 215, 4]), "0.1"), [1, 2, 2]),
    "uint64": table([2**64 - 1, 0], [1, 1]),
    "floats": table([0.5, -0.0, float("nan")], [1, 2, 2]),
    "strings": table(["é", "", "a\udcff"], [2, 2, 1]),
    "bytes": table([b"\x00\xff", b""], [1, 1]),
    "incomplete": table("ab", [0, 32]),
    "one": table([7], [1]),
}


@given(st.lists(st.integers(1, 2**66), max_size=20))
@example([1, 2, 5])
def test_gamma_codes_are_those_of_elias(numbers):
    assert gamma_encode(numbers) == gamma(numbers)


def test_the_bytes_of_the_nasa_table_are_those_of_the_documented_layout():
    by_hand = (
        b"\x00"  # kind: int
        + struct.pack(">I", 8)  # labels
        + b"\x01" + b"1"  # the step and its size
        + b"\x01"  # ascending
        + (100 + 2**63).to_bytes(9, "big")
        + gamma([5, 5, 35, 15, 2, 12, 6])  # gaps between 100, 105, 110, 145, 160, 162, 174, 180
        + gamma([5, 2, 9, 2, 1, 3, 1, 1])  # lengths 2, 1, 5, 4, 4, 5, 5, 5: differences 2, -1, 4, -1, 0, 1, 0, 0
    )  # fmt: skip
    assert TABLES["nasa"] == by_hand
    assert hashlib.sha256(by_hand).hexdigest()[:16] == "4cd0202288b46bc9"
    assert huffman(built_in("nasa")).fingerprint == fingerprint_of(by_hand) == "4cd0202288b46bc9"


def test_the_bytes_of_every_other_kind_are_those_of_the_documented_layout():
    lengths = gamma([3, 3, 1])  # 1, 2, 2
    assert table([3, -1, 2**63 - 1], [1, 2, 2]) == (
        b"\x00\x00\x00\x00\x03\x011\x00"
        + b"".join((v + 2**63).to_bytes(9, "big") for v in (3, -1, 2**63 - 1))
        + lengths
    )
    assert TABLES["floats"] == (
        b"\x01\x00\x00\x00\x03"
        + struct.pack(">dd", 0.5, -0.0)
        + np.array([np.nan]).view(np.uint64).astype(">u8").tobytes()
        + lengths
    )
    assert TABLES["strings"] == (
        b"\x02\x00\x00\x00\x03"
        + (b"\x00\x00\x00\x02\xc3\xa9" + b"\x00\x00\x00\x00" + b"\x00\x00\x00\x04a\xed\xb3\xbf")
        + gamma([5, 1, 2])
    )
    assert TABLES["bytes"] == b"\x03\x00\x00\x00\x02\x00\x00\x00\x02\x00\xff\x00\x00\x00\x00" + gamma([3, 1])


def test_fingerprints_are_pinned_for_every_kind():
    # Files are signed with these: a changed one makes old tables unknown.
    pinned = {
        "nasa": "4cd0202288b46bc9",
        "steps": "376a1c6f29ad08d5",
        "uint64": "96644ece96773113",
        "floats": "1359dc70298e20ac",
        "strings": "c67874c3e50c7b87",
        "bytes": "634df16ea8b1efdb",
        "incomplete": "a572beae42d5f846",
        "one": "4e836dcd2c2d5ff3",
    }
    assert {name: fingerprint_of(data) for name, data in TABLES.items()} == pinned


@given(strategies.codes())
def test_every_table_comes_back(code):
    data = serialize(code.alphabet, code.lengths)
    if code.lengths.max() <= MAX_CODE_LENGTH:
        check_same(data, code.alphabet, code.lengths.tolist())
    else:
        with pytest.raises(DamagedError, match="code length outside"):
            deserialize(data)


@given(strategies.labels(min_size=1, unique=True), st.data())
def test_labels_of_every_kind_come_back_whatever_the_lengths(alphabet, data):
    lengths = data.draw(st.lists(st.integers(0, 32), min_size=len(alphabet), max_size=len(alphabet)))
    check_same(serialize(alphabet, np.array(lengths, np.int64)), alphabet, lengths)


def test_strings_that_share_their_escaped_bytes_stay_two_labels():
    # b"\xc3\xa9" is é in UTF-8, and also what these two escaped bytes would be written as.
    check_same(table(["é", "\udcc3\udca9"], [1, 1]), labels_of(["é", "\udcc3\udca9"]), [1, 1])
    codes = [PrefixCode.from_lengths([label], [1]) for label in ("é", "\udcc3\udca9")]
    assert codes[0].fingerprint != codes[1].fingerprint
    pair, single = "\ud83d\ude00", "\U0001f600"
    check_same(table([pair, single], [1, 1]), labels_of([pair, single]), [1, 1])


def test_the_largest_tables_come_back():
    full = Labels("int", np.arange(65_536) * 2**40)
    lengths = [16] * 65_536
    check_same(serialize(full, np.array(lengths)), full, lengths)
    extremes = labels_of([-(2**63), 2**63 - 1])
    check_same(table(extremes, [1, 1]), extremes, [1, 1])
    check_same(table([0, 2**64 - 1], [1, 1]), labels_of([0, 2**64 - 1]), [1, 1])
    empty = labels_of([])
    check_same(table(empty, []), empty, [])
    check_same(table(["x" * 65_536], [1]), labels_of(["x" * 65_536]), [1])


@pytest.mark.parametrize("name", TABLES)
def test_every_truncation_is_refused(name):
    data = TABLES[name]
    for size in range(len(data)):
        with pytest.raises(DamagedError):
            deserialize(data[:size])


@pytest.mark.parametrize("name", TABLES)
def test_everything_appended_is_refused(name):
    for more in b"\x00", b"\x80", b"\xff" * 9, TABLES[name]:
        with pytest.raises(DamagedError):
            deserialize(TABLES[name] + more)


def check_refused_or_another(data, original):
    """No two byte strings are one table."""
    try:
        alphabet, lengths = deserialize(data)
    except DamagedError:
        return 0
    assert serialize(alphabet, lengths) == data
    if data != original:
        before, lengths_before = deserialize(original)
        now = (alphabet.kind, alphabet.step, alphabet.values.tolist(), lengths.tolist())
        assert now != (before.kind, before.step, before.values.tolist(), lengths_before.tolist())
    return 1


@pytest.mark.parametrize("name", TABLES)
def test_every_flipped_bit_is_refused_or_is_another_table_of_exactly_these_bytes(name):
    data = TABLES[name]
    survivors = 0
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 0x80 >> bit % 8
        survivors += check_refused_or_another(bytes(changed), data)
    assert survivors < 8 * len(data)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_table_or_refused(data):
    check_refused_or_another(data, TABLES["one"])


@given(st.sampled_from(sorted(TABLES)), st.data())
def test_any_changed_stretch_is_refused_or_is_another_table(name, draws):
    data = TABLES[name]
    start = draws.draw(st.integers(0, len(data)))
    end = draws.draw(st.integers(start, len(data)))
    check_refused_or_another(data[:start] + draws.draw(st.binary(max_size=12)) + data[end:], data)


HEAD = b"\x00\x00\x00\x00\x01\x011\x01" + (7 + 2**63).to_bytes(9, "big")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "ends early"),
        (b"\x05\x00\x00\x00\x00", "unknown kind of labels, 5"),
        (b"\x00\xff\xff\xff\xff\x011", "declares 4,294,967,295 labels in 7 bytes"),
        (b"\x03\x00\x01\x00\x01" + bytes(10**5), "declares 65,537 labels"),
        (b"\x00\x00\x00\x00\x01\x010\x01", "step, b'0', is no positive decimal"),
        (b"\x00\x00\x00\x00\x01\x03-.1\x01", "is no positive decimal"),
        (b"\x00\x00\x00\x00\x01\x011\x02", "unknown order of labels, 2"),
        (b"\x00\x00\x00\x00\x01\x011\x00" + bytes(9) + gamma([3]), "not in the one form"),
        (HEAD + gamma([2]), "code length outside"),
        (HEAD + gamma([2 * 33 + 1]), "code length outside"),
        (HEAD + b"\x61", "padding .* is not zero"),
        (HEAD + bytes(20) + b"\xff" * 30, "more than 66 bits"),
        (HEAD + b"\x00", "within its gamma coded numbers"),
        (
            b"\x00\x00\x00\x00\x02\x011\x00" + b"\x01" + bytes(8) + b"\x00" + bytes(8) + gamma([3, 1]),
            "does not fit 64 bits",
        ),
        (b"\x00\x00\x00\x00\x02\x011\x00" + HEAD[8:] * 2 + gamma([3, 1]), "holds the label 7 twice"),
        (b"\x02\x00\x00\x00\x01\x00\x01\x00\x01", "declares a label of 65,537 bytes"),
        (b"\x02\x00\x00\x00\x01\x00\x00\x00\x01\xff" + gamma([3]), "a string that is not UTF-8"),
        (HEAD + gamma([3]) + b"\x00", "1 byte stands behind the end"),
        (b"\x00\x00\x00\x00\x01\x011\x01" + b"\x02" + bytes(8) + gamma([3]), "does not fit 64 bits"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(data, message):
    with pytest.raises(DamagedError, match=message):
        deserialize(data)


def test_blocks_of_labels_have_a_table_over_their_base_alphabet():
    code = huffman(Distribution("ab", [3, 1]).extension(2))
    labels, lengths = deserialize(code.serialized)
    assert list(labels) == list(code.alphabet) and lengths.tolist() == code.lengths.tolist()
