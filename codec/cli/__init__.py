"""The command line: parse, call, show. Data goes to standard output, talk to standard error."""

from __future__ import annotations

import contextlib
import errno
import io
import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator, Sequence

from codec.cli.talk import give_up, say
from codec.errors import CodecError, UsageError, at_command_line

GOOD, BAD_DATA, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
_FULL = {errno.ENOSPC: "make room, or write elsewhere", errno.EDQUOT: "make room, or write elsewhere",
         errno.EFBIG: "write elsewhere", errno.EROFS: "write elsewhere"}  # fmt: skip
_STOPS = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


class _Stopped(BaseException):
    """A signal asks the program to end; files half written are removed on the way out."""

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 bad data, 2 wrong usage; 128 and the number of a signal."""
    if sys.stderr is None:  # closed: `print` would take standard output instead
        sys.stderr = io.StringIO()
    if isinstance(sys.stdout, io.TextIOWrapper):  # escape what the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    options = Namespace(verb="")
    try:
        with signals_as_exceptions(), at_command_line():
            from codec.cli.parser import parser  # late: an interrupt works while NumPy is loaded

            parser().parse_args(arguments, options)
            options.run(options)
            if sys.stdout is not None:
                sys.stdout.flush()
    except UsageError as error:
        say(f"codec {options.verb}: {error}")
        raise SystemExit(WRONG_USAGE) from None
    except CodecError as error:
        return _complain(options.verb, str(error))
    except BrokenPipeError:  # whoever read the output has gone
        give_up(sys.stdout)
        return GOOD
    except OSError as error:
        if error.errno is None:
            raise
        name = error.filename or repr("")
        if error.filename is None:
            give_up(sys.stdout)
            name = "standard output" if error.errno in _FULL else "standard input or output"
        hint = _FULL.get(error.errno, "")
        way_out = f": {hint}{' with -o' if hasattr(options, 'output') else ''}" if hint else ""
        return _complain(options.verb, f"{name}: {error.strerror}{way_out}")
    except MemoryError:
        return _complain(options.verb, "there is not enough memory for so many readings: take fewer")
    except KeyboardInterrupt:
        return INTERRUPTED
    except _Stopped as stopped:
        give_up(sys.stdout)
        return stopped.exit_code
    return GOOD


@contextlib.contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """Raise an exception when a signal asks to end; signals that are ignored, as under nohup, stay ignored."""
    usual = (signal.SIG_DFL, signal.default_int_handler)
    stops = [number for number in _STOPS if signal.getsignal(number) in usual]
    if threading.current_thread() is not threading.main_thread():
        stops = []  # only the main thread may handle signals

    def stop(number: int, _: object) -> None:
        for other in stops:  # a second signal must not disturb the cleaning up
            signal.signal(other, signal.SIG_IGN)
        raise _Stopped(number)

    before = [(number, signal.signal(number, stop)) for number in stops]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _complain(verb: str, message: str) -> int:
    say(f"codec {verb}: {message}")
    return BAD_DATA
