"""What stands in a packet beside its codewords, and the saved table that node and gateway share.

    {"kind": "code", ..., "layout": {"transform": "differences", "raw_bits": 16, "count_bits": 0, "check": null,
     "fingerprint": "0123456789abcdef"}}

The fingerprint covers that of the code and the layout, so that equal fingerprints are equal packets.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.canonical import canonical_codewords
from codec.codes.prefix import PrefixCode, as_code
from codec.errors import TableError
from codec.files import tables
from codec.files.made import Made
from codec.nodes.check import CHECKS

MAX_RAW_BITS, MAX_COUNT_BITS, MAX_LABEL_BITS = 32, 16, 62
TRANSFORMS = ("none", "differences")


@dataclass(frozen=True)
class PacketLayout:
    """What stands in a packet beside its codewords.

    Attributes
    ----------
    transform : str
        "none", or "differences": of readings within a packet, of which the first then stands as it is.
    raw_bits : int
        Of a reading that stands as it is: the first of differences, and one behind an escape. Two's complement.
    count_bits : int
        Of the number of readings, at the start; 0 for none.
    check : str or None
        A name of `codec.nodes.check.CHECKS`, at the end.

    Examples
    --------
    >>> PacketLayout("differences", count_bits=5).check_bits
    0
    >>> PacketLayout(raw_bits=40)
    Traceback (most recent call last):
    ValueError: raw_bits is a number of bits from 1 to 32, not 40
    """

    transform: str = "none"
    raw_bits: int = 16
    count_bits: int = 0
    check: str | None = None

    def __post_init__(self) -> None:
        if self.transform not in TRANSFORMS:
            raise ValueError(f"transform is one of {', '.join(TRANSFORMS)}, not {self.transform!r}")
        for name, least, most in (("raw_bits", 1, MAX_RAW_BITS), ("count_bits", 0, MAX_COUNT_BITS)):
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise ValueError(f"{name} is a number of bits from {least} to {most}, not {value!r}")
        if self.check is not None and self.check not in [*CHECKS]:
            raise ValueError(f"check is one of {', '.join(CHECKS)}, or None, not {self.check!r}")

    @property
    def check_bits(self) -> int:
        """Bits of the check."""
        return 0 if self.check is None else CHECKS[self.check].bits

    @property
    def differences(self) -> bool:
        """Whether differences are coded."""
        return self.transform == "differences"


@dataclass(frozen=True, eq=False)
class NodeTable:
    """A code and the layout of its packets: what a node and its gateway share.

    >>> table = NodeTable(PrefixCode.from_lengths([-1, 0, 1], [2, 1, 2]), PacketLayout("differences"))
    >>> table.largest(24), table.fingerprint
    (8, '27a19a1856c9bad9')
    """

    code: PrefixCode
    layout: PacketLayout = PacketLayout()

    @cached_property
    def fingerprint(self) -> str:
        """The first 64 bits of SHA-256 over the code's fingerprint and the layout, in hexadecimal."""
        text = " ".join([self.code.fingerprint, *map(str, asdict(self.layout).values())])
        return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]

    @cached_property
    def words(self) -> NDArray[Any]:
        """All codewords as numbers, the escape's last."""
        return canonical_codewords(self.code.all_lengths)

    @cached_property
    def _sorted(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        values = self.code.alphabet.values.astype(np.int64)
        order = np.argsort(values, kind="stable")
        return values[order], order

    def find(self, values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The symbols of whole multiples of the step, and which have none; of a code over ints."""
        keys, order = self._sorted
        rank = np.minimum(np.searchsorted(keys, values), len(keys) - 1)
        return order[rank], keys[rank] != values

    @cached_property
    def decoding(self) -> tuple[list[int], list[int], list[int], list[int]]:
        """For each codeword in canonical order, what a window as wide as the longest one shows of it.

        The window that it begins, all zeros behind it; the bits behind it; its symbol. And the value of each symbol:
        of an int its multiple of the step, of others the symbol itself.
        """
        lengths, alphabet = self.code.all_lengths, self.code.alphabet
        used = np.flatnonzero(lengths)
        order = used[np.argsort(lengths[used], kind="stable")]
        shifts = (lengths.max() - lengths[order]).tolist()
        words = self.words[order].tolist()
        starts = [word << shift for word, shift in zip(words, shifts, strict=True)]
        values = alphabet.values.tolist() if alphabet.kind == "int" else list(range(len(alphabet)))
        return starts, shifts, order.tolist(), values

    @cached_property
    def longest(self) -> int:
        """The most bits that a reading can take, but for the first one of differences."""
        escaped = self.code.escape_length + self.layout.raw_bits if self.code.has_escape else 0
        return max(int(self.code.lengths.max()), escaped)

    def largest_bits(self, count: int) -> int:
        """Bits that no so many readings exceed, count and check left out."""
        first = self.layout.raw_bits if self.layout.differences and count else 0
        return first + (count - (first > 0)) * self.longest

    def largest(self, count: int) -> int:
        """Bytes that no packet of so many readings exceeds."""
        return (self.layout.count_bits + self.largest_bits(count) + 7 >> 3) + self.layout.check_bits // 8


def parse_layout(text: str) -> PacketLayout:
    """A layout as it is given at the command line: words and numbers of bits; check=8 and check=16 are the CRCs.

    >>> parse_layout("delta,raw=12,count=5,check=8")
    PacketLayout(transform='differences', raw_bits=12, count_bits=5, check='CRC-8/AUTOSAR')
    >>> parse_layout("usual") == PacketLayout()
    True
    """
    fields: dict[str, Any] = {}
    checks = {str(check.bits): name for name, check in CHECKS.items()}
    wrong = ValueError(f"a layout is usual, or some of delta,raw=16,count=5,check=8, and not {text!r}")
    parts = [part.partition("=") for part in text.split(",")]
    if len({name for name, _, _ in parts}) < len(parts):
        raise wrong
    for name, given, value in parts:
        if (name, given) == ("delta", ""):
            fields["transform"] = "differences"
        elif name in ("raw", "count") and value.isascii() and value.isdigit() and len(value) < 4:
            fields[f"{name}_bits"] = int(value)
        elif name == "check" and value in checks:
            fields["check"] = checks[value]
        elif (name, given) != ("usual", ""):
            raise wrong
    return PacketLayout(**fields)


def node_table(code: Any, layout: PacketLayout | None = None) -> NodeTable:
    """A table with a layout: itself, or a code (or what `huffman` makes one of) with this layout or the usual one."""
    if layout is not None and not isinstance(layout, PacketLayout):
        raise TypeError(f"a layout is a PacketLayout, not {type(layout).__name__}")
    if isinstance(code, NodeTable) and layout is None:
        return code
    code = code.code if isinstance(code, NodeTable) else as_code(code)
    if code.alphabet.kind == "tuple":
        raise ValueError("a packet holds codewords of single readings, and this code has several readings in each")
    values = code.alphabet.values
    if code.alphabet.kind == "int" and max(abs(int(values.max())), abs(int(values.min()))) >> MAX_LABEL_BITS:
        raise ValueError(f"numbers in packets have at most {MAX_LABEL_BITS} bits, and a label here has more")
    of = code.singles.of  # what the code says of itself
    layout = layout or PacketLayout("none" if of is None else of.name)
    if of is not None and of.name != layout.transform:
        raise ValueError(f"the code is over {of.name}, and the layout says {layout.transform}")
    if layout.differences and code.alphabet.kind != "int":
        raise ValueError(f"differences are of whole multiples of a step, and the labels are {code.alphabet.kind}")
    return NodeTable(code, layout)


def of_one_packet(tables: list[NodeTable]) -> list[NodeTable]:
    """The tables of channels that share a packet; TableError if they do not agree in the count and the check."""
    if len({(table.layout.count_bits, table.layout.check) for table in tables}) > 1:
        raise TableError("the channels of a packet have one count and one check, and these layouts differ in them")
    return tables


def dumps(table: NodeTable, made: Made | None = None) -> str:
    """A saved code, as `codec.files.tables.dumps` makes it, with its layout."""
    layout = json.dumps({**asdict(table.layout), "fingerprint": table.fingerprint})
    return tables.dumps(table.code, made).removesuffix("\n}\n") + f',\n  "layout": {layout}\n}}\n'


def load(path: str | os.PathLike[str]) -> NodeTable:
    """Read a saved table with its layout; one without has 16 raw bits, no count and no check.

    Raises
    ------
    TableError
        If it is no table, or its fingerprint is that of another.
    """
    code = tables.load(path)
    with open(path, "rb") as file:
        fields = json.loads(file.read())  # which `tables.load` has read before
    try:
        return _with_layout(code, fields)
    except (TableError, ValueError, TypeError) as error:
        raise TableError(f"{path}: {error}") from None


def _with_layout(code: Any, fields: dict[str, Any]) -> NodeTable:
    found, transform = fields.get("layout", {}), fields.get("transform", PacketLayout.transform)
    if not isinstance(found, dict) or not set(found) <= {*asdict(PacketLayout()), "fingerprint"}:
        raise TableError(f'"layout" is an object with some of {", ".join(asdict(PacketLayout()))} and its fingerprint')
    values = {"transform": transform, **found}
    claimed = values.pop("fingerprint", None)
    if "transform" in fields and values["transform"] != transform:
        raise TableError(f"the table is of {transform}, and its layout says {values['transform']}")
    table = node_table(code, PacketLayout(**values))
    if claimed is not None and claimed != table.fingerprint:
        raise TableError(
            f"the fingerprint of its layout should be {table.fingerprint}, and it says {claimed}: it has been changed"
        )
    return table
