"""What each verb of the command line does: open, call, show."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO, TextIO

from rich.console import Console

from codec.codes.prefix import PrefixCode, as_code, huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.coding import write
from codec.errors import CodecError, StreamError, UsageError
from codec.files import output, tables
from codec.files.container import MAGIC, write_all
from codec.files.grid import Rounding, on_grid, parse_step
from codec.files.streams import Stream, from_values, open_stream, tally_stream
from codec.measure.ledger import Counting, account
from codec.measure.mismatch import Mismatch, mismatch
from codec.reader import Reader, default_max_output, restored
from codec.show.code import MOST_ROWS, code_report, code_table, code_totals
from codec.show.comparison import comparison_json, comparison_table
from codec.show.console import console, percent
from codec.show.demo import demo as show_demo
from codec.show.ledger import file_summary, ledger_table, savings
from codec.theory import sources
from codec.theory.distribution import Distribution
from codec.theory.labels import labels_of

SUFFIX = ".huf"
INSPECTED_ROWS = 12
DRAWN = 100_000  # readings that `compare` measures on, if none are given
_SPOOL_BYTES = 1 << 24
_MOST_DRAWN = 1 << 40
_WRITING = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
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
        p = _distribution(options.source)
        count = 10_000 if options.n is None else options.n
        if options.persistence is not None:
            readings, rate = sources.sticky(p, count, options.seed, options.persistence)
        elif options.drift_to is not None:
            try:
                readings, rate = sources.drifting(p, _distribution(options.drift_to), count, options.seed)
            except ValueError as error:
                raise StreamError(f"{options.drift_to}: {error}") from None
        else:
            readings, rate = sources.independent(p, count, options.seed)
        lines = labels_of(readings).spellings
    text = "".join(line + "\n" for line in lines)
    with _output_file(options.output or "-", options.force, options.source, options.drift_to) as file:
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
    thing = _subject(options.source, options)
    if isinstance(thing, PrefixCode):
        if options.max_length is not None:
            raise UsageError("a saved code has its lengths already: --max-length is for a distribution or a stream")
        code = thing
        p = thing.implied() if thing.weights is None else Distribution(thing.alphabet, thing.weights)
        about = "p is what the lengths imply: this table has no weights" if thing.weights is None else ""
    else:
        code, p, about = _huffman(thing, options.max_length), thing, ""
    saved = p if options.distribution else code
    if options.output is not None:
        with _output_file(options.output, options.force, options.source) as file:
            write_all(file, tables.dumps(saved).encode("ascii"))
    if options.output == "-":
        return
    report = code_report(code, p)
    if options.json:
        return _print_json(report)
    screen = _screen()
    screen.print(code_table(report, None if options.all_rows else MOST_ROWS))
    screen.print()
    screen.print(code_totals(report))
    for note in filter(None, (about, *_notes_on(report, code, options.max_length))):
        screen.print(note)


def _notes_on(report: dict[str, Any], code: PrefixCode, max_length: int | None) -> Iterator[str]:
    if 0.5 < report["weights_sum"] < 1.5 and abs(report["weights_sum"] - 1) > 1e-9:
        yield f"The weights as given sum to {report['weights_sum']:.6g}; p is what they are normalised to."
    if not report["exact_weights"]:
        yield "The weights are floats: with so many of them, ties fall as rounding has it."
    if max_length is not None and code.weights is not None:
        unlimited = huffman(Distribution(code.alphabet, code.weights))
        price = report["expected_length"] - unlimited.expected_length(Distribution(code.alphabet, code.weights))
        longest = unlimited.lengths.max()
        yield f"The limit of {max_length} bits costs {price:.6f} bits per reading (without it: {longest} bits)."


def encode(options: Namespace) -> None:
    """A stream -> a .huf file."""
    if options.no_table and options.code is None:
        raise UsageError("--no-table needs --code: a file without a table and without a given code could never be read")
    if options.code is not None and options.max_length is not None:
        raise UsageError("--max-length is for a code that is learned, and --code gives one")
    target = _target(options, None if options.stream == "-" else options.stream + SUFFIX)
    _refuse_terminal(target, options)
    given = None if options.code is None else _code_named(options.code, options)
    with _stream(options.stream, options, once=given is not None) as (stream, rounding):
        if options.max_length is not None:
            given = _learned(stream, options.max_length)
        with _output_file(target, options.force, options.stream, options.code) as file:
            written = write(stream, file, given, not options.no_table)
    if options.quiet:
        return
    saved = written.original_bytes - written.file_bytes
    share = f", {percent(abs(saved), written.original_bytes)} {'saved' if saved >= 0 else 'larger'}"
    print(
        f"{options.stream}: {written.count:,} readings, {written.original_bytes:,} -> {written.file_bytes:,} bytes"
        f"{share if written.original_bytes else ''} -> {target}",
        file=sys.stderr,
    )
    _tell(rounding, options.stream)


def _tell(rounding: Rounding | None, name: str) -> None:
    if rounding is not None:
        print(
            f"{name}: {rounding.changed:,} of {rounding.count:,} readings were changed by the step of "
            f"{rounding.step}, by at most {float(rounding.greatest_change):.6g}",
            file=sys.stderr,
        )


def decode(options: Namespace) -> None:
    """A .huf file -> what it was made from."""
    if options.max_output is not None and options.max_output < 0:
        raise UsageError(f"--max-output is a number of bytes, not {options.max_output}")
    source = options.file
    if options.test:
        target = os.devnull
    elif os.path.basename(source) != SUFFIX and source.endswith(SUFFIX):
        target = _target(options, source.removesuffix(SUFFIX))
    else:
        target = _target(options, None)
    given = None if options.code is None else _code_named(options.code, options)
    with _input_file(source) as file:
        limit = options.max_output
        if limit is None and file.seekable():
            limit = default_max_output(os.fstat(file.fileno()).st_size)
        with _in_file(source):
            reader = Reader(file, given)
            with _output_file(target, options.force or options.test, source, options.code) as out:
                for data in restored(reader, limit):
                    write_all(out, data)
    if options.test and not options.quiet:
        print(f"{source}: {reader.end.count:,} readings, all is well", file=sys.stderr)


def inspect(options: Namespace) -> None:
    """Where every bit of a file went."""
    given = None if options.code is None else _code_named(options.code, options)
    with _input_file(options.file) as file, _in_file(options.file):
        reader = Reader(Counting(file), given)
        book = account(reader)
    if options.json:
        return _print_json(book.to_json())
    screen = _screen()
    screen.print(file_summary(book, reader.header, options.file))
    if reader.code is not None and book.distribution is not None:
        rows = None if options.all_rows else INSPECTED_ROWS
        screen.print("", code_table(code_report(reader.code, book.distribution), rows), sep="\n")
    screen.print("", ledger_table(book), "", savings(book), sep="\n")


def compare(options: Namespace) -> None:
    """Prediction, expectation, measurement of believing each Q while P is true."""
    if options.stream is not None and options.n is not None:
        raise UsageError("measure on a given stream (--stream) or on N readings drawn (-n), not both")
    _check_drawing(options)
    if [options.p, *options.q, options.stream].count("-") > 1:
        raise UsageError("standard input can be read once only: - stands more than once")
    with contextlib.ExitStack() as stack:
        stream: Any
        _refuse_unknown(options.p)
        if _is_stream(options.p):
            stream, rounding = stack.enter_context(_stream(options.p, options))
            p, measured_on = _tallied(stream), f"the readings of {options.p}"
            _tell(rounding, options.p)
            if options.stream is not None:
                stream, _ = stack.enter_context(_stream(options.stream, options))
                measured_on = f"the readings of {options.stream}"
        else:
            p = _distribution(options.p)
            if options.stream is not None:
                stream, _ = stack.enter_context(_stream(options.stream, options))
                measured_on = f"the readings of {options.stream}"
            else:
                count = DRAWN if options.n is None else options.n
                stream = from_values(p.sample(count, options.seed))
                measured_on = f"{count:,} readings drawn from p (seed {options.seed})"
        rows = [(name, _mismatch(p, name, _subject(name, options), stream)) for name in options.q]
    if options.json:
        return _print_json(comparison_json(rows))
    _screen().print(comparison_table(rows, measured_on))


def _mismatch(p: Distribution, name: str, q: Distribution | PrefixCode, stream: Any) -> Mismatch:
    try:
        return mismatch(p, q, stream)
    except ValueError as error:  # a code that no file can hold
        raise StreamError(f"{name} cannot be measured: {error}") from None


def _subject(name: str, options: Namespace) -> Distribution | PrefixCode:
    """A distribution or a code by what the user calls it: a built-in name, a JSON file, a stream."""
    _refuse_unknown(name)
    if _is_stream(name):
        with _stream(name, options) as (stream, rounding):
            p = _tallied(stream)
        _tell(rounding, name)
        return p
    return sources.built_in(name) if name in sources.NAMES else tables.load(name)


def _refuse_unknown(name: str) -> None:
    if name not in sources.NAMES and name != "-" and not os.path.exists(name):
        raise StreamError(f"there is no file {name!r}, and no such distribution: there are {', '.join(sources.NAMES)}")


def _is_stream(name: str) -> bool:
    return name not in sources.NAMES and not name.endswith(".json")


def _distribution(name: str) -> Distribution:
    if name in sources.NAMES:
        return sources.built_in(name)
    _refuse_unknown(name)
    thing = tables.load(name)
    if isinstance(thing, Distribution):
        return thing
    if thing.weights is None:
        raise StreamError(f"{name} is a code without weights, and a distribution is needed")
    return Distribution(thing.alphabet, thing.weights)


def _code_named(name: str, options: Namespace) -> PrefixCode:
    _refuse_unknown(name)
    thing = sources.built_in(name) if name in sources.NAMES else tables.load(name)
    if isinstance(thing, PrefixCode) and thing.lengths.max() > MAX_CODE_LENGTH:
        raise StreamError(
            f"{name} has codewords of {thing.lengths.max()} bits, and files hold at most {MAX_CODE_LENGTH}: "
            f"make it with --max-length {MAX_CODE_LENGTH}"
        )
    try:
        return as_code(thing)
    except ValueError as error:
        raise StreamError(f"{name}: {error}") from None


def _huffman(p: Distribution, max_length: int | None) -> PrefixCode:
    occurring = int((p.weights != 0).sum())
    if max_length is not None and occurring > 1 << max_length:
        raise UsageError(f"{occurring:,} codewords do not fit into {max_length} bits")
    return huffman(p, max_length)


def _learned(stream: Stream, max_length: int) -> PrefixCode | None:
    labels, counts = tally_stream(stream)
    return _huffman(Distribution(labels, counts), min(max_length, MAX_CODE_LENGTH)) if len(labels) else None


def _tallied(stream: Stream) -> Distribution:
    labels, counts = tally_stream(stream)
    if not len(labels):
        raise StreamError(f"{stream.name} is empty, and has no distribution")
    return Distribution(labels, counts)


@contextlib.contextmanager
def _input_file(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        if sys.stdin is None:
            raise StreamError("standard input is closed: name a file")
        yield sys.stdin.buffer
        return
    with open(name, "rb") as file:
        yield file


@contextlib.contextmanager
def _stream(name: str, options: Namespace, once: bool = False) -> Iterator[tuple[Stream, Rounding | None]]:
    """A stream by file name; from a pipe it is kept in a temporary file, unless it is needed `once` only."""
    if options.column is not None and options.raw:
        raise UsageError("--column and --bytes exclude each other")
    if options.step is not None and options.raw:
        raise UsageError("--step rounds numbers, and --bytes reads none")
    step = None
    if options.step is not None:
        try:
            step = parse_step(options.step)
        except ValueError as error:
            raise UsageError(str(error)) from None
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(_input_file(name))
        if not file.seekable() and not once:
            spooled = stack.enter_context(tempfile.SpooledTemporaryFile(_SPOOL_BYTES))
            shutil.copyfileobj(file, spooled)
            file = spooled  # type: ignore[assignment]
        if file.seekable() and not options.raw:
            file.seek(0)
            if file.read(len(MAGIC)) == MAGIC:
                raise StreamError(f"{name} is a .huf file: decode it first, or read its bytes with --bytes")
        stream = open_stream(file, name, options.column, options.raw)
        yield (stream, None) if step is None else on_grid(stream, step)


def _target(options: Namespace, usual: str | None) -> str:
    if options.stdout and options.output not in (None, "-"):
        raise UsageError("-c and -o exclude each other")
    if options.stdout:
        return "-"
    if options.output is not None:
        return str(options.output)
    if usual is None and (getattr(options, "stream", None) or getattr(options, "file", None)) == "-":
        return "-"
    if usual is None:
        raise UsageError(f"{options.file} is not called NAME{SUFFIX}: name the output with -o")
    return usual


def _refuse_terminal(target: str, options: Namespace) -> None:
    if target == "-" and _standard_output().isatty() and not options.force:
        raise UsageError("coded bytes are not written to a terminal: name a file with -o, or use --force")


@contextlib.contextmanager
def _output_file(name: str, force: bool, *inputs: str | None) -> Iterator[BinaryIO]:
    if name == "-":
        out = _standard_output().buffer
        yield out
        out.flush()
        return
    for source in inputs:
        is_file = source is not None and source not in sources.NAMES and source != "-" and os.path.exists(source)
        if is_file and os.path.exists(name) and os.path.samefile(str(source), name):
            raise StreamError(f"{name} is the input too, and the input is never overwritten: name another with -o")
    try:
        with output.output(name, force) as file:
            yield file
    except OSError as error:
        if error.errno in _WRITING or str(error.filename).endswith(".part"):
            error.filename = name  # as the user knows it, and not the temporary file beside it
        raise


def _standard_output() -> TextIO:
    if sys.stdout is None:
        raise StreamError("standard output is closed: name a file with -o")
    return sys.stdout


def _screen() -> Console:
    return console(_standard_output())


@contextlib.contextmanager
def _in_file(name: str) -> Iterator[None]:
    """Put the name of the file before what is wrong with it."""
    try:
        yield
    except CodecError as error:
        raise type(error)(f"{name}: {error}") from None


def _print_json(fields: dict[str, Any]) -> None:
    print(json.dumps(fields, indent=2, ensure_ascii=True, allow_nan=False), file=_standard_output())
