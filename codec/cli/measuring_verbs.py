"""The verbs compare and audit: what a code costs on readings that it was not made for."""

from __future__ import annotations

import contextlib
import math
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from codec.cli.files import opened_stream, output_file
from codec.cli.operands import (
    code_named,
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
from codec.cli.talk import one_line, print_json, standard_output
from codec.codes.constructions import construct
from codec.codes.prefix import PrefixCode, as_code, huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.errors import StreamError, UsageError, counted
from codec.files import tables
from codec.files.container import write_all
from codec.measure.audit import audit as measure_audit
from codec.measure.mismatch import Mismatch, mismatch
from codec.readings.values import from_values
from codec.show.as_json import as_json
from codec.show.audit import audit_report
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
        measured_on = f"the readings of {options.stream or options.p}"
        if is_stream(options.p):
            stream = stack.enter_context(opened_stream(options.p, options))
            p = tallied(stream)
        else:
            p = distribution_named(options.p, options.raw)
        if options.stream is not None:
            stream = stack.enter_context(opened_stream(options.stream, options))
        elif not is_stream(options.p):
            count = DRAWN if options.n is None else options.n
            stream = from_values(p.sample(count, options.seed))
            measured_on = f"{counted(count, 'reading')} drawn from p (seed {options.seed})"
        believed = [(name, subject(name, options)) for name in options.q]
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
    """What is believed, with --smooth and --escape: it can code each label of p."""
    if options.smooth is None and options.escape is None:
        return q
    believed, weight = weighted(name, q), options.escape
    if options.smooth is not None:
        believed = widened(name, believed, p).smoothed(options.smooth)
        if weight is not None:  # smoothed weights are whole numbers of 1/denominator
            weight *= options.smooth.denominator
    return believed if weight is None else constructed_within(believed, None, options.construction, weight)


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
    with opened_stream(options.stream, options) as stream:
        report = measure_audit(stream, code, window=options.window, per_day=options.per_day)
    if options.retrain is not None:
        fresh = huffman(report.distribution, MAX_CODE_LENGTH, 1 if code.escape_length else None)
        with output_file(options.retrain, options.force, options.stream, options.code) as file:
            write_all(file, tables.dumps(fresh).encode("ascii"))
    if options.json:
        return print_json(as_json(report))
    console(standard_output()).print(audit_report(report, one_line(options.stream), one_line(options.code)))
