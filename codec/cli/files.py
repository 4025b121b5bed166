"""The files of a verb: streams to read, and where to write."""

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
from typing import BinaryIO

from codec.arrays.opened import is_array
from codec.cli.progress import progress, watched
from codec.cli.talk import one_line, say, standard_output
from codec.codes import standard
from codec.errors import CodecError, StreamError, UsageError, counted
from codec.files import output
from codec.files.container import MAGIC
from codec.files.named import NamedFile
from codec.readings.csv import Layout
from codec.readings.front import open_stream
from codec.readings.grid import on_grid
from codec.readings.npy import NPY_MAGIC
from codec.readings.origin import Origin
from codec.readings.stream import Stream, refusing_changes
from codec.theory import sources

SUFFIX = ".huf"
GZIP_SUFFIX = ".gz"
_TABLE_SUFFIXES = (".parquet", ".feather", ".arrow")
NAMES = (*sources.NAMES, *standard.NAMES)
_ROWS_SUFFIXES = (".csv", ".tsv", ".txt", *_TABLE_SUFFIXES)
_SPOOL_BYTES = 1 << 24
_PIECE_BYTES = 1 << 20
STANDARD_OUTPUT = ("-", "/dev/stdout")  # never replaced: a shell may have opened it to append


@contextlib.contextmanager
def input_file(name: str) -> Iterator[BinaryIO]:
    """A file to read, or standard input."""
    if name == "-":
        if sys.stdin is None:
            raise StreamError("standard input is closed: name a file")
        yield sys.stdin.buffer
        return
    if is_array(name):
        verbs = "codec table, audit, inspect and figure chunks measure it chunk by chunk"
        raise StreamError(f"{name} is an array in chunks, and a file is wanted: {verbs}")
    with io.BufferedReader(NamedFile(name, "r", name)) as file:
        yield file


@contextlib.contextmanager
def _spooled(pipe: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """All the bytes of a pipe, in a temporary file if they are many."""
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

    Notes about the input are printed when the block ends.
    """
    if options.step is not None and options.raw:
        raise UsageError("--step rounds numbers, and --bytes reads none")
    layout = layout_of(options)
    if options.column is None and layout != Layout(missing=layout.missing):
        raise UsageError("--no-header, --skip and --comment are for a column of a CSV file: name it with --column")
    column, rounding = options.column, None
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(input_file(name))
        is_file = file.seekable()
        opened = _written(file) if is_file else None
        if not is_file and not once:
            file = stack.enter_context(_spooled(file, name))
        if file.seekable() and not options.raw:
            start = file.tell()
            head = file.read(len(MAGIC))
            if head == MAGIC:
                raise StreamError(f"{name} is a .huf file: decode it first, or read its bytes with --bytes")
            if head.startswith(NPY_MAGIC) and column is not None:
                if not hasattr(options, "several"):
                    raise StreamError(f"{name} is an array, and has no columns: leave out --column")
                column = None  # it is meant for another stream of `compare`
            file.seek(start)
        stream = open_stream(file, name, column, options.raw, layout, not options.no_decimals)
        if is_file:
            stream = refusing_changes(stream, lambda _: _written(file), opened)
        if options.step is not None:
            stream, rounding = on_grid(stream, options.step)
        update = stack.enter_context(progress(one_line(name), getattr(options, "quiet", False)))
        yield watched(stream, file, os.fstat(file.fileno()).st_size if is_file else None, update)
    if getattr(options, "quiet", False):
        return
    if options.column is None and not options.raw and _has_columns(name):
        say(f"{name}: each line is one reading; --column NAME reads a column instead")
    for note in stream.notes:
        say(note)
    if rounding is not None:
        among = f"of {counted(rounding.count, 'reading')}"
        say(
            f"{name}: {counted(rounding.changed, f'{among} was', f'{among} were')} changed by the step of "
            f"{rounding.step}, by at most {float(rounding.greatest_change):.6g}"
        )


def layout_of(options: Namespace) -> Layout:
    """How the rows of a CSV file begin, and what stands for a gap."""
    return Layout(not options.no_header, options.skip, options.comment, options.missing)


def _written(file: BinaryIO) -> tuple[int, int]:
    """The size of a file, and when it was last written to."""
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def _has_columns(name: str) -> bool:
    return name.lower().removesuffix(GZIP_SUFFIX).endswith((".csv", ".tsv"))


def usual_target(options: Namespace, of_array: bool = False) -> str | None:
    """The .huf file for a stream, named after what it decodes to: a gzip file's content, a column's cells as text or
    its values as an array.
    """
    if options.stream == "-":
        return None
    held = str(options.stream if options.raw else options.stream.removesuffix(GZIP_SUFFIX))
    if options.column is None:
        return held + SUFFIX
    root, suffix = os.path.splitext(held)
    column = re.sub(r"[/\\:\x00-\x1f\x7f]", "_", options.column)
    return f"{root if suffix.lower() in _ROWS_SUFFIXES else held}.{column}{'.npy' if of_array else '.txt'}{SUFFIX}"


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
    """Refuse to replace a file that decoding would not restore in full; --force is not proposed."""
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
    if origin.kind != "bytes" and name.endswith((GZIP_SUFFIX, *_TABLE_SUFFIXES)):
        return False
    return not origin.is_lines or step == "1" or bool(re.fullmatch(r"0\.0*1", step))  # else rounded to a grid


def refuse_terminal(target: str, options: Namespace) -> None:
    """Refuse to write coded bytes to a terminal."""
    if target in STANDARD_OUTPUT and standard_output().isatty() and not options.force:
        raise UsageError("coded bytes are not written to a terminal: name a file with -o, or use --force")


@contextlib.contextmanager
def output_file(name: str, force: bool, *inputs: str | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that is written whole or not at all. It must not be an input."""
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
        if source is None:
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
    except OSError:  # opening the file will say what is wrong
        return None


@contextlib.contextmanager
def in_file(name: str) -> Iterator[None]:
    """Put the name of the file before what is wrong with it."""
    try:
        yield
    except output.ExistsError:  # it names the file to write
        raise
    except CodecError as error:
        raise type(error)(f"{name}: {error}") from None
