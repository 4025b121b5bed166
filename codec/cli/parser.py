"""The verbs of the command line and their options."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from codec import __version__
from codec.cli.arguments import (
    Codes,
    Columns,
    Completion,
    Parser,
    a_number,
    number_of,
    packet_layout,
    parsed_step,
    parsed_steps,
    positive_number,
    span,
)
from codec.codes.constructions import NAMES as CONSTRUCTIONS
from codec.codes.prediction_table import MAX_ORDER
from codec.coding.steps import TRANSFORMS
from codec.errors import UsageError
from codec.files.container import MAX_BLOCK_SIZE
from codec.measure.audit import MAX_PER_DAY
from codec.measure.periods import PERIODS
from codec.nodes.replay import POLICIES
from codec.theory.tuples import MAX_READINGS_PER_CODEWORD


def _verb(name: str) -> Callable[[argparse.Namespace], None]:
    """The function that runs a verb; it is imported only now, so that `codec --help` is quick."""

    def run(options: argparse.Namespace) -> None:
        from importlib import import_module

        from codec.bits.engine import engine_name

        try:
            engine_name()  # CODEC_ENGINE may name an unknown one
        except ValueError as error:
            raise UsageError(str(error)) from None
        getattr(import_module(f"codec.cli.{_MODULES[name]}_verbs"), name)(options)

    return run


_MODULES = {"demo": "table", "generate": "table", "table": "table", "encode": "coding", "decode": "coding",
            "inspect": "coding", "compare": "measuring", "audit": "measuring", "explore": "picture",
            "figure": "picture", "report": "picture", "exercise": "exercise", "check": "exercise",
            "export": "node", "sweep": "study", "replay": "study"}  # fmt: skip
EXAMPLES = {
    "demo": "5",
    "generate": "nasa -n 100000 -o levels.txt",
    "table": "weather.csv --column temp_max --escape -o table.json",
    "encode": "weather.csv --column temp_max --best",
    "decode": "weather.temp_max.txt.huf",
    "inspect": "weather.temp_max.txt.huf",
    "compare": "nasa winter uniform --blocks 3",
    "audit": "new.csv --column temp_max --code table.json --retrain new.json",
    "figure": "bars nasa winter -o bars.svg",
    "report": "weather.csv --column temp_max -o report.html",
    "explore": "nasa winter --open",
    "exercise": "huffman --seed 3 --labels 6 --answers",
    "check": "nasa answer.json",
    "export": "table.json --lang c -o table.h",
    "sweep": "weather.csv --column temp_max --step 0.1,0.2,0.5 --delta --packets 7",
    "replay": "weather.csv --column temp_max --time date --code table.json --every month --packets 7",
}
MAX_DRAWN = 1 << 40
MAX_PACKET = (1 << 16) - 1
EXERCISES = ("huffman", "entropy", "kl", "block")
FIGURES = ("bars", "tree", "lengths", "kraft", "ledger", "scatter", "blocks", "redundancy", "break-even", "drift",
           "chunks")  # fmt: skip

_COLUMN = ("read this column of a CSV, Parquet or Arrow file; text comes back one cell a line, "
           "numbers and times of the last two as .npy")  # fmt: skip
_STREAM = "text (one reading a line), .npy; CSV, Parquet or Arrow with --column; - is standard input"
_INTERVALS = "one code length for all numbers of an interval: a far smaller table"
_DRAWN = number_of("readings", 0, MAX_DRAWN)
_SEED = number_of("the sequence of random numbers")
_LENGTH = number_of("bits", 1)
_PER_CODEWORD = number_of("readings", 1, MAX_READINGS_PER_CODEWORD)


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    whole = Parser(prog="codec", description="Huffman codes, and where every bit goes.")
    whole.add_argument("--version", action="version", version=f"codec {__version__}")
    whole.add_argument("--print-completion", action=Completion, metavar="SHELL", help="for bash, zsh or tcsh")
    whole.set_defaults(run=lambda options: whole.print_help())
    verbs = whole.add_subparsers(dest="verb", metavar="VERB")

    reading = _reading("--step", type=parsed_step, metavar="X", help="round numbers to multiples of X")
    steps = "the steps to compare, with commas between"
    sweeping = _reading("--step", type=parsed_steps, metavar="X,...", required=True, help=steps)

    chunks = Parser(add_help=False)
    chunks.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster, to measure an array in chunks there")
    writing = Parser(add_help=False)
    writing.add_argument("-o", "--output", metavar="FILE", help="write here; - is standard output")
    writing.add_argument("-f", "--force", action="store_true", help="replace an existing file")

    def add(name: str, help_text: str, *parents: Parser) -> argparse.ArgumentParser:
        example = f"example: codec {name} {EXAMPLES[name]}".rstrip()
        verb = verbs.add_parser(name, help=help_text, description=help_text, epilog=example, parents=parents)
        verb.set_defaults(run=_verb(name))
        return verb

    verb = add("demo", "the whole story, on the temperature levels of a planet")
    verb.add_argument(
        "part", nargs="?", type=int, choices=range(1, 11), metavar="PART", help="one part alone, from 1 to 10"
    )

    verb = add("generate", "make a stream of readings", writing)
    verb.add_argument("source", help="a distribution (a built-in name or a file), or station")
    verb.add_argument("-n", type=_DRAWN, metavar="N", help="readings (10,000; two years of hours for station)")
    verb.add_argument("--seed", type=_SEED, default=1, metavar="S", help="of the random numbers (1)")
    memory = verb.add_mutually_exclusive_group()
    memory.add_argument("--persistence", type=float, metavar="R", help="probability that the last reading repeats")
    memory.add_argument("--drift-to", metavar="Q", help="move to this distribution from start to end")

    verb = add("table", "show the code of a distribution, a stream or a saved table; save it", reading, writing, chunks)
    verb.add_argument("source", help="a built-in name, a JSON file, or a stream of readings; or a folder of Zarr")
    _add_transforms(verb)
    verb.add_argument("--intervals", action="store_true", help=_INTERVALS)
    verb.add_argument("--max-length", type=_LENGTH, metavar="L", help="no codeword longer than L bits")
    _add_smooth(verb, "add ALPHA to each weight, and cover the range of a stream's numbers")
    _add_escape(verb)
    verb.add_argument("--distribution", action="store_true", help="save the distribution itself, not its code")
    _add_construction(verb)
    verb.add_argument(
        "--layout",
        type=packet_layout,
        metavar="FIELDS",
        help="save the layout of packets too: usual, or some of delta,raw=16,count=5,check=8",
    )
    verb.add_argument("--tree", action="store_true", help="draw its tree too")
    verb.add_argument("--certify", action="store_true", help="show what can be proved of the code")
    verb.add_argument("--all", action="store_true", dest="all_rows", help="every row")
    verb.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")

    verb = add("encode", "code a stream into a .huf file", reading, writing)
    verb.add_argument("stream", help=_STREAM)
    verb.add_argument(
        "--code", action=Codes, metavar="TABLE", help="use this table or distribution; otherwise learn one"
    )
    verb.add_argument("--no-table", action="store_true", help="leave the table out of the file (with --code)")
    verb.add_argument("--max-length", type=_LENGTH, metavar="L", help="no codeword longer than L bits, when learning")
    verb.add_argument("--block", type=_PER_CODEWORD, metavar="K", help="K readings in a codeword, when learning")
    _add_transforms(verb)
    verb.add_argument("--intervals", action="store_true", help=_INTERVALS)
    verb.add_argument("--context", action="store_true", help="learn a code for each reading that may come before")
    verb.add_argument(
        "--short", action="store_true", help="fewer bytes around a short stream (--best does so by itself)"
    )
    verb.add_argument("--best", action="store_true", help="whichever of these makes the smallest file")
    verb.add_argument(
        "--block-size",
        type=number_of("codewords", 1, MAX_BLOCK_SIZE),
        metavar="N",
        help="codewords in a block, which is what damage to a bit may cost (up to 16 blocks in a long file)",
    )
    _add_construction(verb)
    verb.add_argument("--all-columns", action="store_true", help="a file for each column, as with several --column")
    _add_packets(verb, "packets of N readings instead, a line of hexadecimal digits each (with --code)")
    verb.add_argument("--report", action="store_true", help="say what the packets weigh, with --packets")
    verb.add_argument(
        "--per-day", type=number_of("readings", 1, MAX_PER_DAY), metavar="N", help="readings a day, with --report"
    )
    _add_output_options(verb)
    verb.add_argument("--json", action="store_true", help="say what was written as JSON")

    verb = add("decode", "give back what a .huf file was made from", writing)
    verb.add_argument("file", help="a .huf file; - is standard input")
    _add_packets(verb, "packets, a line each (with --code); of N readings, if they do not say it", nargs="?", const=0)
    verb.add_argument("--code", action=Codes, metavar="TABLE", help="the table of a file that carries none")
    how = verb.add_mutually_exclusive_group()
    how.add_argument("-t", "--test", action="store_true", help="only check the file")
    how.add_argument("--salvage", action="store_true", help="save what is sound of a damaged file")
    how.add_argument(
        "--readings",
        type=span,
        metavar="A:B",
        help="only these, from A on and before B, counted from 0; --readings=-9: are the last nine",
    )
    verb.add_argument("--max-output", type=number_of("bytes"), metavar="BYTES", help="refuse to write more")
    _add_output_options(verb)

    verb = add("inspect", "say where every bit of a .huf file went", chunks)
    verb.add_argument("file", help="a .huf file; - is standard input")
    verb.add_argument("--code", metavar="TABLE", help="the table of a file that carries none")
    verb.add_argument("--all", action="store_true", dest="all_rows", help="every row of the table")
    verb.add_argument("--show", type=number_of("codewords", 1, 10_000), metavar="N", help="its first N codewords too")
    verb.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")

    verb = add("compare", "what believing Q costs while P is true: predicted, expected, measured", reading)
    verb.set_defaults(several=True)
    verb.add_argument("p", help="a distribution, or a stream of readings")
    verb.add_argument("q", nargs="+", help="distributions, tables, or streams")
    _add_transforms(verb)
    verb.add_argument(
        "--intervals", action="store_true", help="believe each Q spread evenly in intervals, by its weights"
    )
    measured = verb.add_mutually_exclusive_group()
    measured.add_argument("--stream", metavar="FILE", help="measure on these readings")
    measured.add_argument("-n", type=_DRAWN, metavar="N", help="measure on N readings drawn from P (100,000)")
    verb.add_argument("--seed", type=_SEED, default=1, metavar="S", help="of the readings drawn (1)")
    _add_smooth(verb, "add ALPHA to each weight of Q, and to the labels of P that Q lacks")
    walk = verb.add_mutually_exclusive_group()
    _add_escape(walk)
    walk.add_argument("--blocks", type=_PER_CODEWORD, metavar="K", help="also with 1 to K readings in a codeword")
    _add_construction(verb)
    verb.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")

    verb = add("audit", "is this old table still good enough for this data?", reading, chunks)
    verb.add_argument("stream", help=_STREAM + "; or a folder of Zarr")
    verb.add_argument("--code", required=True, metavar="TABLE", help="the old table: a JSON file, or a built-in name")
    _add_transforms(verb)
    verb.add_argument("--intervals", action="store_true", help="with --retrain: one length for all of an interval")
    readings = number_of("readings", 1, MAX_PER_DAY)
    verb.add_argument(
        "--window", type=readings, metavar="N", help="readings in a window of time (a 24th of the stream or more)"
    )
    verb.add_argument("--time", metavar="COLUMN", help="windows by the calendar: the column of times beside --column")
    verb.add_argument("--every", choices=PERIODS, metavar="PERIOD", help=f"{', '.join(PERIODS)} (month), with --time")
    verb.add_argument("--per-day", type=readings, metavar="N", help="readings a day, to give the break-even in days")
    verb.add_argument("--retrain", metavar="FILE", help="save a fresh table for this stream here")
    verb.add_argument("-f", "--force", action="store_true", help="replace an existing file")
    verb.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")

    verb = add("figure", "draw a figure", reading, writing, chunks)
    verb.set_defaults(several=True)
    verb.add_argument("kind", choices=FIGURES, help=f"one of {', '.join(FIGURES)}")
    verb.add_argument("operands", nargs="*", metavar="P", help="what it shows: P, and Q beside it; or a stream")
    verb.add_argument("--code", metavar="TABLE", help="the old table, for break-even and drift")
    verb.add_argument(
        "-n", type=number_of("pairs", 1, 100_000), default=300, metavar="N", help="pairs of scatter (300)"
    )
    verb.add_argument("--labels", type=number_of("labels", 2, 1000), default=8, metavar="K", help="of each pair (8)")
    verb.add_argument("--seed", type=_SEED, default=1, metavar="S", help="of the random numbers (1)")
    verb.add_argument("--blocks", type=_PER_CODEWORD, default=4, metavar="K", help="up to K readings in a codeword (4)")

    verb = add("exercise", "a task to do by hand; the same seed gives the same task")
    verb.add_argument("kind", choices=EXERCISES, help=f"one of {', '.join(EXERCISES)}")
    verb.add_argument("--seed", type=_SEED, default=1, metavar="S", help="of the random numbers (1)")
    verb.add_argument("--labels", type=number_of("labels", 2, 26), metavar="K", help="labels of p")
    verb.add_argument("--answers", action="store_true", help="its solution too, step by step")
    verb.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")

    verb = add("check", "are these codewords a prefix code for P, what do they cost, where do they lose?", reading)
    verb.add_argument("p", help="a distribution, or a stream of readings")
    verb.add_argument("codewords", help='a JSON file, {"a": "0", "b": "10"}; - is standard input')
    verb.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")

    verb = add("export", "a saved table and its packets as a header of C for a node", writing)
    verb.add_argument("code", metavar="TABLE", help="a JSON file, or a built-in name")
    verb.add_argument("--lang", choices=("c",), default="c", help="the language: c, which is C99 (c)")
    verb.add_argument("--name", metavar="NAME", help="what its functions begin with (the name of the table)")
    verb.add_argument(
        "--small",
        action="store_true",
        help="lengths alone: fewer constants, a longer and slower program; less flash from some 60 labels on",
    )

    verb = add("sweep", "what each step costs in packets, and what it takes from the readings", sweeping, writing)
    verb.add_argument("stream", help=_STREAM)
    verb.add_argument("--delta", action="store_true", help="code differences of neighbouring readings")
    _add_packets(verb, "packets of N readings (24)", 24)
    verb.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")

    verb = add("replay", "what months of packets would have cost, and when a fresh table would have paid", reading)
    verb.add_argument("stream", help="CSV, Parquet or Arrow with --column")
    verb.add_argument("--code", required=True, metavar="TABLE", help="the table of the first period")
    verb.add_argument("--time", required=True, metavar="COLUMN", help="the column of times beside --column")
    verb.add_argument("--every", choices=PERIODS, default="month", help=f"{', '.join(PERIODS)} (month)")
    policies = ",".join(POLICIES)
    verb.add_argument("--policy", default=policies, metavar="NAMES", help=f"some of {policies} (all)")
    verb.add_argument("--by", metavar="COLUMN", help="the column that names the node: one table for them all")
    _add_packets(verb, "packets of N readings (24)", 24)
    verb.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")

    verb = add("report", "an HTML page that tells what a stream is, what it costs and what to do", reading, writing)
    verb.add_argument("stream", help="text (one reading a line), .npy, CSV with --column; no pipe")
    verb.add_argument("--code", metavar="TABLE", help="an old table, to audit")

    verb = add("explore", "an HTML page in which P and Q are dragged; it needs no network", reading, writing)
    verb.set_defaults(several=True)
    verb.add_argument("p", nargs="?", help="a distribution, or a stream of readings: at most 16 labels (nasa)")
    verb.add_argument("q", nargs="?", help="what to believe instead (uniform over the labels of P)")
    verb.add_argument("--open", action="store_true", dest="show", help="show it in the browser")
    return whole


def _add_transforms(verb: argparse.ArgumentParser) -> None:
    for transform in TRANSFORMS:
        if transform.option == "linear":
            order, told = number_of("readings", 1, MAX_ORDER), f"{transform.help}; with --ranks, of ranks"
            verb.add_argument("--linear", type=order, nargs="?", const=0, metavar="ORDER", help=told)
        elif transform.help:
            verb.add_argument(f"--{transform.option}", action="store_true", help=transform.help)


def _reading(*step: Any, **how: Any) -> Parser:
    """How a stream is read; `--step` is another thing where several are compared."""
    reading = Parser(add_help=False)
    what = reading.add_mutually_exclusive_group()
    what.add_argument("--column", action=Columns, metavar="NAME", help=_COLUMN)
    reading.add_argument("--no-header", action="store_true", help="the CSV file has none: --column is a number from 1")
    reading.add_argument(
        "--skip", type=number_of("lines"), default=0, metavar="N", help="leave out N lines above the CSV header"
    )
    reading.add_argument(
        "--comment", default="", metavar="TEXT", help="leave out lines above the CSV header that begin with TEXT"
    )
    what.add_argument("--bytes", action="store_true", dest="raw", help="read single bytes, of any file")
    reading.add_argument(*step, **how)
    reading.add_argument("--missing", type=a_number, metavar="X", help="the number X is a gap: -999 for example")
    reading.add_argument(
        "--no-decimals", action="store_true", help="code floats by their bits, not as the decimals that they show"
    )
    return reading


def _add_construction(verb: argparse.ArgumentParser) -> None:
    help_text = f"how the code is built: {', '.join(CONSTRUCTIONS)} ({CONSTRUCTIONS[0]})"
    verb.add_argument("--construction", choices=CONSTRUCTIONS, metavar="NAME", help=help_text)


def _add_packets(verb: argparse.ArgumentParser, help_text: str, usual: int | None = None, **how: Any) -> None:
    size = number_of("readings", 1, MAX_PACKET)
    verb.add_argument("--packets", type=size, default=usual, metavar="N", help=help_text, **how)


def _add_smooth(verb: argparse.ArgumentParser, help_text: str) -> None:
    verb.add_argument("--smooth", type=positive_number, metavar="ALPHA", help=help_text)


def _add_escape(verb: argparse._ActionsContainer) -> None:
    help_text = "one codeword more, for unseen readings (weight 1)"
    verb.add_argument("--escape", type=positive_number, nargs="?", const=Fraction(1), metavar="WEIGHT", help=help_text)


def _add_output_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("-c", "--stdout", action="store_true", help="write to standard output")
    verb.add_argument("-q", "--quiet", action="store_true", help="say nothing")
