"""Codes of integers: their words are those of the papers, and none is over-full."""

import pytest
from bitarray import bitarray
from command_line import fields, refused

from codec.codes.universal import is_universal, universal

# Marcelloni and Vecchio 2008, table I, which is that of JPEG's DC differences, and longer.
PREFIXES = ["00", "010", "011", "100", "101", "110", "1110", "11110", "111110", "1111110", "11111110", "111111110",
            "1111111110", "11111111110", "111111111110"]  # fmt: skip


def lec_of(d):
    """As the paper encodes it: the prefix of the category, then the low bits of d, or of d - 1 below 0."""
    n = abs(d).bit_length()
    return PREFIXES[n] + (format((d if d > 0 else d - 1) % (1 << n), f"0{n}b") if n else "")


def golomb_of(u, m):
    """Unary ones, a zero, and the rest in truncated binary."""
    bits = (m - 1).bit_length()
    short, rest = (1 << bits) - m, u % m
    if rest < short:
        tail = format(rest, f"0{bits - 1}b") if bits > 1 else ""
    else:
        tail = format(rest + short, f"0{bits}b") if bits else ""
    return "1" * (u // m) + "0" + tail


def gamma_of(u):
    n = (u + 1).bit_length()
    return "1" * (n - 1) + "0" + format(u + 1, "b")[1:]


def test_lec_has_the_words_of_the_paper():
    code = universal("lec")
    assert {d: word.to01() for d, word in code.codewords.items()} == {d: lec_of(d) for d in range(-16383, 16384)}
    assert not code.has_escape and 1 - code.kraft_sum() == 1 / 2**12


@pytest.mark.parametrize("m", [1, 2, 3, 4, 5, 7, 10, 64, 100])
def test_golomb_codes_have_their_words_and_one_prefix_is_left_for_the_escape(m):
    code = universal(f"golomb:{m}")
    for u, (d, word) in enumerate(code.codewords.items()):
        assert u == (2 * d if d >= 0 else -2 * d - 1) and word.to01() == golomb_of(u, m)
    bits = (m - 1).bit_length()
    assert code.escape_codeword == bitarray("1" * (code.escape_length - bits) + "0" * bits)
    assert code.all_lengths.max() <= 32


def test_rice_is_golomb_and_gamma_is_gamma():
    assert universal("rice:3") == universal("golomb:8") and universal("rice:0") == universal("golomb:1")
    gamma = universal("elias-gamma")
    assert gamma.escape_codeword == bitarray("1" * 15 + "0" * 14)
    for u, word in enumerate(gamma.codewords.values()):
        assert word.to01() == gamma_of(u)


@pytest.mark.parametrize("name", ["rice:15", "golomb:0", "golomb:99999", "rice", "lec:3", "gamma", "rice:-1"])
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match=r"M, or 2\^K|no code of integers"):
        universal(name)
    assert not is_universal(name) or name[:4] in ("rice", "golo")
    assert refused("table", name).startswith("codec table: ")


@pytest.mark.slow
def test_compare_knows_them_by_name(tmp_path):
    (tmp_path / "p.json").write_text('{"kind": "distribution", "labels": [-1, 0, 1, 2], "weights": [2, 4, 1, 1]}')
    rows = fields("compare", tmp_path / "p.json", "lec", "rice:0", "elias-gamma", "-n", "1000", "--json")["rows"]
    # the Huffman code takes 1.75 bits; lec 4/8·2 + 3/8·4 + 1/8·5; unary 1, 2, 3, 5 bits; gamma 1, 3, 3, 5
    extra = [row["expected_extra"] for row in rows]
    assert extra == pytest.approx([3.125 - 1.75, (4 + 4 + 3 + 5) / 8 - 1.75, (4 + 6 + 3 + 5) / 8 - 1.75])
