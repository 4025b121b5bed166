"""The columns of one file side by side: what each costs, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType

from codec.coding.writing import Written
from codec.show.console import percent, table, whole


@dataclass(frozen=True)
class Column:
    """A column that was coded, or the reason why it was not.

    Attributes
    ----------
    name : str
    written : Written or None
    output : str or None
        The file that was written.
    chosen : str or None
        The way of coding, if several were tried.
    why_not : str or None
    """

    name: str
    written: Written | None
    output: str | None
    chosen: str | None
    why_not: str | None = None


def columns_table(columns: Sequence[Column]) -> RenderableType:
    """A row for each column that was coded, and their sum; a line for each that was not."""
    coded = [(each, each.written) for each in columns if each.written is not None]
    chosen = any(each.chosen is not None for each in columns)
    rows = [
        (each.name, *_sizes(one.count, one.file_bytes, one.original_bytes), *[each.chosen or ""] * chosen)
        for each, one in coded
    ]
    count, size, before = (
        sum(getattr(one, name) for _, one in coded) for name in ("count", "file_bytes", "original_bytes")
    )
    headings = ("<column", "readings", "bytes", "bits a reading", "of the original", *["<coded as"] * chosen)
    total = ("in all", *_sizes(count, size, before), *[""] * chosen)
    reasons = [f"{each.name}: {each.why_not}" for each in columns if each.why_not is not None]
    return Group(*[table(headings, rows, total)] if coded else [], *reasons)


def _sizes(count: int, size: int, before: int) -> tuple[str, str, str, str]:
    mean = f"{8 * size / count:.4f}" if count else "–"
    return whole(count), whole(size), mean, percent(size, before) if before else "–"


def columns_json(columns: Sequence[Column]) -> dict[str, Any]:
    """The same under stable keys; null for what does not exist."""
    return {
        "columns": [
            {
                "column": each.name,
                "count": each.written and each.written.count,
                "file_bytes": each.written and each.written.file_bytes,
                "original_bytes": each.written and each.written.original_bytes,
                "output": each.output,
                "chosen": each.chosen,
                "why_not": each.why_not,
            }
            for each in columns
        ]
    }
