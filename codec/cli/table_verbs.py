"""The verbs demo, generate and table: distributions, their readings and their codes."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime, timedelta

from codec.cli.arrays import refuse_scheduler
from codec.cli.files import output_file
from codec.cli.node_verbs import node_table_of
from codec.cli.operands import constructed_within, distribution_named, is_stream, refuse_construction, subject
from codec.cli.talk import print_json, say, standard_output
from codec.codes.intervals import Spread
from codec.codes.prefix import PrefixCode
from codec.errors import StreamError, UsageError, counted
from codec.files import tables
from codec.files.container import write_all
from codec.files.made import Made
from codec.nodes.layout import dumps
from codec.show.as_json import as_json
from codec.show.certificate import certificate_table
from codec.show.code import ALL_ROWS, MAX_ROWS, code_notes, code_report, code_table, code_totals, code_tree
from codec.show.console import console
from codec.show.demo import demo as show_demo
from codec.show.intervals import intervals_split, intervals_table
from codec.theory import sources
from codec.theory.distribution import Distribution
from codec.theory.filling import Filling, fill
from codec.theory.labels import labels_of

_STATION_START = datetime(2021, 1, 1)


def demo(options: Namespace) -> None:
    """The whole story, or one of its parts."""
    show_demo(console(standard_output()), options.part)


def generate(options: Namespace) -> None:
    """A stream of readings, as text."""
    if options.persistence is not None and not 0 <= options.persistence < 1:
        raise UsageError(f"--persistence is a probability below 1, not {options.persistence}")
    rate: float | None
    usual = sources.STATION_HOURS if options.source == "station" else 10_000
    count = usual if options.n is None else options.n
    if options.source == "station":
        if options.persistence is not None or options.drift_to is not None:
            raise UsageError("the station has its own memory and drift")
        labels, rate = sources.station(count, options.seed)
        times = (_STATION_START + timedelta(hours=hour) for hour in range(count))
        lines = [f"{t:%Y-%m-%dT%H:%M},{s}" for t, s in zip(times, labels.spellings, strict=True)]
        lines.insert(0, "time,temperature")
    else:
        p = distribution_named(options.source)
        of = p.labels.of
        if of is not None and (
            of.ranks is not None or of.weights or options.persistence is not None or options.drift_to
        ):
            raise StreamError(
                f"{options.source}: draws of {p.labels.of_what} are no readings: give a distribution of readings"
            )
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
    say(f"{counted(count, 'reading')}; {known}")


def table(options: Namespace) -> None:
    """A code: its codewords and totals."""
    if options.layout is not None and (options.output is None or options.distribution):
        raise UsageError("--layout is saved beside a code: name its file with -o, without --distribution")
    if options.json and options.output == "-":
        raise UsageError("--json and -o - both want standard output")
    refuse_scheduler(options, options.source)
    smoothing, escape = options.smooth, options.escape
    options.delta = options.delta or (options.layout is not None and options.layout.differences)
    thing = subject(options.source, options)
    refuse_construction(options.source, thing, options.construction)
    if options.intervals and isinstance(thing, PrefixCode) and thing.weights is None:
        raise UsageError(f"{options.source} has its lengths already: --intervals needs weights")
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
            if is_stream(options.source):
                _warn_of_smoothing(options.source, fill(p.labels)[1])
            p = p.smoothed(smoothing, fill=is_stream(options.source))
        except ValueError as error:  # a range of numbers too wide to fill
            raise StreamError(f"{options.source}: {error}") from None
        if escape is not None:  # smoothed weights are whole numbers of 1/denominator
            escape *= smoothing.denominator
    if not isinstance(thing, PrefixCode) or smoothing is not None or escape is not None or options.intervals:
        code = constructed_within(p, options.max_length, options.construction, escape, options.intervals)
    saved, made = p if options.distribution else code, None
    if code is thing and options.source.endswith(".json"):
        made = tables.made_with(options.source)
    elif code is not thing and not options.distribution:
        made = Made(
            options.construction or Made.construction, options.max_length, smoothing, options.escape, options.intervals
        )
    if options.output is not None:
        with output_file(options.output, options.force, options.source) as file:
            text = tables.dumps(saved, made)
            if options.layout is not None:
                text = dumps(node_table_of(options.source, code, options.layout), made)
            write_all(file, text.encode("ascii"))
    if options.output == "-":
        return
    report = code_report(code, p)
    certificate = code.certificate(p) if options.certify else None
    if options.json:
        return print_json(report if certificate is None else {**report, "certificate": as_json(certificate)})
    screen = console(standard_output())
    if code.widths is None:
        rows = code_table(report, None if options.all_rows else MAX_ROWS, ALL_ROWS)
    else:
        rows = intervals_table(Spread(code, p))
    screen.print(rows, "", code_totals(report), sep="\n")
    if options.tree:
        screen.print("", code_tree(code), sep="\n")
    if code.widths is not None:
        screen.print("", intervals_split(Spread(code, p)), sep="\n")
    if certificate is not None:
        screen.print("", certificate_table(certificate), sep="\n")
    for note in filter(None, (about, *code_notes(report, code, options.max_length, options.construction))):
        screen.print(note)


def _warn_of_smoothing(name: str, ranges: tuple[Filling, ...]) -> None:
    """Warn if smoothing covers no range of numbers, or mostly holes."""
    if not ranges:
        say(f"{name}: no reading is a number, so that --smooth covers no range")
    for each in ranges:
        if each.mostly_holes:
            say(f"{name}: --smooth covers mostly holes: {each}; leave out what is far from the others")
