"""What one table costs over an array, for people: in all, chunk by chunk, and beside other numbers of tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from codec.arrays.measure import ArrayAudit, ChunkPrice
from codec.arrays.stored import Stored
from codec.errors import counted
from codec.measure.ledger import fixed_width
from codec.show.as_json import as_json
from codec.show.audit import split_table
from codec.show.console import bits, label_text, percent, shortened, table, whole
from codec.show.ledger import ledger_report

DEAREST = 10  # chunks shown


def place_text(place: Sequence[int]) -> str:
    """The place of a chunk in the grid.

    >>> place_text((3, 4))
    '3, 4'
    """
    return ", ".join(map(str, place))


def array_audit_report(audit: ArrayAudit, array: str, code: str) -> RenderableType:
    """The whole audit of an array."""
    readings = f"{array}: {counted(audit.count, 'reading')} in {grid_text(audit.grid)}"
    return Group(
        Text(f"{where(audit)};\n{verdict(audit)}.", style="bold"),
        Text(f"{readings}, {audit.unseen:,} of them without a codeword in {code}"),
        *_parts(audit),
    )


def array_report(audit: ArrayAudit, stored: Stored, array: str) -> RenderableType:
    """What an array is, how it is stored, and what its own table costs; the ledger of its chunks, if they have one."""
    labels, each = len(audit.distribution), 8 * stored.stored_bytes / audit.count
    shards = "" if stored.shard_shape is None else f", shards of {_shape(stored.shard_shape)}"
    lines = [
        f"{array}: {counted(audit.count, 'reading')} of {stored.dtype}, {labels:,} of them different, "
        f"in {grid_text(audit.grid)} of {_shape(stored.chunk_shape)}{shards}",
        f"stored in {counted(stored.stored_bytes, 'byte')} by {', '.join(stored.codecs)}, metadata included: "
        f"{bits(each)} bits a reading",
    ]
    book = stored.ledger
    if book is None:
        return Group(Text("\n".join(lines)), *_parts(audit))
    filled = book.count - audit.count
    book = replace(book, alphabet_size=labels, fixed_width=fixed_width(labels))
    what = f"where every bit of the chunks went; entropy is that of {book.coded} within each"
    title = Text(
        f"\n{what}, {counted(filled, 'reading')} of fill at the edges among them" if filled > 0 else f"\n{what}"
    )
    return Group(Text("\n".join(lines)), title, ledger_report(book), *_parts(audit))


def _shape(shape: Sequence[int]) -> str:
    return " × ".join(f"{length:,}" for length in shape)


def _parts(audit: ArrayAudit) -> list[RenderableType]:
    parts: list[RenderableType] = []
    missing = audit.whole.missing
    if missing is not None and audit.shared_bits is None:
        which = f"{missing.labels:,} of {counted(len(audit.distribution), 'different reading')} have no codeword"
        often = f"most often {shortened(label_text(missing.first))}"
        parts.append(Text(f"∞: {which}, {often}: make a table with --escape"))
    if audit.coded != "readings":
        parts.append(Text(f"readings are coded as {audit.coded} within their chunk, and so are all figures"))
    parts += [Text("\nwhat a reading costs, in bits"), _costs(audit)]
    if audit.split is not None and not audit.is_own:
        parts += [Text("\nwhere the extra bits come from, exactly"), split_table(audit.split, audit.coded)]
    which = "a fresh table for all" if audit.is_own else "the shared table"
    parts += [Text(f"\n{which} by chunk, the dearest first"), _chunks(audit)]
    return [*parts, Text("\nhow many tables, each but the shared one fitted to these very readings"), _tables(audit)]


def grid_text(grid: Sequence[int]) -> str:
    """The number of chunks, and along each axis.

    >>> grid_text((2, 3)), grid_text((4,))
    ('6 chunks (2 × 3)', '4 chunks')
    """
    along = f" ({' × '.join(map(str, grid))})" if len(grid) > 1 else ""
    return counted(math.prod(grid), "chunk") + along


def where(audit: ArrayAudit) -> str:
    """In which chunk the shared table costs most."""
    dearest, extra = audit.dearest, sum(chunk.extra_bits for chunk in audit.chunks)
    if math.isinf(dearest.extra_bits):
        unable = sum(math.isinf(chunk.extra_bits) for chunk in audit.chunks)
        return f"the shared table cannot code {counted(unable, 'chunk')}, the first {place_text(dearest.place)}"
    if dearest.extra_bits <= 0:
        return "the shared table costs nothing above a code for each chunk"
    share = percent(dearest.extra_bits, extra)
    price = f"{bits(dearest.expected_extra)} bits a reading, {share} of all extra bits"
    return f"the shared table costs most in chunk {place_text(dearest.place)}: {price}"


def verdict(audit: ArrayAudit) -> str:
    """Whether other tables would be cheaper than the shared one."""
    best, now = audit.cheapest, None if audit.shared_bits is None else audit.shared_bits + audit.shared_table_bits
    one = "a fresh table" if best.tables == 1 else f"{best.tables:,} tables"
    if now is None:
        return f"{one} would take {bits(best.bits / audit.count)} bits a reading"
    if best.bits >= now:
        return "no other number of tables is cheaper"
    return f"{one} would be cheaper, by {percent(now - best.bits, now, 2)}"


def _costs(audit: ArrayAudit) -> RenderableType:
    price, best = audit.whole, audit.tables[-1]
    rows = [
        (
            "entropy within chunks, the mean",
            bits(audit.chunk_entropy),
            "no code for single readings of a chunk is below",
        ),
        ("entropy of all", bits(price.entropy), "more by what a chunk tells of its readings"),
        (
            "a table for each chunk",
            bits(best.payload_bits / audit.count),
            f"tables {bits(best.table_bits / audit.count)}",
        ),
        ("a fresh table for all", bits(price.own_expected_length), ""),
    ]
    if not audit.is_own:
        predicted = f"D(p‖r) = {bits(price.kl_prediction)}, r = 2^−l / K"
        rows.append(("the shared table", bits(price.expected_length), predicted))
        rows.append(("extra: shared − fresh", bits(price.expected_extra), ""))
    return table(("<", "", "<"), rows)


def _chunks(audit: ArrayAudit) -> RenderableType:
    dearest = sorted(audit.chunks, key=lambda chunk: (-chunk.price_bits, -chunk.unseen / chunk.count))
    rows = [_row(chunk) for chunk in dearest[:DEAREST]]
    extra, saved = (sum(getattr(c, name) for c in audit.chunks) for name in ("extra_bits", "table_bits"))
    total = ("all", whole(audit.count), "", "", "", "", _bits(extra), whole(saved), _bits(extra - saved))
    columns = ("<chunk", "readings", "entropy", "KL", "extra", "rounding", "extra bits", "table saved", "price")
    left = len(dearest) - DEAREST
    parts: list[RenderableType] = [table(columns, rows, total)]
    if left > 0:
        parts.append(Text(f"... and {left:,} more: --json has all of them"))
    parts.append(
        Text(
            "KL is D(p‖r), the prediction; extra is E[l_q] − E[l_p], exact; rounding is what separates them.\n"
            "price = extra bits − the chunk's own table, which sharing saves: below 0, sharing pays."
        )
    )
    if any(math.isinf(chunk.kl_prediction) > math.isinf(chunk.expected_extra) for chunk in audit.chunks):
        parts.append(Text("KL is ∞ and extra is not where readings have no codeword but the escape."))
    return Group(*parts)


def _row(chunk: ChunkPrice) -> tuple[str, ...]:
    lengths = (chunk.entropy, chunk.kl_prediction, chunk.expected_extra, chunk.rounding_difference)
    totals = (_bits(chunk.extra_bits), whole(chunk.table_bits), _bits(chunk.price_bits))
    return place_text(chunk.place), whole(chunk.count), *map(bits, lengths), *totals


def _bits(number: float) -> str:
    return "∞" if math.isinf(number) else whole(round(number))


def _tables(audit: ArrayAudit) -> RenderableType:
    count, best = audit.count, audit.cheapest
    shared = audit.shared_bits
    rows: list[tuple[str, ...]] = []
    if audit.is_own:
        pass
    elif shared is None:
        rows.append(("the shared table", "∞", whole(audit.shared_table_bits), "0", "∞", ""))
    else:
        all_bits = shared + audit.shared_table_bits
        each = bits(all_bits / count, 5)
        rows.append(("the shared table", whole(shared), whole(audit.shared_table_bits), "0", each, ""))
    for one in audit.tables:
        name = "1 fresh table" if one.tables == 1 else f"{one.tables:,} tables"
        name = name if one is not audit.tables[-1] else "a table a chunk"
        sizes = (one.payload_bits, one.table_bits, one.naming_bits)
        mark = "the least" if one is best else ""
        rows.append((name, *map(whole, sizes), bits(one.bits / count, 5), mark))
    return table(("<", "payload bits", "table bits", "which table", "a reading", "<"), rows)


def array_json(audit: ArrayAudit) -> dict[str, Any]:
    """What `--json` prints of it: an infinity is null, and `infinite` tells of it."""
    fields = as_json(audit)
    for chunk, row in zip(audit.chunks, fields["chunks"], strict=True):
        row |= {"extra_bits": as_json(chunk.extra_bits), "infinite": math.isinf(chunk.kl_prediction)}
    for one, row in zip(audit.tables, fields["tables"], strict=True):
        row["bits"] = one.bits
    return fields  # type: ignore[no-any-return]
