"""Verbs for sensors: packets without a container."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace

from codec.cli.files import input_file, opened_stream, output_file
from codec.cli.operands import asked_transforms, code_named
from codec.cli.talk import print_json, say, standard_output
from codec.codes.prefix import PrefixCode
from codec.errors import CodecError, DamagedError, StreamError, TableError, UsageError, counted
from codec.files.container import write_all
from codec.nodes import layout as layouts
from codec.nodes.export_c import export_c
from codec.nodes.layout import NodeTable, PacketLayout
from codec.nodes.packet import joined, unpacked, words_of
from codec.nodes.report import packet_report
from codec.show.as_json import as_json
from codec.show.console import console
from codec.show.nodes import packets_report

_LINE = re.compile(rb"((?:[0-9a-fA-F]{2})*)(?: ([0-9]{1,9}))?[ \t]*")
_MOST_LINES = 10


def table_of_packets(name: str, options: Namespace) -> NodeTable:
    """A table and the layout of its packets; the usual layout of a table that has none."""
    code = code_named(name, options)
    if name.endswith(".json"):
        return layouts.load(name)
    try:
        return layouts.node_table(code)
    except ValueError as error:
        raise StreamError(f"{name}: {error}") from None


def node_table_of(name: str, code: PrefixCode, layout: PacketLayout) -> NodeTable:
    """A code with a layout, which is of what the code is of."""
    of = code.singles.of
    try:
        return layouts.node_table(code, layout if of is None else replace(layout, transform=of.name))
    except ValueError as error:
        raise StreamError(f"{name}: packets hold readings or differences, in numbers of their own: {error}") from None


def encode_packets(options: Namespace) -> None:
    """A stream -> packets, a line of hexadecimal digits each; or what they weigh."""
    names, tables = _given(options)
    if not options.report and (options.json or options.per_day is not None):
        raise UsageError("--json and --per-day say what packets weigh: with --report")
    channels = []
    for column, table in zip(names, tables, strict=True):
        alone = Namespace(**{**vars(options), "column": column, "quiet": options.quiet or column != names[0]})
        with opened_stream(options.stream, alone) as stream:
            source = replace(stream, name=f"{stream.name}, column {column}") if len(names) > 1 else stream
            channels.append(words_of(source, table, options.packets))
    if len({len(channel.words) for channel in channels}) > 1:
        lengths = ", ".join(f"{len(channel.words):,}" for channel in channels)
        raise UsageError(f"the columns have not the same number of readings: {lengths}")
    packets = joined(channels, tables, options.packets) if len(channels[0].words) else []
    if not options.report or options.output is not None:
        with output_file(options.output or "-", options.force, options.stream, *_codes(options)) as out:
            write_all(out, _lines(packets, len(channels[0].words), options.packets).encode("ascii"))
    if not options.report:
        return
    named = [(name or "readings", words) for name, words in zip(names, channels, strict=True)]
    report = packet_report(packets, named, tables, options.packets, options.per_day)
    if options.json:
        return print_json(as_json(report))
    console(standard_output()).print(packets_report(report))


def _codes(options: Namespace) -> list[str]:
    return list(getattr(options, "codes", [options.code]))


def _given(options: Namespace) -> tuple[list[str | None], list[NodeTable]]:
    """The columns and the table of each."""
    learning = (
        "no_table",
        "max_length",
        "block",
        "context",
        "intervals",
        "best",
        "short",
        "block_size",
        "construction",
    )
    for name in (*asked_transforms(options), *learning):
        if name not in learning or getattr(options, name):
            raise UsageError(
                f"leave out --{name.replace('_', '-')}: packets are of a table that is given (--code), and it says "
                "whether of differences (codec table --layout)"
            )
    if options.code is None:
        raise UsageError("--packets needs --code: node and gateway share a saved table")
    names = [*getattr(options, "columns", [options.column])]
    if len(names) != len(_codes(options)):
        raise UsageError(f"{counted(len(names), 'column')}, and {len(_codes(options))} of --code: one for each")
    return names, layouts.of_one_packet([table_of_packets(name, options) for name in _codes(options)])


def _lines(packets: list[bytes], count: int, size: int) -> str:
    """A line a packet; behind one that has fewer readings than the others, how many."""
    last = f" {count % size}" if count % size else ""
    return "".join(f"{data.hex()}{last * (number == len(packets))}\n" for number, data in enumerate(packets, 1))


def export(options: Namespace) -> None:
    """A saved table -> a header of C."""
    table = table_of_packets(options.code, options)
    stem = os.path.basename(options.code).split(".")[0]
    name = (
        options.name
        if options.name is not None
        else re.sub("[^A-Za-z0-9_]", "_", stem if stem[:1].isalpha() else f"t_{stem}")[:40]
    )
    try:
        made = export_c(table, name, options.small)
    except ValueError as error:
        raise TableError(f"{options.code}: {error}") from None
    other = "" if options.small else _with_small(table, name)
    with output_file(options.output or "-", options.force, options.code) as out:
        write_all(out, made.text.encode("ascii"))
    say(
        f"{options.output or name}: {counted(made.bytes, 'byte')} of constants, {made.how}{other}; "
        f"table and layout {table.fingerprint}"
    )


def _with_small(table: NodeTable, name: str) -> str:
    try:
        return f" ({export_c(table, name, True).bytes:,} with --small)"
    except ValueError:  # its labels are in another order
        return ""


def decode_packets(options: Namespace) -> None:
    """Packets -> the readings, one a line; of several channels, with commas between."""
    if options.code is None:
        raise UsageError("--packets needs --code: node and gateway share a saved table")
    if options.readings is not None or options.max_output is not None:
        raise UsageError("--readings and --max-output are for .huf files, not for --packets")
    tables = layouts.of_one_packet([table_of_packets(name, options) for name in _codes(options)])
    if not options.packets and not tables[0].layout.count_bits:
        raise UsageError("packets of this layout do not say how many readings they have: --packets N does")
    lost: list[tuple[int, str]] = []
    with input_file(options.file) as file:
        lines = file.read().splitlines()
    text = "".join(_restored(lines, tables, options, lost))
    if not options.test:
        with output_file(options.output or "-", options.force, options.file, *_codes(options)) as out:
            write_all(out, text.encode("utf-8", "surrogateescape"))
    if lost:
        raise DamagedError(_lost(lost, len(lines)))
    if not options.quiet:
        say(f"{options.file}: {counted(len(lines), 'packet')}, {counted(text.count(chr(10)), 'reading')}")


def _lost(lost: list[tuple[int, str]], packets: int) -> str:
    """The first packet that is lost and why, and which are."""
    said = f"{lost[0][1]}; {counted(len(lost), 'packet')} of {packets:,} lost"
    if len(lost) == packets:
        return f"{said}, and nothing saved"
    lines = ", ".join(str(number) for number, _ in lost[:_MOST_LINES]) + ", ..." * (len(lost) > _MOST_LINES)
    return f"{said}, the others saved, with nothing in place of {'line' if len(lost) == 1 else 'lines'} {lines}"


def _restored(
    lines: list[bytes], tables: list[NodeTable], options: Namespace, lost: list[tuple[int, str]]
) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        try:
            if match is None:
                raise DamagedError("a packet is hexadecimal digits, two a byte, and maybe a number of readings")
            fewer = None if match[2] is None else int(match[2])
            count = None if tables[0].layout.count_bits else options.packets if fewer is None else fewer
            found = [labels.spellings for labels in unpacked(bytes.fromhex(match[1].decode("ascii")), tables, count)]
        except CodecError as error:
            said = f"{options.file}, line {number}: {error}"
            if not options.salvage:
                raise type(error)(said) from None
            lost.append((number, said))
            continue
        yield "".join(",".join(row) + "\n" for row in zip(*found, strict=True))
