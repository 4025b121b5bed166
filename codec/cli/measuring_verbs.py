"""The verbs compare and audit: what a code costs on readings that it was not made for."""

from __future__ import annotations

import contextlib
import math
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from codec.arrays.opened import is_array
from codec.cli.arrays import array_audit, refuse_scheduler
from codec.cli.files import opened_stream, output_file
from codec.cli.operands import (
    as_asked,
    code_named,
    coded_stream,
    constructed_within,
    distribution_named,
    is_stream,
    refuse_construction,
    refuse_unknown,
    subject,
    tallied,
    weighted,
    widened,
)
from codec.cli.talk import one_line, print_json, say, standard_output
from codec.codes.constructions import construct
from codec.codes.prefix import PrefixCode, as_code
from codec.errors import StreamError, UsageError, counted
from codec.files import tables
from codec.files.container import write_all
from codec.files.made import Made, made_fields
from codec.measure.audit import audit as measure_audit
from codec.measure.mismatch import Mismatch, mismatch
from codec.measure.retrain import retrained
from codec.readings.stream import Stream
from codec.readings.values import from_values
from codec.show.as_json import as_json
from codec.show.audit import audit_report
from codec.show.chunks import array_audit_report, array_json
from codec.show.comparison import blocks_json, blocks_table, comparison_json, comparison_table
from codec.show.console import console
from codec.theory.alphabet import MAX_SYMBOLS
from codec.theory.distribution import Distribution

DRAWN = 100_000  # readings that `compare` measures on, if none are given


def compare(options: Namespace) -> None:
    """Prediction, expectation, measurement of believing each Q while P is true; of Shannon's code beside the other."""
    if [options.p, *options.q, options.stream].count("-") > 1:
        raise UsageError("standard input can be read once only: - stands more than once")
    with contextlib.ExitStack() as stack:
        refuse_unknown(options.p)
        tables_of_q = {name: subject(name, options) for name in options.q if not is_stream(name)}
        measured_on = f"the readings of {options.stream or options.p}"
        if is_stream(options.p):
            stream = stack.enter_context(opened_stream(options.p, options))
            known = [thing.alphabet.of for thing in tables_of_q.values() if isinstance(thing, PrefixCode)]
            p = tallied(coded_stream(stream, options, next(filter(None, known), None)))
        else:
            p = as_asked(options.p, distribution_named(options.p, options.raw), options)
        if options.stream is not None:
            stream = stack.enter_context(opened_stream(options.stream, options))
        elif not is_stream(options.p):
            count = DRAWN if options.n is None else options.n
            try:
                stream = from_values(p.sample(count, options.seed))
            except ValueError as error:
                raise StreamError(f"{options.p}: {error}: name readings to measure on with --stream") from None
            measured_on = f"{counted(count, 'reading')} drawn from p (seed {options.seed})"
        believed = [(name, tables_of_q.get(name) or subject(name, options, p.labels.of)) for name in options.q]
        for name, q in believed:
            refuse_construction(name, q, options.construction)
        believed = [(name, _forgiving(name, q, p, options)) for name, q in believed]
        construction = options.construction or "huffman"
        rows = [row for name, q in believed for row in _compared(p, name, q, stream, construction)]
        walk = [
            step
            for name, q in believed
            if options.blocks is not None and isinstance(q, Distribution)
            for step in _in_blocks(p, name, q, stream, construction, options.blocks)
        ]
    if options.json:
        return print_json({**comparison_json(rows), **({} if options.blocks is None else blocks_json(walk))})
    console(standard_output()).print(
        comparison_table([(one_line(name), row) for name, row in rows], one_line(measured_on))
    )
    if options.blocks is not None:
        console(standard_output()).print(blocks_table([(one_line(name), k, row) for name, k, row in walk]))


def _forgiving(
    name: str, q: Distribution | PrefixCode, p: Distribution, options: Namespace
) -> Distribution | PrefixCode:
    """What is believed, with --smooth and --escape: it can code each label of p; with --intervals, more evenly."""
    if options.smooth is None and options.escape is None and not options.intervals:
        return q
    believed, weight = weighted(name, q), options.escape
    if options.smooth is not None:
        believed = widened(name, believed, p).smoothed(options.smooth)
        if weight is not None:  # smoothed weights are whole numbers of 1/denominator
            weight *= options.smooth.denominator
    if weight is None and not options.intervals:
        return believed
    return constructed_within(believed, None, options.construction, weight, options.intervals)


