"""What can be wrong with data. Wrong arguments raise ValueError or TypeError, as in NumPy.

A way out is named in the words of who asked: `option`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_IN_PYTHON = {
    "--bytes": "raw=True",
    "--code": "code",
    "--column": "the argument column",
    "--block": "per_codeword",
    "--construction": "construction",
    "--context": "context=True",
    "--context or --block": "context or per_codeword",
    "--context or --construction": "context or construction",
    "--delta": "delta=True",
    "--max-output": "max_output",
    "--ranks": "transform='ranks'",
    "--step": "the argument step",
    "a wider --step": "a wider step",
    "code the file with --bytes": "code its bytes: encode(array.tobytes()), or encode_file with raw=True",
    "codec table --escape": "huffman with an escape_weight",
    "--force replaces it, -o names another": "force=True replaces it",
    "use --no-header and --column NUMBER": "open it with Layout(header=False)",
    "with --step, text and numbers become numbers": "make numbers of both, or strings",
    "with --step, text becomes numbers": "make numbers of both, or strings",
}
_IN_ARRAYS = _IN_PYTHON | {
    "--delta": "transform='differences'",
    "--step": "a filter before this codec (scale-offset and cast)",
    "code the file with --bytes": "make the chunks smaller",
}
_WORDS: ContextVar[dict[str, str] | None] = ContextVar("words", default=_IN_PYTHON)  # None: as at the command line


def option(name: str, value: str = "") -> str:
    """An option, or a phrase with one: as it stands here at the command line, and as an argument in Python.

    >>> option("--bytes"), option("--step", "0.1")
    ('raw=True', 'step=0.1')
    """
    words = _WORDS.get()
    if words is None:
        return f"{name} {value}".rstrip()
    return f"{name.removeprefix('--')}={value}" if value and words is _IN_PYTHON else words[name]


@contextlib.contextmanager
def at_command_line() -> Iterator[None]:
    """Let messages name options in place of Python's arguments."""
    with _in_words(None):
        yield


@contextlib.contextmanager
def in_arrays() -> Iterator[None]:
    """Let messages name what can be done about a chunk of an array."""
    with _in_words(_IN_ARRAYS):
        yield


@contextlib.contextmanager
def _in_words(words: dict[str, str] | None) -> Iterator[None]:
    token = _WORDS.set(words)
    try:
        yield
    finally:
        _WORDS.reset(token)


def counted(number: float, one: str, many: str = "") -> str:
    """A number and what it counts, in words.

    >>> counted(1, "reading"), counted(2000, "reading"), counted(0, "stretch", "stretches"), counted(483.0, "day")
    ('1 reading', '2,000 readings', '0 stretches', '483 days')
    """
    text = f"{number:,}"
    if isinstance(number, float):
        text = f"{number:,.2f}".rstrip("0").rstrip(".")
    return f"{text} {one if text == '1' else many or one + 's'}"


class CodecError(Exception):
    """The data cannot be coded or decoded; the message names the thing, the place and the way out."""


class DamagedError(CodecError):
    """The file is not what its writer wrote: cut short, changed, or with something appended."""


class UnsupportedError(CodecError):
    """A well-formed file of a kind or version that this program does not read."""


class WrongTableError(CodecError):
    """The file was written against another code table than the one given, or against one not given."""


class MissingCodewordError(CodecError):
    """A reading of the stream has no codeword in the code."""


class StreamError(CodecError):
    """A stream of readings cannot be read as asked."""


class TableError(CodecError):
    """A saved distribution or code table is not well-formed."""


class OutputLimitError(CodecError):
    """Decoding would produce more bytes than the limit given."""


class UsageError(Exception):
    """Arguments of the command line that do not go together."""
