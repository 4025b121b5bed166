"""The standard code tables, by name.

A table is a pair (labels, lengths) in the table's own order. Only the lengths are kept: numbering the
codewords canonically by (length, position in that order) gives back the words the standard prints.

    hpack                HTTP/2 and HTTP/3 header strings: bytes 0..255 and the end of string, 256.
                         RFC 7541, appendix B.
    deflate-fixed        Deflate blocks of type 1: bytes 0..255, end of block 256, match lengths 257..287.
                         286 and 287 never occur in data but take part in the code. RFC 1951, 3.2.6.
    jpeg-dc-luminance    Size in bits of a luminance DC difference. ITU-T T.81, annex K, table K.3.
    jpeg-dc-chrominance  Size in bits of a chrominance DC difference. ITU-T T.81, annex K, table K.4.
    jpeg-ac-luminance    Luminance AC coefficients: 16 x zero run + size in bits, with 0x00 the end of block
                         and 0xF0 sixteen zeros. ITU-T T.81, annex K, table K.5.
    jpeg-ac-chrominance  Chrominance AC coefficients, in the same form. ITU-T T.81, annex K, table K.6.

The JPEG tables are incomplete on purpose: T.81 reserves the word of all ones, so that each table leaves
exactly one word of its longest length unused.
"""

from codec.codes.prefix import PrefixCode

_Table = tuple[tuple[int, ...], tuple[int, ...]]


def _counted(lengths: tuple[int, ...]) -> _Table:
    """The table whose labels are 0, 1, 2, ..."""
    return tuple(range(len(lengths))), lengths


def _jpeg(bits: str, huffval: str) -> _Table:
    """The table that T.81 writes as BITS, counts of words of lengths 1..16, and HUFFVAL, the labels."""
    counts = enumerate(bytes.fromhex(bits), start=1)
    return tuple(bytes.fromhex(huffval)), tuple(length for length, n in counts for _ in range(n))


# RFC 7541, appendix B: the column "len in bits", 32 symbols a row, then the end of string.
_HPACK = """
13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
 6 10 10 12 13  6  8 11 10 10  8 11  8  6  6  6  5  5  5  6  6  6  6  6  6  6  7  8 15  6 12 10
13  6  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  8  7  8 13 19 13 14  6
15  5  6  5  6  5  6  6  6  5  7  7  6  6  6  5  6  7  6  5  5  6  7  7  7  7  7 15 11 14 13 28
20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26
30
"""

# T.81, K.3.3.1 and K.3.3.2, in hexadecimal as there; HUFFVAL of the AC tables 32 labels a row.
_DC_LUMINANCE = "00 01 05 01 01 01 01 01 01 00 00 00 00 00 00 00"
_DC_CHROMINANCE = "00 03 01 01 01 01 01 01 01 01 01 00 00 00 00 00"
_DC_VALUES = "00 01 02 03 04 05 06 07 08 09 0A 0B"
_AC_LUMINANCE = "00 02 01 03 03 02 04 03 05 05 04 04 00 00 01 7D"
_AC_LUMINANCE_VALUES = """
01 02 03 00 04 11 05 12 21 31 41 06 13 51 61 07 22 71 14 32 81 91 A1 08 23 42 B1 C1 15 52 D1 F0
24 33 62 72 82 09 0A 16 17 18 19 1A 25 26 27 28 29 2A 34 35 36 37 38 39 3A 43 44 45 46 47 48 49
4A 53 54 55 56 57 58 59 5A 63 64 65 66 67 68 69 6A 73 74 75 76 77 78 79 7A 83 84 85 86 87 88 89
8A 92 93 94 95 96 97 98 99 9A A2 A3 A4 A5 A6 A7 A8 A9 AA B2 B3 B4 B5 B6 B7 B8 B9 BA C2 C3 C4 C5
C6 C7 C8 C9 CA D2 D3 D4 D5 D6 D7 D8 D9 DA E1 E2 E3 E4 E5 E6 E7 E8 E9 EA F1 F2 F3 F4 F5 F6 F7 F8
F9 FA
"""
_AC_CHROMINANCE = "00 02 01 02 04 04 03 04 07 05 04 04 00 01 02 77"
_AC_CHROMINANCE_VALUES = """
00 01 02 03 11 04 05 21 31 06 12 41 51 07 61 71 13 22 32 81 08 14 42 91 A1 B1 C1 09 23 33 52 F0
15 62 72 D1 0A 16 24 34 E1 25 F1 17 18 19 1A 26 27 28 29 2A 35 36 37 38 39 3A 43 44 45 46 47 48
49 4A 53 54 55 56 57 58 59 5A 63 64 65 66 67 68 69 6A 73 74 75 76 77 78 79 7A 82 83 84 85 86 87
88 89 8A 92 93 94 95 96 97 98 99 9A A2 A3 A4 A5 A6 A7 A8 A9 AA B2 B3 B4 B5 B6 B7 B8 B9 BA C2 C3
C4 C5 C6 C7 C8 C9 CA D2 D3 D4 D5 D6 D7 D8 D9 DA E2 E3 E4 E5 E6 E7 E8 E9 EA F2 F3 F4 F5 F6 F7 F8
F9 FA
"""

_TABLES: dict[str, _Table] = {
    "hpack": _counted(tuple(map(int, _HPACK.split()))),
    # RFC 1951, 3.2.6: 0..143, 144..255, 256..279 and 280..287.
    "deflate-fixed": _counted((8,) * 144 + (9,) * 112 + (7,) * 24 + (8,) * 8),
    "jpeg-dc-luminance": _jpeg(_DC_LUMINANCE, _DC_VALUES),
    "jpeg-dc-chrominance": _jpeg(_DC_CHROMINANCE, _DC_VALUES),
    "jpeg-ac-luminance": _jpeg(_AC_LUMINANCE, _AC_LUMINANCE_VALUES),
    "jpeg-ac-chrominance": _jpeg(_AC_CHROMINANCE, _AC_CHROMINANCE_VALUES),
}

NAMES: tuple[str, ...] = tuple(_TABLES)


def standard(name: str) -> PrefixCode:
    """The standard code called `name`, one of NAMES, its alphabet in the table's own order.

    >>> standard("hpack").codewords[ord("w")].to01(), standard("jpeg-dc-luminance").kraft_sum()
    ('1111000', Fraction(511, 512))
    """
    if name not in _TABLES:
        raise ValueError(f"no standard table is called {name!r}; there are {', '.join(NAMES)}")
    return PrefixCode.from_lengths(*_TABLES[name])
