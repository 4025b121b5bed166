"""What the arguments of a verb name: streams, distributions, code tables; files to read and to write."""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO, TextIO

import numpy as np

from codec.cli.talk import say
from codec.codes import standard
from codec.codes.constructions import construct
from codec.codes.prefix import PrefixCode, as_code, huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.errors import CodecError, StreamError, UsageError
from codec.files import output, tables
from codec.files.container import MAGIC
from codec.files.named import NamedFile
from codec.readings.csv import Layout
from codec.readings.front import open_stream
from codec.readings.grid import Rounding, on_grid, parse_step
from codec.readings.npy import NPY_MAGIC
from codec.readings.origin import Origin
from codec.readings.stream import Stream, refusing_changes, tally_stream
from codec.theory import sources
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels

SUFFIX = ".huf"
GZIP_SUFFIX = ".gz"
GZIP_MAGIC = b"\x1f\x8b"
_ROWS_SUFFIXES = (".csv", ".tsv", ".txt")
NAMES = (*sources.NAMES, *standard.NAMES)
_SPOOL_BYTES = 1 << 24
_PIECE_BYTES = 1 << 20
STANDARD_OUTPUT = ("-", "/dev/stdout")  # which a shell may have opened to append, so it is never replaced


def built_in_named(name: str, raw: bool = False) -> Distribution | PrefixCode:
    """A built-in distribution or a standard table; over bytes, if the streams are, where its labels are characters."""
    if name in standard.NAMES:
        return standard.standard(name)
    p = sources.built_in(name)
    if not raw or p.labels.kind != "str":
        return p
    return Distribution(Labels("int", np.array([ord(label) for label in p.labels], np.int64)), p.weights)


def _say_rounding(rounding: Rounding, name: str) -> None:
    """Say what rounding to a grid changed."""
    say(
        f"{name}: {rounding.changed:,} of {rounding.count:,} readings were changed by the step of "
        f"{rounding.step}, by at most {float(rounding.greatest_change):.6g}"
    )


def subject(name: str, options: Namespace) -> Distribution | PrefixCode:
    """A distribution or a code by what the user calls it: a built-in name, a JSON file, a stream."""
    refuse_unknown(name)
    if is_stream(name):
        with opened_stream(name, options) as stream:
            return tallied(stream)
    return built_in_named(name, options.raw) if name in NAMES else saved(name)


def saved(name: str) -> Distribution | PrefixCode:
    """What a JSON file holds; a file of another kind is refused by what it is."""
    with contextlib.suppress(OSError), open(name, "rb") as file:
        head = file.read(len(MAGIC))
        if head == MAGIC:
            raise StreamError(
                f"{name} is a coded file, and a table is wanted: save the table of its readings "
                f"(codec decode, then codec table -o TABLE.json)"
            )
        if head.startswith((NPY_MAGIC, GZIP_MAGIC)):
            raise StreamError(
                f"{name} is a stream of readings, and a table is wanted: save its table (codec table -o TABLE.json)"
            )
    return tables.load(name)


def refuse_unknown(name: str) -> None:
    """Refuse what is neither a file nor a built-in name."""
    if name not in NAMES and name != "-" and not os.path.exists(name):
        raise StreamError(f"there is no file {name!r}, and no such distribution: there are {', '.join(NAMES)}")


def is_stream(name: str) -> bool:
    """Whether a name is that of a stream, and not of a distribution or a table."""
    return name not in NAMES and not name.endswith(".json")


def distribution_named(name: str) -> Distribution:
    """A distribution by its built-in name or its file; of a saved code, the weights it was made from."""
    if name not in NAMES:
        refuse_unknown(name)
    thing = built_in_named(name) if name in NAMES else saved(name)
    if isinstance(thing, Distribution):
        return thing
    if thing.weights is None:
        raise StreamError(f"{name} is a code without weights, and a distribution is needed")
    return Distribution(thing.alphabet, thing.weights)


def code_named(name: str, options: Namespace, construction: str | None = None) -> PrefixCode:
    """The code of a table, or of a distribution by a construction (Huffman's), that a file can be written with."""
    refuse_unknown(name)
    thing = built_in_named(name, getattr(options, "raw", False)) if name in NAMES else saved(name)
    refuse_construction(name, thing, construction)
    if isinstance(thing, PrefixCode) and thing.all_lengths.max() > MAX_CODE_LENGTH:
        raise StreamError(
            f"{name} has codewords of {thing.all_lengths.max()} bits, and files hold at most {MAX_CODE_LENGTH}: "
            f"make it with --max-length {MAX_CODE_LENGTH}"
        )
    try:
        if isinstance(thing, Distribution) and construction is not None:
            thing = construct(construction, thing, MAX_CODE_LENGTH)
        return as_code(thing)
    except ValueError as error:
        raise StreamError(f"{name}: {error}") from None


