"""A table and its packets as one header of C99: the text of table.h, with the numbers of the table.

Constants are, for the codewords, one of

    codewords   an entry for each symbol, of 16 bits where they fit: a 1 and the codeword behind it; to decode, the
                symbols in canonical order. A reading is looked up at once
    lengths     half a byte for each symbol, or one where codewords exceed 15 bits; or a byte, or two, for each run of
                2^w symbols of one length, as those of an interval code are. Whichever is less. The node makes the
                canonical code from them, with a search for each reading; the codewords of a run are consecutive

and how many codewords there are of each length. Labels that leave few holes are numbered from the least one, with an
entry for each hole; others are stored, and found by halving.
"""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codec.codes.canonical import canonical_codewords
from codec.errors import counted
from codec.nodes.check import CHECKS
from codec.nodes.layout import NodeTable
from codec.nodes.packet import joined, words_of
from codec.theory.alphabet import kind_text
from codec.theory.gaps import shown_spellings
from codec.theory.labels import Labels

_LONGEST_ENTRY = 31  # bits of a codeword that fits 32 with the 1 before it
_TEST_READINGS = 16


class Exported(NamedTuple):
    """A header of C, the bytes of its constants, and how they hold the codewords."""

    text: str
    bytes: int
    how: str


class _Array(NamedTuple):
    kind: str  # in C
    name: str
    values: list[int]

    @property
    def bytes(self) -> int:
        return len(self.values) * int(self.kind.strip("uint_")) // 8


def export_c(table: NodeTable, name: str = "table", small: bool = False) -> Exported:
    """The header of a table; `small` stores lengths alone.

    Parameters
    ----------
    table : NodeTable
    name : str
        What its functions and macros begin with, in small and in capital letters.
    small : bool

    Raises
    ------
    ValueError
        If labels are no integers of 32 bits, or their order is not that of numbers where lengths alone are stored; if
        `name` is no name in C.

    Examples
    --------
    >>> from codec.codes.prefix import PrefixCode
    >>> from codec.nodes.layout import node_table
    >>> made = export_c(node_table(PrefixCode.from_lengths([-1, 0, 1], [2, 1, 2])), "steps")
    >>> made.bytes, made.how
    (12, 'codewords of 16 bits, labels from -1 on')
    >>> "static inline int32_t steps_encode(" in made.text
    True
    """
    if not isinstance(name, str) or not re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,39}", name):
        raise ValueError(f"a name in C is up to 40 letters, digits and _, and begins with a letter; not {name!r}")
    code, layout = table.code, table.layout
    if code.alphabet.kind != "int":
        raise ValueError(
            f"a node codes integers of 32 bits, and the labels are of kind {kind_text(code.alphabet)}: "
            "number them, or round them to a grid"
        )
    for label, shown in zip(code.alphabet.values.tolist(), shown_spellings(code.alphabet), strict=True):
        if abs(label) >> 31:
            raise ValueError(
                f"a node codes integers of 32 bits, and one of the labels is {shown}: make a table of readings without"
            )
    order = np.argsort(code.alphabet.values, kind="stable")
    labels, escaped = code.alphabet.values[order].astype(np.int64), int(code.has_escape)
    ascending, longest = bool((np.diff(order) > 0).all()), int(code.all_lengths.max())
    if not small and longest > _LONGEST_ENTRY:
        way = (
            "store lengths alone"
            if ascending
            else f"make a table of readings with a greatest length of {_LONGEST_ENTRY}"
        )
        raise ValueError(f"codewords have up to {longest} bits, and entries of 32 hold {_LONGEST_ENTRY}: {way}")
    if small and not ascending:
        raise ValueError(
            "lengths alone give a canonical code of ascending labels, and these are in another order: store codewords"
        )
    entry_bytes = _entry_bits(small, longest) / 8
    low, high = int(labels[0]), int(labels[-1])
    signed = _signed(labels.tolist())
    searched = len(labels) * (entry_bytes + int(signed.strip("int_")) / 8) < (high - low + 1) * entry_bytes
    places = np.arange(len(labels)) if searched else labels - low  # of labels among the symbols
    symbols = len(labels) if searched else high - low + 1
    if symbols + escaped >= 1 << 16:
        raise ValueError(f"symbols are numbered in 16 bits, and there are {symbols:,}: leave out rare labels")
    lengths = np.zeros(symbols + escaped, np.int64)
    lengths[places] = code.lengths[order]
    lengths[symbols:] = code.escape_length
    moved = np.full(len(code.all_lengths), symbols)  # the symbol on the node of each of the code's own
    moved[order] = places
    runs = _runs(lengths.tolist()) if small else []
    half = 4 if max(longest, *(width for _, width in runs), 0) < 16 else 8
    by_runs = small and len(runs) * half < len(lengths) * _entry_bits(small, longest) // 2
    if by_runs:
        entries = [length << half | width for length, width in runs]
        arrays = [_Array("uint8_t" if half == 4 else "uint16_t", "intervals", entries)]
    else:
        arrays = _codewords(code.all_lengths, lengths, moved, small)
    counts = np.bincount(lengths, minlength=longest + 1)
    counts[0] = 0
    arrays.append(_Array(_unsigned(int(counts.max())), "counts", counts.tolist()))
    if searched:
        arrays.append(_Array(signed, "labels", labels.tolist()))
    size = sum(array.bytes for array in arrays)
    how = ("lengths alone, " if small else "codewords of ") + f"{_entry_bits(small, longest)} bits, "
    how = f"lengths of {counted(len(runs), 'run')} alone, {2 * half} bits, " if by_runs else how
    how += f"{len(labels):,} labels" if searched else f"labels from {low} on"
    readings = _test_readings(table)
    packet = joined([words_of(Labels("int", readings, code.alphabet.step), table)], [table])[0]
    bounds = [low, high] if not layout.differences else []
    bounds += [-1 << layout.raw_bits - 1, (1 << layout.raw_bits - 1) - 1] * (layout.differences or code.has_escape)
    reading = _signed([*bounds, 1 << 8])
    wide = layout.raw_bits > 30 or abs(labels).max() >> 30
    check = CHECKS.get(layout.check or "")
    tests = [_Array(reading, "test_readings", readings.tolist()), _Array("uint8_t", "test_packet", [*packet])]
    about = f"{counted(int(np.count_nonzero(code.lengths)), 'label')}, up to {counted(longest, 'bit')}"
    values = {
        "name": name.lower(),
        "NAME": name.upper(),
        "fingerprint": table.fingerprint,
        "code_fingerprint": code.fingerprint,
        "about": about + f", an escape of {code.escape_length} bits" * escaped,
        "step": code.alphabet.step,
        "bytes": size,
        "how": how,
        "symbols": len(lengths),
        "has_escape": escaped,
        "max_length": longest,
        "differences": int(layout.differences),
        "raw_bits": layout.raw_bits,
        "count_bits": layout.count_bits,
        "check_bits": layout.check_bits,
        "check": layout.check,
        "polynomial": hex(check.polynomial) if check else 0,
        "initial": hex(check.initial) if check else 0,
        "final": hex(check.final) if check else 0,
        "longest": table.longest,
        "reading": reading,
        "value": "int64_t" if wide else "int32_t",
        "word": "uint16_t" if longest <= 15 else "uint32_t",
        "label": signed,
        "low": low,
        "high": high,
        "searched": int(searched),
        "small": int(small),
        "runs": int(by_runs),
        "run": "uint8_t" if half == 4 else "uint16_t",
        "run_half": half,
        "test_count": len(readings),
        "arrays": "\n".join(_in_c(name.lower(), array) for array in [*arrays, *tests]),
    }
    template = files("codec.nodes").joinpath("table.h").read_text("ascii")
    return Exported(re.sub("@([A-Za-z_]+)@", lambda match: str(values[match[1]]), template), size, how)


