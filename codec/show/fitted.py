"""A table that fits its terminal without cutting a number or a heading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

STYLES = ("blue", "yellow", "green", "magenta", "cyan", "red")
_GAP = 3  # characters between two columns
_LEAST_NAME = 24  # narrower than this the first column is not made,
_LEAST_REMARK = 20  # nor is a last column without a title, which holds remarks


@dataclass(frozen=True)
class Fitted:
    """Columns of text; one whose title starts with "<" is aligned to the left, the others to the right.

    Where there is too little room, names, remarks and titles are wrapped between words. In a terminal where that is
    not enough, the last columns are left out, and a line below says which; anywhere else the table is wider then.
    The cells of the column `coloured` have a colour each.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] | None = None
    coloured: int | None = None

    def __rich_console__(self, screen: Console, options: ConsoleOptions) -> RenderResult:
        natural, least = zip(*map(self._widths, range(len(self.columns))), strict=True)
        needed = _with_gaps(natural)
        room, shown = options.max_width, len(natural)
        while screen.file.isatty() and shown > 1 and _with_gaps(least[:shown]) > room:
            shown -= 1
        spare, widths = room - _with_gaps(least[:shown]), []
        for most, width in zip(natural[:shown], least, strict=False):
            widths.append(min(most, width + max(0, spare)))
            spare -= widths[-1] - width
        yield self._table(widths)
        if shown < len(natural):
            names = ", ".join(title.strip("<") or "remarks" for title in self.columns[shown:])
            yield Text(f"No room for: {names}. The whole table is {needed} characters wide.")

    def _widths(self, place: int) -> tuple[int, int]:
        """The natural width of a column, and the least that it may be made."""
        title = self.columns[place].removeprefix("<")
        cells = [row[place] for row in [*self.rows, *([self.total] if self.total else [])]]
        widest = max(map(cell_len, cells), default=0)
        whole = max(cell_len(title), widest)
        if place == 0:
            widest = min(widest, _LEAST_NAME)
        elif self.columns[place] == "<" and place == len(self.columns) - 1:
            widest = min(widest, max(_LEAST_REMARK, _longest_word(cells)))
        return whole, max(widest, _longest_word([title]))

    def _table(self, widths: Sequence[int]) -> Table:
        result = Table(
            box=box.SIMPLE_HEAD,
            show_header=any(title.strip("<") for title in self.columns),
            show_footer=self.total is not None,
            show_edge=False,
            pad_edge=False,
            width=_with_gaps(widths),
        )
        for place, width in enumerate(widths):
            left = self.columns[place].startswith("<")
            result.add_column(
                Text(self.columns[place].removeprefix("<")),
                Text(self.total[place]) if self.total is not None else "",
                justify="left" if left else "right",
                overflow="fold",
                width=width,
            )
        for number, row in enumerate(self.rows):
            style = STYLES[number % len(STYLES)]
            cells = enumerate(row[: len(widths)])
            result.add_row(*(Text(cell, style if place == self.coloured else "") for place, cell in cells))
        return result


def _with_gaps(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _longest_word(texts: Sequence[str]) -> int:
    return max((cell_len(word) for text in texts for word in text.split()), default=0)
