"""Tables and numbers in the terminal, in one style."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

PLAIN_WIDTH = 100  # where the output is no terminal
LEAST_WIDTH = 80  # in a narrower terminal lines break, but no column vanishes and no number loses digits


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command line: rich would exit with 1, and a closed pipe is not a failure."""
        raise  # the BrokenPipeError that is being handled


def console(file: TextIO | None = None) -> Console:
    """A console on standard output; colours only in a terminal."""
    probe = Console(file=file)
    return _Console(
        file=file, highlight=False, width=max(probe.width, LEAST_WIDTH) if probe.is_terminal else PLAIN_WIDTH
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], total: Sequence[str] | None = None) -> Table:
    """A table; a column whose title starts with "<" is aligned to the left, the others to the right."""
    result = Table(
        box=box.SIMPLE_HEAD,
        show_header=any(title.strip("<") for title in columns),
        show_footer=total is not None,
        show_edge=False,
        pad_edge=False,
    )
    for place, title in enumerate(columns):
        left = title.startswith("<")
        result.add_column(
            Text(title.removeprefix("<")),
            Text(total[place]) if total is not None else "",
            justify="left" if left else "right",
            overflow="fold",
            no_wrap=not left,
        )
    for row in rows:
        result.add_row(*(Text(cell) for cell in row))
    return result


def heading(text: str) -> Text:
    """A line above a part of the output."""
    return Text("\n" + text, style="bold")


def bits(number: float | None, decimals: int = 4) -> str:
    """Bits per reading: fixed decimals; ∞ as itself, a dash for None.

    >>> bits(2.3231), bits(float("inf")), bits(None), bits(-0.00001, 2)
    ('2.3231', '∞', '–', '0.00')
    """
    if number is None:
        return "–"
    if number in (float("inf"), float("-inf")):
        return "∞" if number > 0 else "−∞"
    text = f"{number:.{decimals}f}"
    return text.lstrip("-") if not float(text) else text.replace("-", "−")


def whole(number: float) -> str:
    """A number of bits or readings, with separators.

    >>> whole(1234567), whole(1234.5)
    ('1,234,567', '1,234.5')
    """
    text = f"{number:,}" if isinstance(number, int) else f"{number:,.1f}"
    return text.replace("-", "−")


def percent(part: float, of: float, decimals: int = 1) -> str:
    """A share in percent; "–" if `of` is 0.

    >>> percent(1, 8), percent(1, 0)
    ('12.5 %', '–')
    """
    return f"{100 * part / of:.{decimals}f} %".replace("-", "−") if of else "–"


def shortened(text: str, most: int = 24) -> str:
    """A text that leaves room for its neighbours.

    >>> shortened("abcdefgh", 5)
    'abcd…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def label_text(spelling: str) -> str:
    """A label for the terminal: characters that cannot be seen are escaped, an empty label is "(empty)".

    >>> label_text("a"), label_text(" "), label_text("a\\x1bb"), label_text("")
    ('a', "' '", "'a\\\\x1bb'", '(empty)')
    """
    if not spelling:
        return "(empty)"
    return spelling if spelling.isprintable() and spelling.strip() == spelling else ascii(spelling)
