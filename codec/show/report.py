"""One page about one stream: what it is, what it costs, what a wrong table would cost, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from matplotlib.figure import Figure
from rich.console import RenderableType
from rich.text import Text

from codec.codes.prefix import PrefixCode, huffman
from codec.coding.best import Candidate, smallest
from codec.measure.audit import Audit
from codec.measure.ledger import Ledger
from codec.measure.mismatch import Mismatch
from codec.show import figures
from codec.show.audit import audit_report
from codec.show.candidates import candidates_table
from codec.show.code import code_report, code_table, code_totals
from codec.show.comparison import comparison_table
from codec.show.console import bits, percent
from codec.show.html import as_html
from codec.show.ledger import ledger_table, savings
from codec.show.memory import memory_lines
from codec.show.pictures import inline
from codec.theory.distribution import Distribution

_ROWS = 24
_WORTHWHILE = 0.01  # of the file, that another way of coding must save to be proposed


@dataclass(frozen=True)
class Findings:
    """What was measured of a stream.

    Attributes
    ----------
    name : str
        Of the stream.
    distribution : Distribution
    book : Ledger
        Of the file that plain coding makes, with its memory.
    beginnings : sequence of Ledger
        Of files of its first readings.
    candidates : tuple of Candidate
    wrong : sequence of (name, Mismatch)
        What believing other distributions costs.
    audit, fresh : Audit or None
        Under an old table, and under the stream's own code, if there is an old table.
    code_name : str
        Of the old table.
    """

    name: str
    distribution: Distribution
    book: Ledger
    beginnings: Sequence[Ledger]
    candidates: tuple[Candidate, ...]
    wrong: Sequence[tuple[str, Mismatch]]
    audit: Audit | None = None
    fresh: Audit | None = None
    code_name: str = ""


def report_page(found: Findings) -> str:
    """The page as HTML, in one file; it needs neither scripts nor a network."""
    p, code = found.distribution, huffman(found.distribution)
    own = code_report(code, p)
    sections: list[tuple[str, Iterable[str | RenderableType | Figure]]] = [
        (f"What {found.name} is", _what_it_is(found)),
        ("Its code", [code_table(own, _ROWS), code_totals(own), figures.lengths(p), figures.tree(code)]),
        ("Where every bit went", _where(found)),
        ("What a wrong table would cost", [comparison_table(found.wrong, f"the readings of {found.name}")]),
        ("Memory, and what would use it", _memory(found)),
    ]
    if found.audit is not None:
        sections.append((f"The old table, {found.code_name}", _audit(found)))
    sections.append(("What to do next", [Text(sentence) for sentence in next_steps(found, code)]))
    body = "\n".join(
        f"<section><h2>{escape(title)}</h2>\n{_body(parts, f'part{number}')}\n</section>"
        for number, (title, parts) in enumerate(sections)
    )
    template = (files("codec.show") / "report.html").read_text("utf-8")
    return template.replace("TITLE", escape(found.name)).replace("BODY", body)


def _what_it_is(found: Findings) -> Iterable[RenderableType | Figure]:
    p, book = found.distribution, found.book
    size = f", {book.original_bits // 8:,} bytes" if book.original_bits else ""
    yield Text(
        f"{book.count:,} readings of {len(p):,} labels{size}; the entropy of single readings is {bits(p.entropy())} "
        "bits a reading: no code for single readings does better."
    )
    yield figures.bars(p, name=found.name)


def _where(found: Findings) -> Iterable[RenderableType | Figure]:
    yield Text("A file was written with this code and decoded again. Every bit of it:")
    yield ledger_table(found.book)
    yield savings(found.book)
    if found.beginnings:
        yield Text("Files of its first readings: a table and a header weigh most where there is little to code.")
        yield figures.ledger(found.beginnings)


def _memory(found: Findings) -> Iterable[RenderableType]:
    yield memory_lines(found.book.memory, found.book.count)
    yield Text("Every way of coding, with the exact size of its file:")
    yield candidates_table(found.candidates)


def _audit(found: Findings) -> Iterable[RenderableType | Figure]:
    if found.audit is None:
        return
    yield audit_report(found.audit, found.name, found.code_name)
    if found.audit.break_even_readings is not None:
        yield figures.break_even(found.audit)
    if found.fresh is not None and len(found.audit.windows) > 1:
        yield figures.drift(found.audit, found.fresh)


def next_steps(found: Findings, code: PrefixCode) -> list[str]:
    """What the figures say is to be done, a sentence each."""
    plain, best = found.candidates[0], smallest(found.candidates)
    steps = []
    if plain.file_bits and best.file_bits and best.file_bits < (1 - _WORTHWHILE) * plain.file_bits:
        saved = percent(plain.file_bits - best.file_bits, plain.file_bits)
        steps.append(f"Code it with codec encode --best: {best.name} makes a file {saved} smaller.")
    else:
        steps.append("Code it as it is, with codec encode: no other way makes a file that is 1 % smaller.")
    if found.audit is not None:
        steps.append(f"The old table: {found.audit.verdict}; {found.audit.reason}.")
    redundancy = code.redundancy(found.distribution)
    if redundancy > 0.05 * max(1e-9, found.distribution.entropy()):
        steps.append(f"Whole bits cost {bits(redundancy)} bits a reading: codec encode --block 2 rounds less often.")
    if found.audit is None:
        steps.append("Save its table for other streams (codec table -o TABLE.json), and audit them (codec audit).")
    return steps


def _body(parts: Iterable[str | RenderableType | Figure], prefix: str) -> str:
    return "\n".join(
        inline(part, f"{prefix}-{place}") if isinstance(part, Figure) else f'<div class="wide">{as_html(part)}</div>'
        for place, part in enumerate(parts)
    )
