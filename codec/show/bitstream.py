"""Colours in a terminal: codewords one by one, and a file as one bar, which is left out where there are no colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from codec.measure.bitstream import Codeword
from codec.measure.ledger import PAYLOAD, Ledger
from codec.measure.overhead import OVERHEAD
from codec.show.console import label_text, percent, shortened
from codec.show.fitted import STYLES


@dataclass(frozen=True)
class Bitstream:
    """Codewords in the order of their readings, which stand below them; as many in a line as it has room for."""

    words: Sequence[Codeword]

    def __rich_console__(self, screen: Console, options: ConsoleOptions) -> RenderResult:
        upper, lower = Text(), Text()
        colour_of: dict[str, int] = {}
        for word in self.words:
            name = shortened(label_text(word.spelling), 16)
            width = max(len(word.bits), cell_len(name)) + 1
            if len(upper) and upper.cell_len + width > options.max_width + 1:
                yield from (upper, lower)
                upper, lower = Text(), Text()
            place = colour_of.setdefault(word.spelling, len(colour_of))
            upper.append(word.bits, STYLES[place % len(STYLES)]).append(" " * (width - len(word.bits)))
            lower.append(name + " " * (width - cell_len(name)))
        yield from (upper, lower) if len(upper) else ()


@dataclass(frozen=True)
class LedgerBar:
    """The bits of a file as one bar: the parts of its payload, its table, and all the rest."""

    book: Ledger

    def __rich_console__(self, screen: Console, options: ConsoleOptions) -> RenderResult:
        if screen.color_system is None or screen.no_color or not self.book.file_bits:
            return
        lines = self.book.lines
        parts = [*((item, lines[item]) for item in (*PAYLOAD, "table")),
                 ("the rest", sum(lines[item] for item in OVERHEAD if item != "table"))]  # fmt: skip
        width, bar, done = min(options.max_width, 80), Text(), 0.0
        names = [Text()]
        for place, (name, amount) in enumerate(parts):
            before, done = round(width * done), done + max(0.0, amount) / self.book.file_bits
            bar.append("█" * (round(width * done) - before), style=STYLES[place])
            named = f"{name} {percent(amount, self.book.file_bits)}   "
            if names[-1].cell_len + 2 + len(named) > width + 3:
                names.append(Text())
            names[-1].append("■ ", style=STYLES[place]).append(named)
        yield from (bar, *names)