def _entry_bits(small: bool, longest: int) -> int:
    """Bits of what is stored for a symbol."""
    if small:
        return 4 if longest < 16 else 8
    return 16 if longest < 16 else 32


def _codewords(
    own: NDArray[np.int64], lengths: NDArray[np.int64], moved: NDArray[np.int64], small: bool
) -> list[_Array]:
    """The arrays of codewords or of lengths; `own` are the lengths in the order of the code."""
    if small:
        if lengths.max() > 15:
            return [_Array("uint8_t", "lengths", lengths.tolist())]
        pairs = np.pad(lengths, (0, len(lengths) % 2)).reshape(-1, 2)
        return [_Array("uint8_t", "lengths", (pairs[:, 0] << 4 | pairs[:, 1]).tolist())]
    used = np.flatnonzero(own)
    entries = np.zeros(len(lengths), np.int64)
    entries[moved[used]] = (1 << own[used]) | canonical_codewords(own).astype(np.int64)[used]
    ranked = moved[used[np.argsort(own[used], kind="stable")]]
    return [
        _Array(f"uint{_entry_bits(small, int(own.max()))}_t", "codewords", entries.tolist()),
        _Array(_unsigned(len(lengths) - 1), "order", ranked.tolist()),
    ]


def _runs(lengths: list[int]) -> list[tuple[int, int]]:
    """Runs of 2^w equal lengths, as (length, w): the largest of a stretch first.

    >>> _runs([5, 5, 5, 2])
    [(5, 1), (5, 0), (2, 0)]
    """
    found = []
    for length, same in groupby(lengths):
        left = len(list(same))
        while left:
            width = left.bit_length() - 1
            found.append((length, width))
            left -= 1 << width
    return found


def _unsigned(most: int) -> str:
    return "uint8_t" if most < 1 << 8 else "uint16_t"


def _signed(values: list[int]) -> str:
    """The smallest type that holds them all."""
    return next(f"int{bits}_t" for bits in (8, 16, 32) if all(-1 << bits - 1 <= v < 1 << bits - 1 for v in values))


def _test_readings(table: NodeTable) -> NDArray[np.int64]:
    """Readings for the self-test: rare labels and frequent ones, and an escape if there is one."""
    code, layout = table.code, table.layout
    used = np.flatnonzero(code.lengths)
    used = used[np.argsort(code.lengths[used], kind="stable")]
    chosen = code.alphabet.values[used[np.linspace(0, len(used) - 1, _TEST_READINGS // 2).astype(int)]].astype(np.int64)
    bound, most = 1 << layout.raw_bits - 1, (1 << layout.count_bits) - 1 if layout.count_bits else 1 << 16
    if not layout.differences:
        raw = [bound - 1, -bound] if code.has_escape else []
        return np.array([*chosen.tolist(), *raw, *chosen[::-1].tolist()][:most])
    readings, words = [0], code.codewords
    for change in chosen.tolist():
        for step in (change, -change):  # there and back, where both can be packed
            if -bound <= readings[-1] + step < bound and (step in words or code.has_escape):
                readings.append(readings[-1] + step)
    return np.array(readings[:most])


def _in_c(name: str, array: _Array) -> str:
    """An array as C writes it."""
    lines, line = [], "   "
    for value in array.values:
        text = f" {value},"
        if len(line) + len(text) > 100:
            lines.append(line)
            line = "   "
        line += text
    body = "\n".join([*lines, line])
    return f"CODEC_TABLE {array.kind} {name}_{array.name}[{len(array.values)}] = {{\n{body}\n}};"
