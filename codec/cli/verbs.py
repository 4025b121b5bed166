"""What each verb of the command line does: open, call, show."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from rich.console import Console

from codec.cli.operands import (
    STANDARD_OUTPUT,
    SUFFIX,
    code_named,
    constructed_within,
    distribution_named,
    in_file,
    input_file,
    is_stream,
    opened_stream,
    output_file,
    positive_number,
    refuse_construction,
    refuse_terminal,
    refuse_unknown,
    standard_output,
    subject,
    tallied,
    target_of,
    tell_rounding,
    usual_target,
)
from codec.codes.constructions import construct
from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode, as_code, huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.coding import write
from codec.coding.best import Candidate, candidates, smallest
from codec.coding.file import opened, restored_bytes
from codec.coding.learn import learned
from codec.coding.options import Options
from codec.coding.piece import Limit, default_max_output
from codec.coding.salvage import Salvage
from codec.coding.steps import TRANSFORMS
from codec.errors import DamagedError, StreamError, UsageError
from codec.files import tables
from codec.files.container import End, write_all
from codec.measure.audit import MAX_PER_DAY
from codec.measure.audit import audit as measure_audit
from codec.measure.ledger import ByteCounter, account
from codec.measure.mismatch import Mismatch, mismatch
from codec.readings.values import from_values
from codec.show.audit import audit_report
from codec.show.candidates import candidates_table, encoding_json
from codec.show.certificate import certificate_table
from codec.show.code import MOST_ROWS, code_notes, code_report, code_table, code_totals
from codec.show.comparison import blocks_json, blocks_table, comparison_json, comparison_table
from codec.show.console import console, percent
from codec.show.demo import demo as show_demo
from codec.show.ledger import file_summary, ledger_table, savings
from codec.show.memory import memory_lines
from codec.show.salvage import salvage_report
from codec.theory import sources
from codec.theory.alphabet import MAX_SYMBOLS
from codec.theory.distribution import Distribution
from codec.theory.labels import labels_of
from codec.theory.tuples import MAX_READINGS_PER_CODEWORD

INSPECTED_ROWS = 12
DRAWN = 100_000  # readings that `compare` measures on, if none are given
_MOST_DRAWN = 1 << 40
_STATION_START = datetime(2021, 1, 1)


def demo(options: Namespace) -> None:
    """The whole story."""
    show_demo(_screen())


def generate(options: Namespace) -> None:
    """A stream of readings, as text."""
    _check_drawing(options)
    if options.persistence is not None and not 0 <= options.persistence < 1:
        raise UsageError(f"--persistence is a probability below 1, not {options.persistence}")
    if options.persistence is not None and options.drift_to is not None:
        raise UsageError("a source is sticky (--persistence) or drifts (--drift-to), not both")
    rate: float | None
    if options.source == "station":
        if options.persistence is not None or options.drift_to is not None:
            raise UsageError("the station has its own memory and drift")
        count = sources.STATION_HOURS if options.n is None else options.n
        labels, rate = sources.station(count, options.seed)
        times = (_STATION_START + timedelta(hours=hour) for hour in range(count))
        lines = [f"{t:%Y-%m-%dT%H:%M},{s}" for t, s in zip(times, labels.spellings, strict=True)]
        lines.insert(0, "time,temperature")
    else:
        p = distribution_named(options.source)
        count = 10_000 if options.n is None else options.n
        if options.persistence is not None:
            readings, rate = sources.sticky(p, count, options.seed, options.persistence)
        elif options.drift_to is not None:
            try:
                readings, rate = sources.drifting(p, distribution_named(options.drift_to), count, options.seed)
            except ValueError as error:
                raise StreamError(f"{options.drift_to}: {error}") from None
        else:
            readings, rate = sources.independent(p, count, options.seed)
        lines = labels_of(readings).spellings
    text = "".join(line + "\n" for line in lines)
    with output_file(options.output or "-", options.force, options.source, options.drift_to) as file:
        write_all(file, text.encode("utf-8", "surrogateescape"))
    known = "no closed form for its entropy rate" if rate is None else f"entropy rate {rate:.4f} bits per reading"
    print(f"{count:,} readings; {known}", file=sys.stderr)


def _check_drawing(options: Namespace) -> None:
    if options.n is not None and not 0 <= options.n <= _MOST_DRAWN:
        raise UsageError(f"-n is a number of readings up to {_MOST_DRAWN:,}, not {options.n:,}")
    if options.seed < 0:
        raise UsageError(f"--seed is a number from 0 on, not {options.seed}")


def table(options: Namespace) -> None:
    """A code: its codewords and totals."""
    if options.json and options.output == "-":
        raise UsageError("--json and -o - both want standard output")
    if options.max_length is not None and options.max_length < 1:
        raise UsageError(f"--max-length is a number of bits, not {options.max_length}")
    smoothing = positive_number(options.smooth, "--smooth")
    escape = positive_number(options.escape, "--escape")
    thing = subject(options.source, options)
    refuse_construction(options.source, thing, options.construction)
    about = ""
    if isinstance(thing, PrefixCode):
        for name, given in (("--max-length", options.max_length), ("--smooth", smoothing), ("--escape", escape)):
            if given is not None and (name == "--max-length" or thing.weights is None):
                raise UsageError(f"{options.source} has its lengths already: {name} needs weights")
        if smoothing is not None and escape is None and thing.escape_length:
            raise UsageError(f"{options.source} has an escape, and not its weight: --smooth needs --escape beside it")
        p = thing.implied() if thing.weights is None else Distribution(thing.alphabet, thing.weights)
        about = "p is what the lengths imply: this table has no weights" if thing.weights is None else ""
        code = thing
    else:
        p = thing
    if smoothing is not None:
        try:
            p = p.smoothed(smoothing, fill=is_stream(options.source))
        except ValueError as error:  # a range of numbers too wide to fill
            raise StreamError(f"{options.source}: {error}") from None
        if escape is not None:  # smoothed weights are whole numbers of 1/denominator
            escape *= smoothing.denominator
    if not isinstance(thing, PrefixCode) or smoothing is not None or escape is not None:
        code = constructed_within(p, options.max_length, options.construction, escape)
    saved = p if options.distribution else code
    if options.output is not None:
        with output_file(options.output, options.force, options.source) as file:
            write_all(file, tables.dumps(saved).encode("ascii"))
    if options.output == "-":
        return
    report = code_report(code, p)
    certificate = code.certificate(p) if options.certify else None
    if options.json:
        return _print_json(report if certificate is None else {**report, "certificate": certificate.to_json()})
    screen = _screen()
    screen.print(code_table(report, None if options.all_rows else MOST_ROWS))
    screen.print()
    screen.print(code_totals(report))
    if certificate is not None:
        screen.print("", certificate_table(certificate), sep="\n")
    for note in filter(None, (about, *code_notes(report, code, options.max_length, options.construction))):
        screen.print(note)


def encode(options: Namespace) -> None:
    """A stream -> a .huf file."""
    _check_encoding(options)
    target = target_of(options, usual_target(options))
    if options.json and target in STANDARD_OUTPUT:
        raise UsageError("--json and the coded bytes both want standard output: name a file with -o")
    refuse_terminal(target, options)
    given: PrefixCode | ContextCode | None = None
    if options.code is not None:
        given = code_named(options.code, options, options.construction)
    tried: tuple[Candidate, ...] = ()
    with opened_stream(options.stream, options, once=given is not None) as (stream, rounding):
        how = _how(options)
        if options.max_length is not None or (options.construction is not None and given is None):
            try:
                given = learned(stream, how)
            except ValueError as error:  # a limit that the code cannot keep
                raise UsageError(str(error)) from None
            given, how = given if len(given.alphabet) else None, Options(transform=how.transform)
        if options.best:
            tried = candidates(stream)
            given, how = smallest(tried).code, smallest(tried).how
        with output_file(target, options.force, options.stream, options.code) as file:
            written = write(stream, file, given, how)
    if options.json:
        _print_json(encoding_json(written, target, tried))
    if options.quiet:
        return
    if tried:
        console(sys.stderr).print(candidates_table(tried))
    saved = written.original_bytes - written.file_bytes
    share = f", {percent(abs(saved), written.original_bytes)} {'saved' if saved >= 0 else 'larger'}"
    print(
        f"{options.stream}: {written.count:,} readings, {written.original_bytes:,} -> {written.file_bytes:,} bytes"
        f"{share if written.original_bytes else ''} -> {target}",
        file=sys.stderr,
    )
    tell_rounding(rounding, options.stream)


def _how(options: Namespace) -> Options:
    """The options of `encode` as the record that goes through the coding path."""
    transform = next((one for one in TRANSFORMS if one.option and getattr(options, one.option)), TRANSFORMS[0])
    how = Options(not options.no_table, transform, context=options.context)
    if options.code is not None:
        return how
    limit = min(options.max_length or MAX_CODE_LENGTH, MAX_CODE_LENGTH)
    built = options.construction or how.construction
    try:
        return replace(how, per_codeword=options.block or 1, construction=built, max_length=limit)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _check_encoding(options: Namespace) -> None:
    """Refuse options of `encode` that do not go together."""
    if options.no_table and options.code is None:
        raise UsageError("--no-table needs --code: a file without a table and without a given code could never be read")
    if options.code is not None and options.max_length is not None:
        raise UsageError("--max-length is for a code that is learned, and --code gives one")
    if options.max_length is not None and options.max_length < 1:
        raise UsageError(f"--max-length is a number of bits, not {options.max_length}")
    if options.no_table and options.construction not in (None, "huffman"):
        raise UsageError("--no-table needs a code to give again: save one (codec table --construction) for --code")
    if options.block is not None and (options.code is not None or not 1 <= options.block <= MAX_READINGS_PER_CODEWORD):
        raise UsageError(f"--block is from 1 to {MAX_READINGS_PER_CODEWORD} readings, and for a code that is learned")
    how = {"--code": options.code, "--block": options.block, "--max-length": options.max_length,
           "--construction": options.construction}  # fmt: skip
    for option, chosen in (("--context", options.context), ("--best", options.best)):
        others = [name for name, value in how.items() if value is not None] if chosen else []
        if others:
            raise UsageError(f"{option} learns Huffman codes of its own, without {' and '.join(others)}")
    if options.best and (options.delta or options.context):
        raise UsageError("--best tries --delta and --context by itself")


def decode(options: Namespace) -> None:
    """A .huf file -> what it was made from."""
    if options.max_output is not None and options.max_output < 0:
        raise UsageError(f"--max-output is a number of bytes, not {options.max_output}")
    if options.salvage and options.test:
        raise UsageError("--test only checks a file, and --salvage saves what it can: not both")
    source = options.file
    if options.test:
        target = os.devnull
    elif os.path.basename(source) != SUFFIX and source.endswith(SUFFIX):
        target = target_of(options, source.removesuffix(SUFFIX))
    else:
        target = target_of(options, None)
    given = None if options.code is None else code_named(options.code, options)
    with input_file(source) as file:
        limit = options.max_output
        if limit is None and file.seekable():
            limit = default_max_output(os.fstat(file.fileno()).st_size)
        if options.salvage:
            return _salvage(options, file, given, target, limit)
        with in_file(source):
            coded, ends = opened(file, given), list[End]()
            with output_file(target, options.force or options.test, source, options.code) as out:
                for data in restored_bytes(coded, Limit(limit), ends):
                    write_all(out, data)
    if options.test and not options.quiet:
        print(f"{source}: {ends[0].count:,} readings, all is well", file=sys.stderr)


def _salvage(options: Namespace, file: BinaryIO, given: PrefixCode | None, target: str, limit: int | None) -> None:
    """Write what is sound of a damaged file; an error if something is lost, which says what."""
    with in_file(options.file):
        salvage = Salvage(file, given, limit)
        with output_file(target, options.force, options.file, options.code) as out:
            for data in salvage.restored():
                write_all(out, data)
            if not salvage.saved and salvage.lost:
                raise DamagedError("no block of it is sound: nothing can be saved")
        if salvage.lost or salvage.mixed:
            raise DamagedError(salvage_report(salvage))
    if not options.quiet:
        print(f"{options.file}: {salvage.saved:,} readings, nothing is lost", file=sys.stderr)


def inspect(options: Namespace) -> None:
    """Where every bit of a file went."""
    given = None if options.code is None else code_named(options.code, options)
    with input_file(options.file) as file, in_file(options.file):
        coded = opened(ByteCounter(file), given)
        book = account(coded, with_memory=True)
    if options.json:
        return _print_json(book.to_json())
    screen = _screen()
    screen.print(file_summary(book, coded.header, options.file))
    if isinstance(coded.code, PrefixCode) and book.distribution is not None:
        rows = None if options.all_rows else INSPECTED_ROWS
        screen.print("", code_table(code_report(coded.code, book.distribution), rows), sep="\n")
    screen.print("", ledger_table(book), "", savings(book), sep="\n")
    if book.distribution is not None and isinstance(coded.code, PrefixCode):
        symbols = -(-book.count // coded.code.readings)
        screen.print("", memory_lines(book.memory, symbols, book.coded), sep="\n")


def compare(options: Namespace) -> None:
    """Prediction, expectation, measurement of believing each Q while P is true; of Shannon's code beside the other."""
    if options.stream is not None and options.n is not None:
        raise UsageError("measure on a given stream (--stream) or on N readings drawn (-n), not both")
    _check_drawing(options)
    if options.blocks is not None and not 1 <= options.blocks <= MAX_READINGS_PER_CODEWORD:
        raise UsageError(
            f"--blocks is a number of readings from 1 to {MAX_READINGS_PER_CODEWORD}, not {options.blocks}"
        )
    if [options.p, *options.q, options.stream].count("-") > 1:
        raise UsageError("standard input can be read once only: - stands more than once")
    with contextlib.ExitStack() as stack:
        stream: Any
        refuse_unknown(options.p)
        if is_stream(options.p):
            stream, rounding = stack.enter_context(opened_stream(options.p, options))
            p, measured_on = tallied(stream), f"the readings of {options.p}"
            tell_rounding(rounding, options.p)
            if options.stream is not None:
                stream, _ = stack.enter_context(opened_stream(options.stream, options))
                measured_on = f"the readings of {options.stream}"
        else:
            p = distribution_named(options.p)
            if options.stream is not None:
                stream, _ = stack.enter_context(opened_stream(options.stream, options))
                measured_on = f"the readings of {options.stream}"
            else:
                count = DRAWN if options.n is None else options.n
                stream = from_values(p.sample(count, options.seed))
                measured_on = f"{count:,} readings drawn from p (seed {options.seed})"
        believed = [(name, subject(name, options)) for name in options.q]
        for name, q in believed:
            refuse_construction(name, q, options.construction)
        construction = options.construction or "huffman"
        rows = [row for name, q in believed for row in _compared(p, name, q, stream, construction)]
        walk = [
            step
            for name, q in believed
            if options.blocks is not None and isinstance(q, Distribution)
            for step in _in_blocks(p, name, q, stream, construction, options.blocks)
        ]
    if options.json:
        return _print_json({**comparison_json(rows), **({} if options.blocks is None else blocks_json(walk))})
    _screen().print(comparison_table(rows, measured_on))
    if options.blocks is not None:
        _screen().print(blocks_table(walk))


