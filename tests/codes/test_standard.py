"""The standard tables against the worked examples and the code words that the standards print."""

import zlib
from fractions import Fraction

import pytest

from codec.codes.standard import NAMES, standard

JPEG = tuple(name for name in NAMES if name.startswith("jpeg-"))


def words(name):
    """Label to codeword."""
    return {label: word.to01() for label, word in standard(name).codewords.items()}


def kraft(name):
    return standard(name).kraft_sum()


# RFC 7541, appendix B: the column "code as hex", symbols 0..256.
APPENDIX_B = """
1ff8 7fffd8 fffffe2 fffffe3 fffffe4 fffffe5 fffffe6 fffffe7 fffffe8 ffffea 3ffffffc fffffe9 fffffea 3ffffffd
fffffeb fffffec fffffed fffffee fffffef ffffff0 ffffff1 ffffff2 3ffffffe ffffff3 ffffff4 ffffff5 ffffff6
ffffff7 ffffff8 ffffff9 ffffffa ffffffb 14 3f8 3f9 ffa 1ff9 15 f8 7fa 3fa 3fb f9 7fb fa 16 17 18 0 1 2 19 1a
1b 1c 1d 1e 1f 5c fb 7ffc 20 ffb 3fc 1ffa 21 5d 5e 5f 60 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f 70 71 72
fc 73 fd 1ffb 7fff0 1ffc 3ffc 22 7ffd 3 23 4 24 5 25 26 27 6 74 75 28 29 2a 7 2b 76 2c 8 9 2d 77 78 79 7a 7b
7ffe 7fc 3ffd 1ffd ffffffc fffe6 3fffd2 fffe7 fffe8 3fffd3 3fffd4 3fffd5 7fffd9 3fffd6 7fffda 7fffdb 7fffdc
7fffdd 7fffde ffffeb 7fffdf ffffec ffffed 3fffd7 7fffe0 ffffee 7fffe1 7fffe2 7fffe3 7fffe4 1fffdc 3fffd8
7fffe5 3fffd9 7fffe6 7fffe7 ffffef 3fffda 1fffdd fffe9 3fffdb 3fffdc 7fffe8 7fffe9 1fffde 7fffea 3fffdd 3fffde
fffff0 1fffdf 3fffdf 7fffeb 7fffec 1fffe0 1fffe1 3fffe0 1fffe2 7fffed 3fffe1 7fffee 7fffef fffea 3fffe2 3fffe3
3fffe4 7ffff0 3fffe5 3fffe6 7ffff1 3ffffe0 3ffffe1 fffeb 7fff1 3fffe7 7ffff2 3fffe8 1ffffec 3ffffe2 3ffffe3
3ffffe4 7ffffde 7ffffdf 3ffffe5 fffff1 1ffffed 7fff2 1fffe3 3ffffe6 7ffffe0 7ffffe1 3ffffe7 7ffffe2 fffff2
1fffe4 1fffe5 3ffffe8 3ffffe9 ffffffd 7ffffe3 7ffffe4 7ffffe5 fffec fffff3 fffed 1fffe6 3fffe9 1fffe7 1fffe8
7ffff3 3fffea 3fffeb 1ffffee 1ffffef fffff4 fffff5 3ffffea 7ffff4 3ffffeb 7ffffe6 3ffffec 3ffffed 7ffffe7
7ffffe8 7ffffe9 7ffffea 7ffffeb ffffffe 7ffffec 7ffffed 7ffffee 7ffffef 7fffff0 3ffffee 3fffffff
"""

# RFC 7541, appendix C.4 and C.6: each Huffman-coded string, padded with ones.
APPENDIX_C = {
    "www.example.com": "f1e3 c2e5 f23a 6ba0 ab90 f4ff",
    "no-cache": "a8eb 1064 9cbf",
    "custom-key": "25a8 49e9 5ba9 7d7f",
    "custom-value": "25a8 49e9 5bb8 e8b4 bf",
    "302": "6402",
    "private": "aec3 771a 4b",
    "Mon, 21 Oct 2013 20:13:21 GMT": "d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff",
    "https://www.example.com": "9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3",
    "307": "640e ff",
    "Mon, 21 Oct 2013 20:13:22 GMT": "d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff",
    "gzip": "9bd9 ab",
    "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1": (
        "94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 "
        "72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07"
    ),
}


def test_hpack_codes():
    code = words("hpack")
    assert [int(code[symbol], 2) for symbol in range(257)] == [int(row, 16) for row in APPENDIX_B.split()]


def test_hpack_rows():
    for symbol, length, code in (
        (0, 13, 0x1FF8), (ord("0"), 5, 0), (ord("a"), 5, 0x3), (ord(" "), 6, 0x14), (ord(":"), 7, 0x5C),
        (ord("&"), 8, 0xF8), (ord("?"), 10, 0x3FC), (ord("|"), 11, 0x7FC), (ord("\\"), 19, 0x7FFF0),
        (128, 20, 0xFFFE6), (153, 21, 0x1FFFDC), (199, 25, 0x1FFFFEC), (255, 26, 0x3FFFFEE), (254, 27, 0x7FFFFF0),
        (249, 28, 0xFFFFFFE), (10, 30, 0x3FFFFFFC), (13, 30, 0x3FFFFFFD), (22, 30, 0x3FFFFFFE), (256, 30, 0x3FFFFFFF),
    ):  # fmt: skip
        assert words("hpack")[symbol] == f"{code:0{length}b}"


