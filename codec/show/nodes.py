"""Packets for people: what they weigh, and where their bits go."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from codec.errors import counted
from codec.nodes.report import PacketReport
from codec.show.console import bits, percent, table, whole


def packets_report(report: PacketReport) -> RenderableType:
    """Packets, their bytes, and a line for each channel."""
    if not report.readings:
        return Text("no reading, no packet")
    said = ", ".join(report.fingerprints)
    parts: list[RenderableType] = [
        Text(
            f"{counted(report.packets, 'packet')}, {counted(report.readings, 'reading')}, table and layout {said}\n"
            f"bytes a packet: mean {report.mean_bytes:.2f}, largest {report.largest_bytes}, "
            f"never above {report.guaranteed_bytes}; as int16 {report.int16_bytes:.2f}"
        )
    ]
    if report.bytes_per_day is not None:
        parts.append(Text(f"bytes a day: {report.bytes_per_day:,.1f}"))
    parts += ["", _channels(report), "", _purposes(report)]
    return Group(*parts)


def _channels(report: PacketReport) -> RenderableType:
    rows = [
        (
            each.name,
            whole(each.coded),
            whole(each.escaped),
            *(bits(value) for value in (each.entropy, each.huffman_mean, each.mean_length)),
        )
        for each in report.channels
    ]
    return table(("<coded", "codewords", "escapes", "H", "own Huffman code", "this table"), rows)


def _purposes(report: PacketReport) -> RenderableType:
    total = 8 * report.bytes
    channels = report.channels
    amounts = [
        ("count", report.count_bits, "how many readings"),
        ("first readings", sum(each.first_bits for each in channels), "as they are"),
        ("codewords", sum(each.codeword_bits for each in channels), "escapes included"),
        ("raw readings", sum(each.raw_bits for each in channels), "behind escapes"),
        ("padding", report.padding_bits, "zeros to a whole byte"),
        ("check", report.check_bits, "against damage"),
    ]
    rows = [
        (item, whole(amount), bits(amount / report.readings), percent(amount, total), why)
        for item, amount, why in amounts
        if amount
    ]
    sum_ = ("packets", whole(total), bits(report.bits_per_reading), "100 %", f"the sum = 8 × {report.bytes:,} bytes")
    return table(("<item", "bits", "a reading", "share", "<"), rows, sum_)
