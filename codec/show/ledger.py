"""A file for people: where its bits went."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from codec.coding.step import File
from codec.errors import counted
from codec.files.container import VERSION_SHORT
from codec.measure.ledger import PAYLOAD, Ledger
from codec.measure.overhead import OVERHEAD
from codec.show.console import bits, percent, table, whole

_EXPLAINED = {
    "fill of the last block": "readings that are not there",
    "raw values of escapes": "readings that have no codeword",
    "header": "what the file is",
    "table": "labels and code lengths",
    "ranked labels": "what ranks are places among",
    "prediction": "weights, of the readings before",
    "block heads and end": "counts and sizes",
    "lane index": "entry points for decoding in parallel",
    "checksums": "CRC32",
    "padding": "zeros to a whole byte",
    "entropy": "n H: what these readings are worth",
    "rounding to whole bits": "codewords have whole bits",
    "price of this table": "above the best Huffman code for them",
}


_RARE = (
    "fill of the last block",
    "raw values of escapes",
    "ranked labels",
    "prediction",
)  # shown only where there are any


def ledger_table(book: Ledger) -> RenderableType:
    """The lines of a ledger, their sum, and what it is compared with."""
    per_reading = max(1, book.count)

    def line(item: str) -> tuple[str, ...]:
        amount = book.lines[item]
        each = bits(amount / per_reading, 5)
        worth = f"n H of {named(book)}" if item == "entropy" and book.coded != "readings" else _EXPLAINED[item]
        return item, whole(amount), each, percent(amount, book.file_bits, 2), worth

    items = [item for item in (*PAYLOAD, *OVERHEAD) if item not in _RARE or book.lines[item]]
    rows = [line(item) for item in items]
    total = ("file", whole(book.file_bits), bits(book.file_bits / per_reading, 5), "100 %", _size(book))
    return table(("<item", "bits", "per reading", "share", "<"), rows, total)


def _size(book: Ledger) -> str:
    agrees = "=" if abs(sum(book.lines.values()) - book.file_bits) < 1e-6 * max(1, book.file_bits) else "≠"
    return f"the sum {agrees} 8 × {counted(book.file_bits // 8, 'byte')}"


def savings(book: Ledger) -> RenderableType:
    """What the file saves against fixed width, and against the original."""
    if not book.count:
        return Text("No readings: nothing to save.")
    against = {f"fixed width, {counted(book.fixed_width, 'bit')} each": book.fixed_width * book.count}
    if book.original_bits:
        against[f"the original, {counted(book.original_bits // 8, 'byte')}"] = book.original_bits
    rows = [
        (name, whole(size), percent(size - book.payload_bits, size), percent(size - book.file_bits, size))
        for name, size in against.items()
    ]
    return table(("<against", "bits", "payload saves", "file saves"), rows)


def ledger_report(book: Ledger) -> RenderableType:
    """The lines of a ledger, and what is saved."""
    return Group(ledger_table(book), "", savings(book))


def summary(book: Ledger, name: str, about: str = "") -> RenderableType:
    """What a file is, in two lines; and a line `about` it between them."""
    readings, size = counted(book.count, "reading"), counted(book.file_bits // 8, "byte")
    coded = "" if book.coded == "readings" else f", coded as {book.coded}"
    gaps = f", {counted(book.gaps, 'of them a gap', 'of them gaps')}," * bool(book.gaps)
    lines = [f"{name}: {readings}{gaps} of {counted(book.alphabet_size, 'label')} in {size}{coded}", about]
    if book.count:
        worth = f"entropy of the {named(book)} {bits(book.lines['entropy'] / book.count)}"
        lines.append(f"mean length {bits(book.mean_length)} bits per reading, {worth}")
    return Text("\n".join(filter(None, lines)))


def file_summary(book: Ledger, file: File, name: str) -> RenderableType:
    """What a file is, in three lines."""
    header, version = file.header, VERSION_SHORT if file.short else file.header.version
    table_text = f"table {book.fingerprint}, " + ("in the file" if header.table else "not in the file")
    sizes = f"blocks of {header.block_size:,}, lanes of {header.lane_size:,}"
    return summary(book, name, f"version {version}, {table_text}, {sizes}")


def named(book: Ledger) -> str:
    """What codewords stand for, so that an entropy says of what it is."""
    return book.coded.replace("in context", "given the one before")