def refuse_construction(name: str, thing: Distribution | PrefixCode, construction: str | None) -> None:
    """Refuse to construct what has its lengths already."""
    if construction is not None and isinstance(thing, PrefixCode):
        raise UsageError(f"{name} has its lengths already: --construction needs a distribution")


def constructed_within(
    p: Distribution, max_length: int | None, construction: str | None, escape_weight: Fraction | None = None
) -> PrefixCode:
    """The code of a construction (Huffman's) under a limit, which is wrong usage if the code cannot keep it."""
    if construction is None or construction == "huffman":
        return huffman_within(p, max_length, escape_weight)
    if escape_weight is not None:
        raise UsageError("--escape is for Huffman's construction only")
    try:
        return construct(construction, p, max_length)
    except ValueError as error:
        raise UsageError(str(error)) from None


def huffman_within(p: Distribution, max_length: int | None, escape_weight: Fraction | None = None) -> PrefixCode:
    """The Huffman code under a limit, which is wrong usage if it is too short."""
    occurring = int((p.weights != 0).sum()) + (escape_weight is not None)
    if max_length is not None and occurring > 1 << max_length:
        raise UsageError(f"{occurring:,} codewords do not fit into {max_length} bits")
    return huffman(p, max_length, escape_weight)


def tallied(stream: Stream) -> Distribution:
    """The distribution of a stream that is not empty."""
    labels, counts = tally_stream(stream)
    if not len(labels):
        raise StreamError(f"{stream.name} is empty, and has no distribution")
    return Distribution(labels, counts)


@contextlib.contextmanager
def input_file(name: str) -> Iterator[BinaryIO]:
    """A file to read, or standard input."""
    if name == "-":
        if sys.stdin is None:
            raise StreamError("standard input is closed: name a file")
        yield sys.stdin.buffer
        return
    with io.BufferedReader(NamedFile(name, "r", name)) as file:
        yield file


@contextlib.contextmanager
def _spooled(pipe: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """What comes out of a pipe, in a temporary file if it is long."""
    with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as spooled:
        for piece in iter(lambda: pipe.read(_PIECE_BYTES), b""):
            try:
                spooled.write(piece)
                spooled.flush()
            except OSError as error:
                with contextlib.suppress(OSError):
                    spooled.close()  # which fails once more
                raise StreamError(
                    f"{name}: a pipe is kept in a temporary file until it was counted: {error.strerror}: "
                    "set TMPDIR to a folder with room, or give a file"
                ) from None
        spooled.seek(0)
        yield spooled  # type: ignore[misc]


@contextlib.contextmanager
def opened_stream(name: str, options: Namespace, once: bool = False) -> Iterator[Stream]:
    """A stream by file name; from a pipe it is kept in a temporary file, unless it is needed `once` only.

    At the end it is said what a user should know of the input.
    """
    if options.column is not None and options.raw:
        raise UsageError("--column and --bytes exclude each other")
    if options.step is not None and options.raw:
        raise UsageError("--step rounds numbers, and --bytes reads none")
    layout = Layout(not options.no_header, options.skip, options.comment)
    if options.column is None and layout != Layout():
        raise UsageError("--no-header, --skip and --comment are for a column of a CSV file: name it with --column")
    column, rounding, step = options.column, None, None
    if options.step is not None:
        try:
            step = parse_step(options.step)
        except ValueError as error:
            raise UsageError(str(error)) from None
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(input_file(name))
        opened = os.fstat(file.fileno()) if file.seekable() else None
        if not file.seekable() and not once:
            file = stack.enter_context(_spooled(file, name))
        if file.seekable() and not options.raw:
            start = file.tell()
            head = file.read(len(MAGIC))
            if head == MAGIC:
                raise StreamError(f"{name} is a .huf file: decode it first, or read its bytes with --bytes")
            if head.startswith(NPY_MAGIC) and column is not None:
                if not hasattr(options, "several"):
                    raise StreamError(f"{name} is an array, and has no columns: leave out --column")
                column = None  # it is that of another stream
            file.seek(start)
        stream = open_stream(file, name, column, options.raw, layout)
        if opened is not None:
            stream = refusing_changes(stream, file, opened)
        if step is not None:
            stream, rounding = on_grid(stream, step)
        yield stream
    if getattr(options, "quiet", False):
        return
    if options.column is None and not options.raw and _has_columns(name):
        say(f"{name}: each line is one reading; --column NAME reads a column instead")
    for note in stream.notes:
        say(note)
    if rounding is not None:
        _say_rounding(rounding, name)


def _has_columns(name: str) -> bool:
    return name.lower().removesuffix(GZIP_SUFFIX).endswith((".csv", ".tsv"))


def positive_number(text: str | None, option: str) -> Fraction | None:
    """The number that an option gives, exactly; None if it was not given."""
    if text is None:
        return None
    try:
        number = Fraction(text if len(text) <= 40 and not re.search("[eE][+-]?[0-9]{3}", text) else "none")
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"{option} is a positive number, not {text!r}") from None
    if not 0 < number < 10**18 or number.denominator > 10**18:
        raise UsageError(f"{option} is a positive number, not {text!r}")
    return number


