"""The command line: parse, call, show. Data goes to standard output, talk to standard error."""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence

from codec import __version__
from codec.codes.constructions import NAMES as CONSTRUCTIONS
from codec.errors import CodecError, UsageError

GOOD, BAD_DATA, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
_FULL = {errno.ENOSPC: "make room, or write elsewhere", errno.EDQUOT: "make room, or write elsewhere",
         errno.EFBIG: "write elsewhere", errno.EROFS: "write elsewhere"}  # fmt: skip
_STOPS = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


class _Stopped(BaseException):
    """A signal asks to end: all that is half-written goes first."""

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 bad data, 2 wrong usage; 128 and the number of a signal."""
    if sys.stderr is None:  # closed: `print` would take standard output instead
        sys.stderr = io.StringIO()
    parser = _parser()
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal without "−", a file name that is no UTF-8
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with _ending_in_order():
            options.run(options)
            if sys.stdout is not None:
                sys.stdout.flush()
    except UsageError as error:
        parser.exit(WRONG_USAGE, f"codec {options.verb}: {_one_line(str(error))}\n")
    except CodecError as error:
        return _complain(options.verb, str(error))
    except BrokenPipeError:  # whoever read the output has gone
        _give_up_standard_output()
        return GOOD
    except OSError as error:
        if error.errno is None:
            raise
        name = error.filename or repr("")
        if error.filename is None:
            _give_up_standard_output()
            name = "standard output" if error.errno in _FULL else "standard input or output"
        hint = _FULL.get(error.errno, "")
        way_out = f": {hint}{' with -o' if hasattr(options, 'output') else ''}" if hint else ""
        return _complain(options.verb, f"{name}: {error.strerror}{way_out}")
    except MemoryError:
        return _complain(options.verb, "there is not enough memory for so many readings: take fewer")
    except KeyboardInterrupt:
        return INTERRUPTED
    except _Stopped as stopped:
        _give_up_standard_output()
        return stopped.exit_code
    return GOOD


@contextlib.contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let a signal end the work as an error would; those to be ignored still are, as under nohup."""
    usual = (signal.SIG_DFL, signal.default_int_handler)
    stops = [number for number in _STOPS if signal.getsignal(number) in usual]
    if threading.current_thread() is not threading.main_thread():
        stops = []  # only the main thread may handle signals

    def stop(number: int, _: object) -> None:
        for other in stops:  # a second one, as from `timeout`, must not disturb the cleaning up
            signal.signal(other, signal.SIG_IGN)
        raise _Stopped(number)

    before = [(number, signal.signal(number, stop)) for number in stops]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _give_up_standard_output() -> None:
    """What it still holds cannot be written, and the interpreter must not try once more at its end."""
    if sys.stdout is not None:
        with contextlib.suppress(io.UnsupportedOperation):  # it is no file
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(verb: str, message: str) -> int:
    print(f"codec {verb}: {_one_line(message)}", file=sys.stderr)
    return BAD_DATA


