"""What a terminal of 60, 80 and 100 columns shows, and a pipe: nothing is cut, and a pipe knows no width."""

from __future__ import annotations

import re

import pytest
from command_line import good, run
from rich.cells import cell_len
from terminal import terminal

from codec import cli
from codec.cli import parser
from codec.show import demo

COMMANDS = {
    "demo": ["demo"],
    "generate": ["generate", "nasa", "-n", 20],
    "table": ["table", "letters", "--certify"],
    "table of a stream": ["table", "long labels.txt", "--escape"],
    "encode": ["encode", "--best", "nasa.txt", "-o", "new.huf", "--force"],
    "decode": ["decode", "--test", "nasa.huf"],
    "inspect": ["inspect", "nasa.huf"],
    "inspect differences": ["inspect", "station.huf"],
    "compare": ["compare", "nasa", "winter", "a long name of a table.json", "--blocks", 2, "-n", 3000],
    "audit": ["audit", "nasa.txt", "--code", "winter"],
    "packets": ["encode", "nasa.txt", "--code", "nasa", "--packets", 24, "--report", "--per-day", 24],
    "export": ["export", "nasa", "-o", "nasa.h", "--force"],
    "sweep": ["sweep", "station.csv", "--column", "temperature", "--step", "0.1,0.5", "--delta"],
    "replay": ["replay", "station.csv", "--column", "temperature", "--time", "time", "--code", "s.json"],
    "exercise": ["exercise", "kl", "--labels", 9, "--answers"],
    "check": ["check", "a=0.5,b=0.3,c=0.2", "words.json"],
    "explore": ["explore", "nasa", "-o", "page.html", "--force"],
    "report": ["report", "nasa.txt", "-o", "report.html", "--force"],
    "no file": ["inspect", "nothing-of-that-name-is-here-or-anywhere-near-it-in-this-folder.huf"],
}
each_command = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in ("demo", "report"))) for name in COMMANDS]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("terminal")
    good("generate", "nasa", "-n", 40_000, "-o", place / "nasa.txt")
    good("generate", "station", "-n", 2_000, "-o", place / "station.csv")
    good("encode", place / "nasa.txt", "-o", place / "nasa.huf")
    good("encode", place / "station.csv", "--column", "temperature", "--delta", "-o", place / "station.huf")
    good("table", "peaked", "-o", place / "a long name of a table.json")
    how = ["--column", "temperature", "--escape", "--layout", "delta"]
    good("table", place / "station.csv", *how, "-o", place / "s.json")
    (place / "words.json").write_text('{"a": "0", "b": "10", "c": "10"}')
    (place / "long labels.txt").write_text("".join(f"{'x' * n} and {'y' * n}\n" for n in range(30) for _ in range(n)))
    return place


def screen_of(width: int, *arguments: object) -> str:
    """What a terminal of this width shows of a command, without its colours."""
    with terminal(width) as pieces:
        cli.main([str(argument) for argument in arguments])
    return re.sub(r"\x1b\[[0-9;]*m", "", b"".join(pieces).decode().replace("\r\n", "\n"))


@pytest.fixture(autouse=True)
def at_home(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(demo, "READINGS", 5_000)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLUMNS", raising=False)


def test_every_verb_that_prints_is_tried():
    assert {command[0] for command in COMMANDS.values()} == {*parser._MODULES} - {"figure"}


@pytest.mark.dear
@each_command
def test_no_line_is_wider_than_the_terminal_and_no_word_is_broken(name):
    piped = run(*COMMANDS[name])
    words = set(f"{piped.text} {piped.talk}".split())
    for width in (60, 80, 100):
        shown = screen_of(width, *COMMANDS[name])
        for line in shown.splitlines():
            assert cell_len(line) <= width or " " not in line, (width, line)
        shown = "\n".join(line for line in shown.splitlines() if "■" not in line)  # of the bar
        said = re.sub(r"No room for: .*?\. The whole table is \d+ characters wide\.", "", " ".join(shown.split()))
        strange = {word for word in {*said.split()} - words if not re.fullmatch(r"[─█▏▎▍▌▋▊▉]+", word)}
        assert said and not strange, (width, strange)


@pytest.mark.dear
@each_command
def test_a_pipe_gets_the_same_at_any_width_and_no_spaces_at_the_ends_of_lines(name, monkeypatch):
    shown = []
    for columns in ("200", "40"):
        monkeypatch.setenv("COLUMNS", columns)
        shown.append(run(*COMMANDS[name]))
    assert shown[0] == shown[1]
    assert not re.search(r" $", shown[0].text, re.MULTILINE)


@pytest.mark.slow
def test_the_demo_shows_its_numbers_whole_at_80_columns():
    shown = screen_of(80, "demo")
    assert max(map(cell_len, shown.splitlines())) <= 80 and "No room" not in shown
    for whole in ("entropy rate", "predicted", "0.99 ", "1.5444", "E_p[l_q] − E_p[l_p]"):
        assert whole in shown


def test_columns_that_have_no_room_are_named():
    arguments = ["compare", "nasa", "winter", "-n", 3000]
    shown = " ".join(screen_of(60, *arguments).split())
    assert "No room for: z, rounding. The whole table is 94 characters wide." in shown
    assert "No room" not in screen_of(100, *arguments)