def usual_target(options: Namespace) -> str | None:
    """The .huf file that a stream goes to; what a gzip file holds comes back without it, and is named so.

    A column comes back as text, one cell a line: the name carries the column.
    """
    if options.stream == "-":
        return None
    held = str(options.stream if options.raw else options.stream.removesuffix(GZIP_SUFFIX))
    if options.column is None:
        return held + SUFFIX
    root, suffix = os.path.splitext(held)
    column = re.sub(r"[/\\:\x00-\x1f\x7f]", "_", options.column)
    return f"{root if suffix.lower() in _ROWS_SUFFIXES else held}.{column}.txt{SUFFIX}"


def target_of(options: Namespace, usual: str | None) -> str:
    """Where to write: -o, -c, or the usual name."""
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


def refuse_existing(target: str, force: bool, restores: bool) -> None:
    """Refuse to replace a file that decoding would not restore, without proposing --force."""
    if force or restores or target in STANDARD_OUTPUT:
        return
    old = _status(target)
    if old is not None and stat.S_ISREG(old.st_mode):
        raise output.ExistsError(f"{target} exists already, and holds more than would be written: name another with -o")


def restores(target: str, origin: Origin, step: str) -> bool:
    """Whether readings of this origin and step can be all that a file of this name held."""
    name = target.lower()
    if origin.kind == "column" and (_has_columns(name) or name.endswith(GZIP_SUFFIX)):
        return False
    if origin.kind != "bytes" and name.endswith(GZIP_SUFFIX):
        return False
    return not origin.is_lines or step == "1" or bool(re.fullmatch(r"0\.0*1", step))  # else rounded to a grid


def refuse_terminal(target: str, options: Namespace) -> None:
    """Refuse to write coded bytes to a terminal."""
    if target in STANDARD_OUTPUT and standard_output().isatty() and not options.force:
        raise UsageError("coded bytes are not written to a terminal: name a file with -o, or use --force")


@contextlib.contextmanager
def output_file(name: str, force: bool, *inputs: str | None) -> Iterator[BinaryIO]:
    """A file to write whole or not at all, which is none of the inputs; or standard output."""
    _refuse_input(name, inputs)
    if name in STANDARD_OUTPUT:
        out = standard_output().buffer
        yield out
        out.flush()
        return
    with output.output(name, force) as file:
        yield file


def _refuse_input(name: str, inputs: tuple[str | None, ...]) -> None:
    """Refuse to write to a file that is read; pipes and devices may be both."""
    target = _status("/dev/stdout" if name == "-" else name)
    if target is None or not stat.S_ISREG(target.st_mode):
        return
    for source in inputs:
        if source is None or source in NAMES:
            continue
        status = _status("/dev/stdin" if source == "-" else source)
        if status is not None and os.path.samestat(status, target):
            shown = "standard output" if name == "-" else name
            raise output.ExistsError(
                f"{shown} is the input too, and the input is never overwritten: name another with -o"
            )


def _status(name: str) -> os.stat_result | None:
    try:
        return os.stat(name)
    except OSError:  # whatever it is: opening the file will tell
        return None


def standard_output() -> TextIO:
    """Standard output, which may have been closed."""
    if sys.stdout is None:
        raise StreamError("standard output is closed: name a file with -o")
    return sys.stdout


@contextlib.contextmanager
def in_file(name: str) -> Iterator[None]:
    """Put the name of the file before what is wrong with it."""
    try:
        yield
    except output.ExistsError:  # it names the file to write
        raise
    except CodecError as error:
        raise type(error)(f"{name}: {error}") from None
