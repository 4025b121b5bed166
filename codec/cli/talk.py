"""Messages: one line each, control characters escaped; one that cannot be written is no failure."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import textwrap
from collections.abc import Iterator
from typing import Any, TextIO

from codec.errors import StreamError


def one_line(message: str) -> str:
    """A message with line breaks and control characters escaped, as an odd file name may hold them.

    >>> one_line("a\\nb.txt")
    'a\\\\nb.txt'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)


def say(message: str) -> None:
    """Print one line on standard error; a terminal shows it in several, broken between words."""
    with standard_error() as file:
        line = one_line(message)
        if file.isatty():
            width = os.get_terminal_size(file.fileno()).columns or 80
            line = textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
        print(line, file=file)


@contextlib.contextmanager
def standard_error() -> Iterator[TextIO]:
    """Standard error; if it cannot be written, the message is lost and the work goes on."""
    try:
        yield sys.stderr
        sys.stderr.flush()
    except OSError:
        give_up(sys.stderr)


def standard_output() -> TextIO:
    """Standard output, which may have been closed."""
    if sys.stdout is None:
        raise StreamError("standard output is closed: name a file with -o")
    return sys.stdout


def print_json(fields: dict[str, Any]) -> None:
    """Print JSON on standard output."""
    print(json.dumps(fields, indent=2, ensure_ascii=True, allow_nan=False), file=standard_output())


def give_up(file: TextIO | None) -> None:
    """Drop what the file still holds, so that the interpreter does not try to write it when it ends."""
    if file is not None:
        with contextlib.suppress(io.UnsupportedOperation):  # not a file of the system
            os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
