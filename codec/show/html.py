"""What the terminal shows, as HTML: the same tables, lines and trees."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from html import escape

from rich.console import Console, Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from codec.show.fitted import Fitted


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
    if isinstance(shown, Fitted):
        return _table(shown)
    if isinstance(shown, Tree):
        out = io.StringIO()
        Console(file=out, width=200).print(shown)
        return f"<pre>{escape(out.getvalue().rstrip())}</pre>"
    lines = str(shown).strip("\n")
    if isinstance(shown, Text) and "bold" in str(shown.style):
        return f"<p><b>{escape(lines)}</b></p>" if lines else ""
    return f"<p>{escape(lines)}</p>" if lines else ""


def _table(shown: Fitted) -> str:
    columns = [place for place in range(len(shown.columns)) if not _is_chart(row[place] for row in shown.rows)]
    left = [' class="left"' if shown.columns[place].startswith("<") else "" for place in columns]

    def row(tag: str, cells: Sequence[str]) -> str:
        chosen = zip(left, (cells[place].removeprefix("<") for place in columns), strict=True)
        return "<tr>" + "".join(f"<{tag}{side}>{escape(cell)}</{tag}>" for side, cell in chosen) + "</tr>"

    head = f"<thead>{row('th', shown.columns)}</thead>\n" if any(title.strip("<") for title in shown.columns) else ""
    foot = f"<tfoot>{row('td', shown.total)}</tfoot>\n" if shown.total else ""
    return f"<table>\n{head}<tbody>{chr(10).join(row('td', cells) for cells in shown.rows)}</tbody>\n{foot}</table>"


def _is_chart(cells: Iterable[str]) -> bool:
    """Whether a column holds bars of block characters, which belong to a terminal."""
    text = "".join(cells).strip()
    return bool(text) and set(text) <= set("█▏▎▍▌▋▊▉")
