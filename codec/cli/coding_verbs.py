"""The verbs encode, decode and inspect: a stream to a file, back, and what the file holds."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import replace
from itertools import chain
from typing import BinaryIO

from codec.arrays.opened import is_array
from codec.cli.arrays import inspect_array, refuse_scheduler
from codec.cli.files import (
    STANDARD_OUTPUT,
    SUFFIX,
    in_file,
    input_file,
    layout_of,
    opened_stream,
    output_file,
    refuse_existing,
    refuse_terminal,
    restores,
    target_of,
    usual_target,
)
from codec.cli.node_verbs import decode_packets, encode_packets
from codec.cli.operands import asked_transforms, code_named, transform_of_options
from codec.cli.progress import progress
from codec.cli.talk import one_line, print_json, say, standard_error, standard_output
from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.coding import Written
from codec.coding.best import Candidate, candidates, smallest
from codec.coding.excerpt import excerpt
from codec.coding.file import opened, restored_bytes
from codec.coding.options import Options
from codec.coding.piece import Limit, default_max_output
from codec.coding.salvage import Salvage
from codec.coding.scan import all_of
from codec.coding.writing import write
from codec.errors import CodecError, DamagedError, StreamError, UsageError, counted
from codec.files.container import End, write_all
from codec.measure.bitstream import first_codewords
from codec.measure.ledger import ByteCounter, account
from codec.readings import restore
from codec.readings.floats import needs_numbers
from codec.readings.front import columns_of
from codec.show.as_json import as_json
from codec.show.bitstream import Bitstream, LedgerBar
from codec.show.candidates import candidates_table, encoding_json
from codec.show.code import ALL_ROWS, code_report, code_table
from codec.show.columns import Column, columns_json, columns_table
from codec.show.console import console, percent
from codec.show.ledger import file_summary, ledger_report
from codec.show.memory import memory_lines
from codec.show.salvage import salvage_report

INSPECTED_ROWS = 12


def encode(options: Namespace) -> None:
    """A stream -> a .huf file; or packets."""
    if options.packets is not None:
        return encode_packets(options)
    _refuse_packets_of(options)
    _check_encoding(options)
    if options.all_columns or len(getattr(options, "columns", [])) > 1:
        return _encode_columns(options)
    written, target, tried = _encoded(options)
    if options.json:
        print_json(encoding_json(written, target, tried))
    if options.quiet:
        return
    if tried:
        with standard_error() as file:
            console(file).print(candidates_table(tried))
    sized = counted(written.file_bytes, "byte")
    say(
        f"{options.stream}: {counted(written.count, 'reading')}, {written.original_bytes:,} -> {sized}"
        f"{_saving(written)} -> {target}"
    )


def _encode_columns(options: Namespace) -> None:
    """A file for each of several columns, and one table of what they cost; one that cannot be coded stops no other."""
    if options.stream == "-" or options.output is not None or options.stdout:
        raise UsageError("several columns of a file make several files, with their usual names: leave out -, -o and -c")
    if options.all_columns and (options.column is not None or options.raw):
        raise UsageError("--all-columns reads every column: leave out --column and --bytes")
    if options.all_columns:
        with input_file(options.stream) as file:
            names = columns_of(file, options.stream, layout_of(options))
    else:
        names = options.columns
    each_alone = {name: Namespace(**{**vars(options), "column": name}) for name in names}
    places: dict[str | None, str] = {}
    for name, alone in each_alone.items():
        other = places.setdefault(usual_target(alone), name)
        if other != name:
            raise UsageError(f"the columns {other!r} and {name!r} would be in one file: name each alone, with -o")
    found: list[Column] = []
    for name, alone in each_alone.items():
        try:
            written, target, tried = _encoded(alone)
            found.append(Column(name, written, target, smallest(tried).name if tried else None))
        except CodecError as error:
            reason = str(error).removeprefix(options.stream).removeprefix(f", column {name!r}").lstrip(", :")
            found.append(Column(name, None, None, None, reason))
    if options.json:
        print_json(columns_json(found))
    if not options.quiet:
        with standard_error() as file:
            console(file).print(columns_table([replace(each, name=one_line(each.name)) for each in found]))
    failed = [each.name for each in found if each.written is None]
    if failed:
        number = f"{len(failed)} of {counted(len(found), 'column')}"
        raise StreamError(f"{options.stream}: {number} could not be coded: {', '.join(failed)}")


def _encoded(options: Namespace) -> tuple[Written, str, tuple[Candidate, ...]]:
    """Write a file; what was written, where, and what was tried for it."""
    target = target_of(options, usual_target(options))
    if options.json and target in STANDARD_OUTPUT:
        raise UsageError("--json and the coded bytes both want standard output: name a file with -o")
    refuse_terminal(target, options)
    given: PrefixCode | ContextCode | None = None
    if options.code is not None:
        given = code_named(options.code, options, options.construction)
    tried: tuple[Candidate, ...] = ()
    once = given is not None and not needs_numbers(given.alphabet.source)
    with opened_stream(options.stream, options, once=once) as stream:
        target = target_of(options, usual_target(options, stream.origin.kind == "array"))
        how = _how(options)
        if options.best:
            tried = candidates(stream, how)
            given, how = smallest(tried).code, smallest(tried).how
        with output_file(target, options.force, options.stream, options.code) as file:
            try:
                written = write(stream, file, given, how)
            except ValueError as error:
                if options.max_length is None and options.construction is None:
                    raise
                raise UsageError(str(error)) from None  # the limit is too short for this stream
    return written, target, tried


def _saving(written: Written) -> str:
    """How much smaller the file is than the original, or how much larger."""
    before, after = written.original_bytes, written.file_bytes
    if not before:
        return ""
    if after >= 2 * before:
        return f", {after / before:,.1f} times as large"
    return f", {percent(abs(before - after), before)} {'saved' if after <= before else 'larger'}"


def _how(options: Namespace) -> Options:
    """The options of `encode` as the record that goes through the coding path."""
    transform, order = transform_of_options(options)
    how = Options(
        not options.no_table,
        transform,
        order,
        context=options.context,
        block_size=options.block_size or "auto",
        short=options.short,
    )
    if options.code is not None:
        return how
    limit = min(options.max_length or MAX_CODE_LENGTH, MAX_CODE_LENGTH)
    built = options.construction or how.construction
    try:
        return replace(
            how,
            per_codeword=options.block or 1,
            construction=built,
            max_length=limit,
            intervals=options.intervals,
        )
    except ValueError as error:
        raise UsageError(str(error)) from None


def _refuse_packets_of(options: Namespace) -> None:
    """Refuse what only packets take."""
    for name in ("report", "per_day"):
        if getattr(options, name, None):
            raise UsageError(f"--{name.replace('_', '-')} is for packets: name their readings with --packets")
    if len(getattr(options, "codes", [])) > 1:
        raise UsageError("--code was given twice, and only the channels of packets (--packets) take one each")


def _check_encoding(options: Namespace) -> None:
    """Refuse options of `encode` that do not go together."""
    if options.no_table and options.code is None:
        raise UsageError("--no-table needs --code: a file without a table and without a given code could never be read")
    chosen = {"--code": options.code, "--block": options.block, "--max-length": options.max_length,
              "--construction": options.construction}  # fmt: skip
    given = [name for name, value in chosen.items() if value is not None]
    if options.code is not None and (learning := {"--block", "--max-length"} & {*given}):
        raise UsageError(
            f"leave out {' and '.join(sorted(learning))}: for a code that is learned, and --code gives one"
        )
    if options.no_table and options.construction not in (None, "huffman"):
        raise UsageError("--no-table needs a code to give again: save one (codec table --construction) for --code")
    for option in ("context", "best", "intervals"):
        if given and option == "intervals" and given == ["--max-length"]:
            continue
        if given and getattr(options, option):
            raise UsageError(f"--{option} learns Huffman codes of its own, without {' and '.join(given)}")
    tried = asked_transforms(options)
    tried += [name for name in ("context", "intervals") if getattr(options, name)]
    if options.best and tried:
        raise UsageError(f"--best tries all ways by itself: leave out --{' and --'.join(tried)}")


def decode(options: Namespace) -> None:
    """A .huf file -> what it was made from; or packets -> their readings."""
    if options.packets is not None:
        return decode_packets(options)
    _refuse_packets_of(options)
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
        if options.readings is not None:
            return _decode_range(options, file, given, target, Limit(limit))
        with in_file(source):
            coded, ends = opened(file, given), list[End]()
            refuse_existing(
                target, options.force or options.test, restores(target, coded.origin, coded.code.singles.step)
            )
            size = os.fstat(file.fileno()).st_size if file.seekable() else None
            with (
                output_file(target, options.force or options.test, source, options.code) as out,
                progress(one_line(source), options.quiet) as update,
            ):
                for data in restored_bytes(coded, Limit(limit), ends):
                    write_all(out, data)
                    if size is not None:
                        update(file.tell(), size)
    if options.test and not options.quiet:
        say(f"{source}: {counted(ends[0].count, 'reading')}, all is well")


def _decode_range(options: Namespace, file: BinaryIO, given: PrefixCode | None, target: str, limit: Limit) -> None:
    """Write some readings only; lines as they are, each with its end."""
    with in_file(options.file):
        refuse_existing(target, options.force, restores=False)
        start, stop = options.readings
        some = excerpt(all_of(file), given, None, start, stop, limit)
        with output_file(target, options.force, options.file, options.code) as out:
            for data in restore.as_bytes(some.file.alphabet, some.file.origin, chain(some.parts, [some.closing])):
                write_all(out, data)


def _salvage(options: Namespace, file: BinaryIO, given: PrefixCode | None, target: str, limit: int | None) -> None:
    """Write what is sound of a damaged file; if something is lost, an error says what."""
    with in_file(options.file):
        refuse_existing(target, options.force, restores=False)
        salvage = Salvage(file, given, limit)
        with output_file(target, options.force, options.file, options.code) as out:
            for data in salvage.restored():
                write_all(out, data)
            if not salvage.saved and salvage.lost:
                raise DamagedError("no block of it is sound: nothing can be saved")
        if salvage.lost or salvage.mixed:
            raise DamagedError(salvage_report(salvage))
    if not options.quiet:
        say(f"{options.file}: {counted(salvage.saved, 'reading')}, nothing is lost")


def inspect(options: Namespace) -> None:
    """Where every bit of a file went."""
    refuse_scheduler(options, options.file)
    if is_array(options.file):
        return inspect_array(options.file, options)
    given = None if options.code is None else code_named(options.code, options)
    with input_file(options.file) as file, in_file(options.file):
        if options.show and not file.seekable():
            raise UsageError("--show reads a file twice: name a file, and no pipe")
        start = file.tell() if options.show else 0
        words = first_codewords(opened(file, given), options.show) if options.show else []
        if options.show:
            file.seek(start)
        coded = opened(ByteCounter(file), given)
        book = account(coded, with_memory=True)
    if options.json:
        return print_json(as_json(book))
    screen = console(standard_output())
    screen.print(file_summary(book, coded, one_line(options.file)))
    if isinstance(coded.code, PrefixCode) and book.distribution is not None:
        rows = None if options.all_rows else INSPECTED_ROWS
        screen.print("", code_table(code_report(coded.code, book.distribution), rows, ALL_ROWS), sep="\n")
    if words:
        screen.print("", Bitstream(words), sep="\n")
    screen.print("", ledger_report(book), LedgerBar(book), sep="\n")
    if book.distribution is not None and isinstance(coded.code, PrefixCode):
        symbols = -(-book.count // coded.code.readings)
        screen.print("", memory_lines(book.memory, symbols, book.coded), sep="\n")
