"""A file for people: where its bits went."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from codec.files.container import Header
from codec.measure.ledger import OVERHEAD, PAYLOAD, Ledger
from codec.show.console import bits, percent, table, whole

_EXPLAINED = {
    "fill of the last block": "readings that are not there",
    "raw values of escapes": "readings that have no codeword",
    "header": "what the file is",
    "table": "labels and code lengths",
    "block heads and end": "counts and sizes",
    "lane index": "entry points for decoding in parallel",
    "checksums": "CRC32",
    "padding": "zeros to a whole byte",
    "entropy": "n H: what these readings are worth",
    "rounding to whole bits": "codewords have whole bits",
    "price of this table": "above the best Huffman code for them",
}


_RARE = ("fill of the last block", "raw values of escapes")  # shown only where there are any


def ledger_table(book: Ledger) -> RenderableType:
    """The lines of a ledger, their sum, and what it is compared with."""
    per_reading = max(1, book.count)

    def line(item: str) -> tuple[str, ...]:
        amount = book.lines[item]
        each = bits(amount / per_reading, 5)
        return item, whole(amount), each, percent(amount, book.file_bits, 2), _EXPLAINED[item]

    items = [item for item in (*PAYLOAD, *OVERHEAD) if item not in _RARE or book.lines[item]]
    rows = [line(item) for item in items]
    total = ("file", whole(book.file_bits), bits(book.file_bits / per_reading, 5), "100 %", _size(book))
    return table(("<item", "bits", "per reading", "share", "<"), rows, total)


def _size(book: Ledger) -> str:
    agrees = "=" if abs(sum(book.lines.values()) - book.file_bits) < 1e-6 * max(1, book.file_bits) else "≠"
    return f"the sum {agrees} 8 × {book.file_bits // 8:,} bytes"


def savings(book: Ledger) -> RenderableType:
    """What the file saves against fixed width, and against the original."""
    if not book.count:
        return Text("  No readings: nothing to save.")
    against = {f"fixed width, {book.fixed_width} bits each": book.fixed_width * book.count}
    if book.original_bits:
        against[f"the original, {book.original_bits // 8:,} bytes"] = book.original_bits
    rows = [
        (name, whole(size), percent(size - book.payload_bits, size), percent(size - book.file_bits, size))
        for name, size in against.items()
    ]
    return table(("<against", "bits", "payload saves", "file saves"), rows)


def file_summary(book: Ledger, header: Header, name: str) -> RenderableType:
    """What a file is, in three lines."""
    table_text = f"table {book.fingerprint}, " + ("in the file" if header.table else "not in the file")
    coded = "" if book.coded == "readings" else f", coded as {book.coded}"
    lines = [
        f"{name}: {book.count:,} readings of {book.alphabet_size:,} labels in {book.file_bits // 8:,} bytes{coded}",
        f"version {header.version}, {table_text}, blocks of {header.block_size:,}, lanes of {header.lane_size:,}",
    ]
    if book.count:
        lines.append(f"mean length {bits(book.mean_length)} bits per reading, entropy {bits(book.entropy)}")
    return Text("\n".join(lines))
