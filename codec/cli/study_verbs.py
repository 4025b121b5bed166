"""The verbs sweep and replay: which step, and when to send a fresh table to the nodes."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

import numpy as np

from codec.cli.files import opened_stream, output_file
from codec.cli.node_verbs import table_of_packets
from codec.cli.picture_verbs import needing_matplotlib
from codec.cli.talk import one_line, print_json, standard_output
from codec.errors import StreamError, UsageError
from codec.files import tables
from codec.files.container import write_all
from codec.measure.periods import periods_of
from codec.nodes.layout import NodeTable
from codec.nodes.replay import POLICIES, Readings
from codec.nodes.replay import replay as replay_of
from codec.nodes.sweep import sweep as sweep_of
from codec.nodes.units import units_of
from codec.readings.origin import Origin
from codec.readings.values import from_values
from codec.show.as_json import as_json
from codec.show.console import console
from codec.show.nodes import replay_report, sweep_report


def sweep(options: Namespace) -> None:
    """A line for each step; a figure of rate against error with -o."""
    steps, options.step = options.step, None
    with opened_stream(options.stream, options) as stream:
        found = sweep_of(stream, steps, options.packets, options.delta)
    if options.output is not None:
        form = "svg" if options.output == "-" else options.output.rpartition(".")[2].lower()
        with needing_matplotlib():
            from codec.show import pictures, sweep_figure
        if form not in pictures.FORMATS:
            raise UsageError(f"a figure is an .svg, .png or .pdf file, not {options.output!r}")
        data = pictures.picture(sweep_figure.rate_and_error(found, options.packets, options.delta), form)
        with output_file(options.output, options.force, options.stream) as file:
            write_all(file, data)
    if options.json:
        return print_json({"settings": as_json(found)})
    if options.output != "-":
        console(standard_output()).print(sweep_report(found, options.packets, options.delta))


def replay(options: Namespace) -> None:
    """What each policy would have cost."""
    if options.column is None or options.stream == "-":
        raise UsageError("--time names a second column of the CSV file of --column, which is no pipe")
    policies = [name.strip() for name in options.policy.split(",")]
    if not set(policies) <= set(POLICIES) or len(policies) != len(set(policies)):
        raise UsageError(f"--policy is some of {','.join(POLICIES)}, not {options.policy!r}")
    table = table_of_packets(options.code, options)
    made = tables.made_with(options.code) if options.code.endswith(".json") else None
    readings, days = _by_node(options, table)
    found = [replay_of(readings, table, options.packets, policy, days, made) for policy in policies]
    if options.json:
        return print_json(
            {
                "nodes": len(readings),
                "policies": [{**as_json(one), "bytes_per_day": one.bytes_per_day} for one in found],
            }
        )
    console(standard_output()).print(replay_report(found, len(readings), one_line(options.code)))


def _by_node(options: Namespace, table: NodeTable) -> tuple[Readings, int]:
    """The readings of each node by its periods, and the days of all."""
    with opened_stream(options.stream, options) as stream:
        units = units_of(stream, table)
    times = _cells(options, options.time)
    nodes = np.zeros(len(units), np.int64) if options.by is None else np.array(_cells(options, options.by))
    if not len(units):
        raise StreamError(f"{options.stream} is empty: there is nothing to replay")
    found, days = {}, set[str]()
    different, of = np.unique(nodes, return_inverse=True)
    for node, own in zip(
        different, np.split(np.argsort(of, kind="stable"), np.cumsum(np.bincount(of))[:-1]), strict=True
    ):
        dates = from_values([times[place] for place in own.tolist()])
        if options.by is None:
            dates = replace(dates, origin=Origin("column"), name=f"{options.stream}, column {options.time}")
        else:
            dates = replace(dates, name=f"{options.stream}, column {options.time}, node {node}")
        days |= {name for name, _ in periods_of(dates, "day")}
        periods = periods_of(dates, options.every)
        ends = np.cumsum([count for _, count in periods])[:-1]
        parts = np.split(units[own], ends)
        found[str(node)] = [(name, part) for (name, _), part in zip(periods, parts, strict=True)]
    return found, len(days)


def _cells(options: Namespace, column: str) -> list[str]:
    """The cells of another column, as text."""
    beside = {"column": column, "step": None, "quiet": True}
    with opened_stream(options.stream, Namespace(**{**vars(options), **beside})) as stream:
        return [text for piece in stream.labels() for text in piece.spellings]
