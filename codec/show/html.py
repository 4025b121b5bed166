"""What the terminal shows, as HTML: the same tables, lines and trees."""

from __future__ import annotations

import io
from collections.abc import Iterable
from html import escape
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Column, Table
from rich.text import Text
from rich.tree import Tree


def as_html(shown: RenderableType) -> str:
    """A renderable of `codec.show` as HTML.

    >>> from codec.show.console import table
    >>> print(as_html(table(("<item", "bits"), [("header", "304")])))
    <table>
    <thead><tr><th class="left">item</th><th>bits</th></tr></thead>
    <tbody><tr><td class="left">header</td><td>304</td></tr></tbody>
    </table>
    """
    if isinstance(shown, Group):
        return "\n".join(as_html(part) for part in shown.renderables)
    if isinstance(shown, Table):
        return _table(shown)
    if isinstance(shown, Tree):
        out = io.StringIO()
        Console(file=out, width=200).print(shown)
        return f"<pre>{escape(out.getvalue().rstrip())}</pre>"
    lines = str(shown).strip("\n")
    if isinstance(shown, Text) and "bold" in str(shown.style):
        return f"<p><b>{escape(lines)}</b></p>" if lines else ""
    return f"<p>{escape(lines)}</p>" if lines else ""


def _table(shown: Table) -> str:
    columns = [column for column in shown.columns if not _is_chart(column)]
    left = [' class="left"' if column.justify == "left" else "" for column in columns]
    parts = ["<table>"]
    if shown.show_header:
        parts.append(f"<thead>{_row('th', left, [column.header for column in columns])}</thead>")
    rows = zip(*(list(column.cells) for column in columns), strict=True)
    parts.append("<tbody>" + "\n".join(_row("td", left, row) for row in rows) + "</tbody>")
    if shown.show_footer:
        parts.append(f"<tfoot>{_row('td', left, [column.footer for column in columns])}</tfoot>")
    return "\n".join([*parts, "</table>"])


def _is_chart(column: Column) -> bool:
    """Whether a column holds bars of block characters, which belong to a terminal."""
    text = "".join(map(str, column.cells)).strip()
    return bool(text) and set(text) <= set("█▏▎▍▌▋▊▉")


def _row(tag: str, left: list[str], cells: Iterable[Any]) -> str:
    found = zip(left, map(str, cells), strict=True)
    return "<tr>" + "".join(f"<{tag}{side}>{escape(cell)}</{tag}>" for side, cell in found) + "</tr>"