def _one_line(message: str) -> str:
    """A message in which line breaks, as of an odd file name, are escaped, and what would steer a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)


def _verb(name: str) -> Callable[[argparse.Namespace], None]:
    """The function that runs a verb; it is imported only now, so that `codec --help` is quick."""

    def run(options: argparse.Namespace) -> None:
        from codec.bits.engine import engine_name
        from codec.cli import verbs

        try:
            engine_name()  # CODEC_ENGINE may name one that there is not
        except ValueError as error:
            raise UsageError(str(error)) from None
        getattr(verbs, name)(options)

    return run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="codec", description="Huffman codes, and where every bit goes.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"codec {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    reading = argparse.ArgumentParser(add_help=False)
    reading.add_argument("--column", metavar="NAME", help="read this column of a CSV file")
    reading.add_argument("--bytes", action="store_true", dest="raw", help="read single bytes, of any file")
    reading.add_argument("--step", metavar="X", help="round numbers to multiples of X")

    writing = argparse.ArgumentParser(add_help=False)
    writing.add_argument("-o", "--output", metavar="FILE", help="write here; - is standard output")
    writing.add_argument("-f", "--force", action="store_true", help="replace an existing file")

    def add(name: str, help_text: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        verb = verbs.add_parser(name, help=help_text, description=help_text, parents=parents, allow_abbrev=False)
        verb.set_defaults(run=_verb(name))
        return verb

    add("demo", "the whole story, on the temperature levels of a planet")

    verb = add("generate", "make a stream of readings", writing)
    verb.add_argument("source", help="a distribution (a built-in name or a file), or station")
    verb.add_argument("-n", type=int, metavar="N", help="readings (10,000; two years of hours for station)")
    verb.add_argument("--seed", type=int, default=1, metavar="S", help="of the random numbers (1)")
    verb.add_argument("--persistence", type=float, metavar="R", help="probability that the last reading repeats")
    verb.add_argument("--drift-to", metavar="Q", help="move to this distribution from start to end")

    verb = add("table", "show the code of a distribution, a stream or a saved table; save it", reading, writing)
    verb.add_argument("source", help="a built-in name, a JSON file, or a stream of readings")
    verb.add_argument("--max-length", type=int, metavar="L", help="no codeword longer than L bits")
    verb.add_argument(
        "--smooth", metavar="ALPHA", help="add ALPHA to each weight, and cover the range of a stream's numbers"
    )
    verb.add_argument(
        "--escape", nargs="?", const="1", metavar="WEIGHT", help="one codeword more, for unseen readings (weight 1)"
    )
    verb.add_argument("--distribution", action="store_true", help="save the distribution itself, not its code")
    _add_construction(verb)
    verb.add_argument("--certify", action="store_true", help="show what can be proved of the code")
    verb.add_argument("--all", action="store_true", dest="all_rows", help="every row")
    verb.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")

    verb = add("encode", "code a stream into a .huf file", reading, writing)
    verb.add_argument("stream", help="text (one reading a line), .npy, CSV with --column; - is standard input")
    verb.add_argument("--code", metavar="TABLE", help="use this table or distribution; otherwise learn one")
    verb.add_argument("--no-table", action="store_true", help="leave the table out of the file (with --code)")
    verb.add_argument("--max-length", type=int, metavar="L", help="no codeword longer than L bits, when learning")
    verb.add_argument("--block", type=int, metavar="K", help="K readings in a codeword, when learning")
    verb.add_argument("--delta", action="store_true", help="code differences of neighbouring readings")
    verb.add_argument("--context", action="store_true", help="learn a code for each reading that may come before")
    verb.add_argument("--best", action="store_true", help="whichever of these makes the smallest file")
    _add_construction(verb)
    _add_output_options(verb)
    verb.add_argument("--json", action="store_true", help="say what was written as JSON")

    verb = add("decode", "give back what a .huf file was made from", writing)
    verb.add_argument("file", help="a .huf file; - is standard input")
    verb.add_argument("--code", metavar="TABLE", help="the table of a file that carries none")
    verb.add_argument("-t", "--test", action="store_true", help="only check the file")
    verb.add_argument("--salvage", action="store_true", help="save what is sound of a damaged file")
    verb.add_argument("--max-output", type=int, metavar="BYTES", help="refuse to write more")
    _add_output_options(verb)

    verb = add("inspect", "say where every bit of a .huf file went")
    verb.add_argument("file", help="a .huf file; - is standard input")
    verb.add_argument("--code", metavar="TABLE", help="the table of a file that carries none")
    verb.add_argument("--all", action="store_true", dest="all_rows", help="every row of the table")
    verb.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")

    verb = add("compare", "what believing Q costs while P is true: predicted, expected, measured", reading)
    verb.add_argument("p", help="a distribution, or a stream of readings")
    verb.add_argument("q", nargs="+", help="distributions, tables, or streams")
    verb.add_argument("--stream", metavar="FILE", help="measure on these readings")
    verb.add_argument("-n", type=int, metavar="N", help="measure on N readings drawn from P (100,000)")
    verb.add_argument("--seed", type=int, default=1, metavar="S", help="of the readings drawn (1)")
    verb.add_argument("--blocks", type=int, metavar="K", help="also with 1 to K readings in a codeword")
    _add_construction(verb)
    verb.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")

    verb = add("audit", "is this old table still good enough for this data?", reading)
    verb.add_argument("stream", help="text (one reading a line), .npy, CSV with --column; - is standard input")
    verb.add_argument("--code", required=True, metavar="TABLE", help="the old table: a JSON file, or a built-in name")
    verb.add_argument("--window", type=int, metavar="N", help="readings in a window of time (a 24th of the stream)")
    verb.add_argument("--per-day", type=int, metavar="N", help="readings per day, to tell the break-even in days")
    verb.add_argument("--retrain", metavar="FILE", help="save a fresh table for this stream here")
    verb.add_argument("-f", "--force", action="store_true", help="replace an existing file")
    verb.add_argument("--json", action="store_true", help="as JSON, numbers unrounded")
    return parser


def _add_construction(verb: argparse.ArgumentParser) -> None:
    help_text = f"how the code is built: {', '.join(CONSTRUCTIONS)} ({CONSTRUCTIONS[0]})"
    verb.add_argument("--construction", choices=CONSTRUCTIONS, metavar="NAME", help=help_text)


def _add_output_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("-c", "--stdout", action="store_true", help="write to standard output")
    verb.add_argument("-q", "--quiet", action="store_true", help="say nothing")