def test_hpack_strings():
    code = words("hpack")
    for text, coded in APPENDIX_C.items():
        bits = "".join(code[byte] for byte in text.encode())
        bits += "1" * (-len(bits) % 8)
        assert int(bits, 2).to_bytes(len(bits) // 8, "big") == bytes.fromhex(coded), text


def test_deflate_codes():
    code = words("deflate-fixed")
    for first, last, low, high in ((0, 143, "00110000", "10111111"), (144, 255, "110010000", "111111111"),
                                   (256, 279, "0000000", "0010111"), (280, 287, "11000000", "11000111")):  # fmt: skip
        assert (code[first], code[last]) == (low, high)
        run = [f"{int(low, 2) + i:0{len(low)}b}" for i in range(last - first + 1)]
        assert [code[symbol] for symbol in range(first, last + 1)] == run


def test_deflate_block_is_read_by_zlib():
    """Every byte, then every match length but the two that never occur, in one fixed block of RFC 1951."""
    code = words("deflate-fixed")
    extra = [0] * 8 + [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 4 + [0]
    base = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131]
    base += [163, 195, 227, 258]
    bits = "1" + "10" + "".join(code[byte] for byte in range(256))
    bits += "".join(code[257 + i] + "0" * extra[i] + "00000" for i in range(29)) + code[256]
    bits += "0" * (-len(bits) % 8)
    data = int(bits[::-1], 2).to_bytes(len(bits) // 8, "little")
    assert zlib.decompress(data, wbits=-15) == bytes(range(256)) + b"\xff" * sum(base)


# ITU-T T.81, tables K.3 and K.4 in full, labels 0..11.
K3 = ["00", "010", "011", "100", "101", "110", "1110", "11110", "111110", "1111110", "11111110", "111111110"]
K4 = ["00", "01", "10", *("1" * n + "0" for n in range(2, 11))]

# ITU-T T.81, tables K.5 and K.6: rows with every length that occurs, by run and size.
K5 = {
    0x00: "1010", 0x01: "00", 0x02: "01", 0x03: "100", 0x04: "1011", 0x05: "11010", 0x06: "1111000",
    0x07: "11111000", 0x08: "1111110110", 0x09: "1111111110000010", 0x0A: "1111111110000011", 0x11: "1100",
    0x12: "11011", 0x13: "1111001", 0x14: "111110110", 0x15: "11111110110", 0x16: "1111111110000100",
    0x21: "11100", 0x22: "11111001", 0x23: "1111110111", 0x24: "111111110100", 0x31: "111010", 0x41: "111011",
    0x51: "1111010", 0x61: "1111011", 0x71: "11111010", 0x72: "111111110111", 0x82: "111111111000000",
    0xD1: "11111111000", 0xE1: "1111111111101011", 0xF0: "11111111001", 0xF1: "1111111111110101",
    0xFA: "1111111111111110",
}  # fmt: skip
K6 = {
    0x00: "00", 0x01: "01", 0x02: "100", 0x03: "1010", 0x04: "11000", 0x05: "11001", 0x06: "111000",
    0x07: "1111000", 0x08: "111110100", 0x09: "1111110110", 0x0A: "111111110100", 0x11: "1011",
    0x12: "111001", 0x13: "11110110", 0x15: "11111110110", 0x17: "1111111110001000", 0x21: "11010",
    0x25: "111111111000010", 0x31: "11011", 0x34: "111111110111", 0x41: "111010", 0x51: "111011",
    0x61: "1111001", 0x71: "1111010", 0x81: "11111001", 0x82: "1111111110110111", 0xC1: "111111010",
    0xD1: "11111111001", 0xE1: "11111111100000", 0xF0: "1111111010", 0xF1: "111111111000011",
    0xF2: "1111111111110110", 0xFA: "1111111111111110",
}  # fmt: skip


def test_jpeg_codes():
    for name, rows in (
        ("jpeg-dc-luminance", dict(enumerate(K3))), ("jpeg-dc-chrominance", dict(enumerate(K4))),
        ("jpeg-ac-luminance", K5), ("jpeg-ac-chrominance", K6),
    ):  # fmt: skip
        code = words(name)
        assert {label: code[label] for label in rows} == rows


@pytest.mark.parametrize("name", JPEG)
def test_jpeg_labels(name):
    code = standard(name)
    labels, lengths = tuple(code.alphabet), tuple(code.lengths.tolist())
    runs = {0x00, 0xF0} | {16 * run + size for run in range(16) for size in range(1, 11)}
    assert set(labels) == (set(range(12)) if "-dc-" in name else runs)
    # Within a length HUFFVAL ascends, so that numbering by (length, label) gives the same words.
    assert list(zip(lengths, labels, strict=True)) == sorted(zip(lengths, labels, strict=True))


def test_kraft_sums():
    assert kraft("hpack") == kraft("deflate-fixed") == 1
    longest = {name: int(standard(name).lengths.max()) for name in JPEG}
    assert longest == dict(zip(JPEG, (9, 11, 16, 16), strict=True))
    for name in JPEG:
        assert kraft(name) == 1 - Fraction(1, 2 ** longest[name])
        assert all("0" in word for word in words(name).values())


def test_names():
    sizes = {"hpack": 257, "deflate-fixed": 288, "jpeg-dc-luminance": 12, "jpeg-dc-chrominance": 12,
             "jpeg-ac-luminance": 162, "jpeg-ac-chrominance": 162}  # fmt: skip
    assert tuple(sizes) == NAMES
    for name, size in sizes.items():
        code = standard(name)
        labels, lengths = tuple(code.alphabet), tuple(code.lengths.tolist())
        assert len(set(labels)) == len(labels) == len(lengths) == size
    with pytest.raises(ValueError, match="deflate-fixed"):
        standard("deflate")