def audit(options: Namespace) -> None:
    """What an old table costs on a stream, and whether a new one would pay."""
    for name in ("window", "per_day"):
        value = getattr(options, name)
        if value is not None and value < 1:
            raise UsageError(f"--{name.replace('_', '-')} is a number of readings, at least 1, not {value}")
    if options.per_day is not None and options.per_day > MAX_PER_DAY:
        raise UsageError(f"--per-day is a number of readings, at most {MAX_PER_DAY:,}")
    code = code_named(options.code, options)
    with opened_stream(options.stream, options) as (stream, rounding):
        report = measure_audit(stream, code, window=options.window, per_day=options.per_day)
    if options.retrain is not None:
        fresh = huffman(report.distribution, MAX_CODE_LENGTH, 1 if code.escape_length else None)
        with output_file(options.retrain, options.force, options.stream, options.code) as file:
            write_all(file, tables.dumps(fresh).encode("ascii"))
    if options.json:
        return _print_json(report.to_json())
    _screen().print(audit_report(report, options.stream, options.code))
    tell_rounding(rounding, options.stream)


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


def _screen() -> Console:
    return console(standard_output())


def _print_json(fields: dict[str, Any]) -> None:
    print(json.dumps(fields, indent=2, ensure_ascii=True, allow_nan=False), file=standard_output())
