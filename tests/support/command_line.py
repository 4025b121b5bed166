"""Running `codec`: in this process where that is enough, as a program of its own for pipes and signals."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import codec
from codec import cli

ROOT = Path(codec.__file__).resolve().parent.parent
PROGRAM = [sys.executable, "-W", "error", "-m", "codec"]


@dataclass(frozen=True)
class Result:
    """What a command left behind: its exit code, standard output and standard error."""

    code: int
    data: bytes
    talk: str

    @property
    def text(self) -> str:
        return self.data.decode()

    def json(self) -> Any:
        """Standard output as JSON in the strict sense: no NaN, no Infinity."""

        def refuse(constant: str) -> None:
            raise AssertionError(f"{constant} is no JSON")

        return json.loads(self.data, parse_constant=refuse)


class Pipe(io.BytesIO):
    """Bytes that come once."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: Any) -> int:
        raise io.UnsupportedOperation("seek")

    tell = seek


class Terminal(io.BytesIO):
    """A terminal's side of what is written to it."""

    def isatty(self) -> bool:
        return True


def run(*arguments: object, stdin: bytes = b"", terminal: bool = False) -> Result:
    """Run a command in this process; standard input is a pipe that holds `stdin`, standard output one or a terminal."""
    out = io.TextIOWrapper(Terminal() if terminal else io.BytesIO(), encoding="utf-8", write_through=True)
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace", write_through=True)
    source = io.TextIOWrapper(Pipe(stdin))
    with mock.patch.object(sys, "stdin", source), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = cli.main([os.fspath(a) if isinstance(a, Path) else str(a) for a in arguments])
        except SystemExit as ending:
            code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    return Result(code, out.buffer.getvalue(), err.buffer.getvalue().decode())


def good(*arguments: object, stdin: bytes = b"") -> Result:
    """Run a command that must end well."""
    result = run(*arguments, stdin=stdin)
    assert result.code == 0, result
    return result


def fields(*arguments: object, stdin: bytes = b"") -> Any:
    """What a command that ends well prints with --json."""
    return good(*arguments, "--json", stdin=stdin).json()


def screen(*arguments: object) -> str:
    """What a command that ends well shows in a terminal: no line beyond its 100 columns, no number that is none."""
    with mock.patch.dict(os.environ, COLUMNS="100", TERM="xterm"):
        result = run(*arguments, terminal=True)
    assert result.code == 0, result
    text = re.sub("\x1b\\[[0-9;]*m", "", result.text)
    for line in text.splitlines():
        columns = sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in line)
        assert columns <= 100, line
    assert "nan" not in text.lower() and "Infinity" not in text and "None" not in text
    return text


def lines(*readings: object) -> str:
    """A text, one reading a line."""
    return "".join(f"{reading}\n" for reading in readings)


def write_lines(path: Path | str, *readings: object) -> Path:
    """Write a text, one reading a line."""
    Path(path).write_text(lines(*readings))
    return Path(path)


def table_file(path: Path | str, labels: list[Any], **fields: Any) -> Path:
    """Write a table as JSON: a distribution if `weights` are given, else a code of `lengths`."""
    kind, path = "distribution" if "weights" in fields else "code", Path(path)
    path.write_text(json.dumps({"kind": kind, "labels": labels, **fields}))
    return path


def refused(*arguments: object, stdin: bytes = b"") -> str:
    """Run a command that must find its data bad; return the one line that it says."""
    result = run(*arguments, stdin=stdin)
    assert result.code == 1, result
    assert result.talk.startswith(f"codec {arguments[0]}: ") and result.talk.count("\n") == 1, result.talk
    assert result.data == b""
    return result.talk


def misused(*arguments: object) -> str:
    """Run a command with arguments that are wrong or do not go together."""
    result = run(*arguments)
    assert result.code == 2, result
    assert result.data == b"" and "Traceback" not in result.talk
    return result.talk


def start(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    """Start codec as a program of its own; warnings are errors there too."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **options.pop("env", {})}
    options.setdefault("preexec_fn", _heed_signals)
    return subprocess.Popen([*PROGRAM, *map(str, arguments)], env=env, **options)


def _heed_signals() -> None:
    """The tests may run under nohup, or behind an &; the programs that they start do not."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def program(*arguments: object, stdin: Any = b"", **options: Any) -> Result:
    """Run codec as a program of its own, to its end; standard input is a pipe that holds bytes, or a file."""
    piped = isinstance(stdin, bytes)
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    with start(*arguments, stdin=subprocess.PIPE if piped else stdin, **options) as process:
        data, talk = process.communicate(stdin if piped else None, timeout=60)
    return Result(process.returncode, data or b"", (talk or b"").decode())


def files(folder: Path) -> list[str]:
    """The names of all that is in a folder, hidden files too."""
    return sorted(os.listdir(folder))