def _in_blocks(
    p: Distribution, name: str, q: Distribution, stream: Any, construction: str, most: int
) -> Iterator[tuple[str, int, Mismatch]]:
    """The price of believing q with 1, 2, ... readings in a codeword, for its code and for Shannon's."""
    for built in dict.fromkeys((construction, "shannon")):
        for k in range(1, most + 1):
            if max(len(p), len(q)) ** k <= MAX_SYMBOLS:
                yield name, k, mismatch(p, q, stream, construction=built, per_codeword=k)


def _compared(
    p: Distribution, name: str, q: Distribution | PrefixCode, stream: Any, construction: str
) -> Iterator[tuple[str, Mismatch]]:
    """The row of q, and one of Shannon's code for it."""
    try:
        row = mismatch(p, q, stream, construction=construction)
        if row.count and row.measured_length is None and math.isfinite(row.expected_length):
            as_code(construct(construction, q) if isinstance(q, Distribution) else q)
    except ValueError as error:  # a code that no file can hold
        raise StreamError(f"{name} cannot be measured: {error}") from None
    yield name, row
    if isinstance(q, Distribution) and construction != "shannon":
        yield name, mismatch(p, q, stream, construction="shannon")


def audit(options: Namespace) -> None:
    """What an old table costs on a stream, and whether a new one would pay."""
    code = code_named(options.code, options)
    if options.intervals and options.retrain is None:
        raise UsageError("--intervals is for the fresh table: name its file with --retrain")
    refuse_scheduler(options, options.stream)
    if is_array(options.stream):
        return _audit_array(options, code)
    with opened_stream(options.stream, options) as stream, _times(options) as times:
        report = measure_audit(
            stream,
            code,
            window=options.window,
            times=times,
            every=options.every or "month",
            per_day=options.per_day,
        )
    if options.retrain is not None:
        _retrain(options, report.distribution, code)
    if options.json:
        return print_json(as_json(report))
    console(standard_output()).print(audit_report(report, one_line(options.stream), one_line(options.code)))


def _audit_array(options: Namespace, code: PrefixCode) -> None:
    """What a table costs on an array, chunk by chunk."""
    found = array_audit(options.stream, options, code)
    if options.retrain is not None:
        _retrain(options, found.distribution, code)
    if options.json:
        return print_json(array_json(found))
    console(standard_output()).print(array_audit_report(found, one_line(options.stream), one_line(options.code)))


@contextlib.contextmanager
def _times(options: Namespace) -> Iterator[Stream | None]:
    """The column of times beside the readings, if it was named."""
    if options.time is None:
        if options.every is not None:
            raise UsageError("--every is for a column of times: name it with --time")
        yield None
        return
    if options.column is None or options.stream == "-":
        raise UsageError("--time names a second column of the CSV file of --column, which is no pipe")
    if options.window is not None:
        raise UsageError("--window and --time exclude each other: windows are of so many readings, or by the calendar")
    beside = {"column": options.time, "step": None, "quiet": True}
    with opened_stream(options.stream, Namespace(**{**vars(options), **beside})) as times:
        yield times


def _retrain(options: Namespace, p: Distribution, old: PrefixCode) -> None:
    """Save a fresh table, made as the old one was, and say how it was made."""
    made = tables.made_with(options.code) if options.code.endswith(".json") else None
    if options.intervals:
        made = replace(made or Made(), intervals=True)
    try:
        fresh = retrained(p, old, made)
    except ValueError as error:  # a range of numbers too wide to fill, or a limit too low for so many labels
        raise StreamError(f"{options.retrain}: {error}") from None
    with output_file(options.retrain, options.force, options.stream, options.code) as file:
        write_all(file, tables.dumps(fresh, made).encode("ascii"))
    how = ", ".join(f"{key} {value}" for key, value in made_fields(made).items()) if made else ""
    if made is None:
        how = (
            f"{one_line(options.code)} does not say what it was made with: no greatest length and no smoothing is kept"
        )
    say(
        f"{options.retrain}: {len(fresh):,} labels, codewords of up to {fresh.all_lengths.max()} bits "
        f"(the old table: {len(old):,} and {old.all_lengths.max()}){'; ' + how if how else ''}"
    )
