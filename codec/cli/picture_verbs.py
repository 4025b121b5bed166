"""The verbs that draw: pages and figures."""

from __future__ import annotations

import contextlib
import io
import webbrowser
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from codec.cli.arrays import array_audit, refuse_scheduler
from codec.cli.files import opened_stream, output_file
from codec.cli.operands import code_named, is_stream, subject, tallied
from codec.cli.talk import one_line, say
from codec.codes.constructions import construct
from codec.codes.prefix import PrefixCode, huffman
from codec.coding import encode, write
from codec.coding.best import candidates
from codec.coding.file import opened
from codec.errors import StreamError, UsageError, counted
from codec.files.container import write_all
from codec.measure.audit import audit
from codec.measure.ledger import ByteCounter, Ledger, account, ledger
from codec.measure.mismatch import mismatch
from codec.measure.random_pairs import random_pairs
from codec.readings.stream import first_symbols
from codec.show.comparison import CONSTRUCTIONS
from codec.show.explore import Pair, explore_page, presets
from codec.theory.alphabet import MAX_SYMBOLS
from codec.theory.distribution import Distribution


def explore(options: Namespace) -> None:
    """A page in which p and q are dragged."""
    target = options.output or "explore.html"
    if options.show and target == "-":
        raise UsageError("--open shows a file, and -o - writes none")
    try:
        page = explore_page([*_pair(options), *presets()])
    except ValueError as error:
        raise StreamError(str(error)) from None
    data = page.encode("utf-8")
    with output_file(target, options.force, options.p, options.q) as file:
        write_all(file, data)
    if target != "-":
        say(f"{target}: {counted(len(data), 'byte')}; open it in any browser")
    if options.show:
        webbrowser.open(Path(target).resolve().as_uri())


def figure(options: Namespace) -> None:
    """A figure, saved as the ending of its name says."""
    target = options.output or f"{options.kind}.svg"
    form = "svg" if target == "-" else target.rpartition(".")[2].lower()
    few, many = _OPERANDS[options.kind]
    if not few <= len(options.operands) <= many:
        wanted = f"{few}" if few == many else f"at least {few}" if many > few + 1 else f"{few} or {many}"
        raise UsageError(f"{options.kind} takes {wanted} of P, Q and streams, not {len(options.operands)}")
    if (options.code is None) != (options.kind not in ("break-even", "drift", "chunks")):
        raise UsageError(f"{options.kind} takes {'no' if options.code else 'a'} --code")
    refuse_scheduler(options, *options.operands)
    with needing_matplotlib():
        from codec.show import figures, pictures
    if form not in pictures.FORMATS:
        raise UsageError(f"a figure is an .svg, .png or .pdf file, not {target!r}")
    try:
        data = pictures.picture(_drawn(figures, options), form)
    except ValueError as error:
        raise StreamError(str(error)) from None
    with output_file(target, options.force, *options.operands, options.code) as file:
        write_all(file, data)


