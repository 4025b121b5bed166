"""Tables and numbers in the terminal, in one style."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, ConsoleRenderable, Group, RenderableType, RenderHook, RenderResult
from rich.segment import Segment
from rich.text import Text

from codec.show.fitted import Fitted

PLAIN_WIDTH = 100  # where the output is no terminal


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command line: rich would exit with 1, and a closed pipe is not a failure."""
        raise  # the BrokenPipeError that is being handled

    def print(self, *objects: Any, **how: Any) -> None:
        """Print lines whole: a table knows how wide it may be."""
        super().print(*objects, crop=False, **how)


class _Trimming(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Trimmed(Group(*renderables))]


@dataclass(frozen=True)
class _Trimmed:
    """What is shown, without spaces at the ends of lines."""

    shown: RenderableType

    def __rich_console__(self, screen: Console, options: ConsoleOptions) -> RenderResult:
        for line in Segment.split_lines(screen.render(self.shown, options)):
            while line and not line[-1].text.strip():
                line.pop()
            if line:
                text, style, _ = line.pop()
                yield from [*line, Segment(text.rstrip(), style)]
            yield Segment.line()


def console(file: TextIO | None = None, colours: bool = True) -> Console:
    """A console on standard output; colours only in a terminal."""
    probe = Console(file=file)
    width = probe.width if probe.file.isatty() else PLAIN_WIDTH
    screen = _Console(file=file, highlight=False, width=width, color_system="auto" if colours else None)
    screen.push_render_hook(_Trimming())
    return screen


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], total: Sequence[str] | None = None) -> Fitted:
    """A table; a column whose title starts with "<" is aligned to the left, the others to the right."""
    return Fitted(columns, [*rows], total)


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
    """A text that leaves room for its neighbours, at most so many columns wide.

    >>> shortened("abcdefgh", 5), shortened("漢漢漢漢", 5)
    ('abcd…', '漢漢…')
    """
    return text if cell_len(text) <= most else set_cell_size(text, most - 1) + "…"


def label_text(spelling: str) -> str:
    """A label for the terminal: characters that cannot be seen are escaped, an empty label is "(empty)".

    >>> label_text("a"), label_text(" "), label_text("a\\x1bb"), label_text("")
    ('a', "' '", "'a\\\\x1bb'", '(empty)')
    """
    if not spelling:
        return "(empty)"
    return spelling if spelling.isprintable() and spelling.strip() == spelling else ascii(spelling)