@contextlib.contextmanager
def needing_matplotlib() -> Iterator[None]:
    """Name the way out if matplotlib is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        raise UsageError("figures need matplotlib: pip install 'codec[plots]'") from None


def report(options: Namespace) -> None:
    """A page about one stream."""
    with needing_matplotlib():
        from codec.show.report import Findings, report_page
    target = options.output or "report.html"
    old = None if options.code is None else code_named(options.code, options)
    with opened_stream(options.stream, options) as stream:
        p = tallied(stream)
        out = io.BytesIO()
        write(stream, out)
        out.seek(0)
        uniform = Distribution(p.labels, [1] * len(p))
        wrong: list[tuple[str, Distribution | PrefixCode]] = [("uniform", uniform)]
        if old is not None:
            wrong.append((options.code, old))
        found = Findings(
            name=one_line(options.stream),
            distribution=p,
            book=account(opened(ByteCounter(out)), with_memory=True),
            beginnings=_beginnings(p.labels.take(first_symbols(stream, p.labels, _LEDGERS[-1])), None),
            candidates=candidates(stream),
            wrong=[(name, mismatch(p, q, stream)) for name, q in wrong],
            audit=None if old is None else audit(stream, old),
            fresh=None if old is None else audit(stream, p),
            code_name="" if old is None else one_line(options.code),
        )
    data = report_page(found).encode("utf-8")
    with output_file(target, options.force, options.stream, options.code) as file:
        write_all(file, data)
    if target != "-":
        say(f"{target}: {len(data):,} bytes; open it in any browser")


_OPERANDS = {"bars": (1, 8), "tree": (1, 1), "lengths": (1, 8), "kraft": (1, 1), "ledger": (1, 1), "scatter": (0, 0),
             "blocks": (2, 2), "redundancy": (0, 0), "break-even": (1, 1), "drift": (1, 1),
             "chunks": (1, 1)}  # fmt: skip
_LEDGERS = (100, 1_000, 100_000)  # readings


def _drawn(figures: Any, options: Namespace) -> Any:
    """The figure of a kind."""
    kind, names = options.kind, [one_line(name) for name in options.operands]
    if kind == "scatter":
        return figures.scatter(random_pairs(options.n, options.labels, options.seed))
    if kind == "redundancy":
        return figures.redundancy()
    if kind == "chunks":
        from codec.show.chunks_figure import chunk_map

        return chunk_map(array_audit(options.operands[0], options, code_named(options.code, options)), names[0])
    if kind in ("break-even", "drift"):
        return _audited(figures, options)
    if kind == "ledger":
        return figures.ledger(_ledgers(options.operands[0], options))
    if kind == "tree":
        thing = subject(options.operands[0], options)
        return figures.tree(thing if isinstance(thing, PrefixCode) else huffman(thing), f"the code for {names[0]}")
    p, *others = [_distribution(name, options) for name in options.operands]
    if kind == "kraft":
        built = [(title, construct(name, p)) for name, title in (("huffman", "Huffman"), *CONSTRUCTIONS.items())]
        return figures.kraft(built)
    if kind == "blocks":
        ks = [k for k in range(1, options.blocks + 1) if max(len(p), len(others[0])) ** k <= MAX_SYMBOLS]
        return figures.blocks([mismatch(p, others[0], per_codeword=k) for k in ks], names[1])
    draw = figures.bars if kind == "bars" else figures.lengths
    return draw(p, list(zip(names[1:], others, strict=True)), names[0])


def _audited(figures: Any, options: Namespace) -> Any:
    with opened_stream(options.operands[0], options) as stream:
        report = audit(stream, code_named(options.code, options))
        if options.kind == "break-even":
            return figures.break_even(report)
        return figures.drift(report, audit(stream, report.distribution))


def _ledgers(name: str, options: Namespace) -> list[Ledger]:
    """Files of the first 100, 1,000 and 100,000 readings of a stream, or of draws from a distribution."""
    code = None
    if is_stream(name):
        with opened_stream(name, options) as stream:
            alphabet = tallied(stream).labels
            readings: Any = alphabet.take(first_symbols(stream, alphabet, _LEDGERS[-1]))
    else:
        code = _distribution(name, options)
        readings = code.sample(_LEDGERS[-1], options.seed)
    books = _beginnings(readings, code)
    if not books:
        raise StreamError(f"{name} has fewer than {_LEDGERS[0]} readings")
    return books


def _beginnings(readings: Any, code: Distribution | None) -> list[Ledger]:
    """Ledgers of files of the first 100, 1,000 and 100,000 readings, as far as there are so many."""
    return [ledger(encode(readings[:count], code)) for count in _LEDGERS if count <= len(readings)]


def _pair(options: Namespace) -> list[Pair]:
    if options.p is None:
        return []
    p = _distribution(options.p, options)
    if options.q is None:
        return [(f"{options.p} against uniform", p, Distribution(p.labels, [1] * len(p)))]
    return [(f"{options.p} against {options.q}", p, _distribution(options.q, options))]


def _distribution(name: str, options: Namespace) -> Distribution:
    """What is named; of a table without weights, the distribution that its lengths imply."""
    thing = subject(name, options)
    if not isinstance(thing, PrefixCode):
        return thing
    return thing.implied() if thing.weights is None else Distribution(thing.alphabet, thing.weights)
