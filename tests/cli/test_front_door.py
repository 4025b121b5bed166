"""The first steps at a terminal: help with examples, completion, and how far long work is."""

import argparse
import io
import subprocess
import sys
import time
from unittest import mock

import pytest
from command_line import good, misused, run

from codec.cli import progress
from codec.cli.files import input_file
from codec.cli.parser import parser


def verbs():
    (action,) = [action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)]
    return action.choices


def test_without_a_verb_the_whole_help_is_shown():
    assert run().talk == good("--help").text


def test_the_help_of_each_verb_ends_with_an_example_that_parses():
    for name, verb in verbs().items():
        example = good(name, "--help").text.split("\nexample: codec ")[1].split()
        assert example[0] == name and parser().parse_args(example).verb == name
        assert verb.epilog.startswith("example: codec ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_shell_is_told_of_all_verbs_and_options(shell):
    script = good("--completion", shell).text
    assert all(name in script for name in verbs()) and "smooth" in script and "retrain" in script


def test_completion_in_bash_knows_verbs_options_and_files(tmp_path):
    (tmp_path / "script").write_text(good("--completion", "bash").text)
    (tmp_path / "levels.txt").touch()

    def completed(*words):
        words_of = f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}"
        program = f'. ./script; {words_of}; _shtab_codec; echo "${{COMPREPLY[@]}}"'
        done = subprocess.run(["bash", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert completed("codec", "enc") == ["encode"]
    assert completed("codec", "compare", "--sm") == ["--smooth"]
    assert completed("codec", "encode", "lev") == completed("codec", "audit", "x", "--code", "lev") == ["levels.txt"]


def test_without_shtab_the_way_out_is_named():
    with mock.patch.dict(sys.modules, {"shtab": None}):
        assert "pip install shtab" in misused("--completion", "bash")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def slow_file(tmp_path, monkeypatch):
    (tmp_path / "x[b]").write_bytes(bytes(1 << 20))
    monkeypatch.setattr(progress, "AFTER", 0.0)
    monkeypatch.setattr(progress, "EVERY", 0.01)
    return tmp_path / "x[b]"


def shown(name, terminal, quiet=False):
    with mock.patch.object(sys, "stderr", terminal), input_file(str(name), quiet) as file:
        while "/s" not in terminal.getvalue() and file.read(1 << 13) and not quiet and terminal.isatty():
            time.sleep(0.01)
    return terminal.getvalue()


def test_long_work_shows_share_and_rate_on_a_terminal(slow_file, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    text = shown(slow_file, Terminal())
    assert "x[b]" in text and "%" in text and "/s" in text


def test_nothing_is_shown_when_piped_or_quiet_or_soon_done(slow_file, monkeypatch):
    assert shown(slow_file, io.StringIO()) == "" == shown(slow_file, Terminal(), quiet=True)
    monkeypatch.setattr(progress, "AFTER", 60.0)
    with mock.patch.object(sys, "stderr", Terminal()), input_file(str(slow_file)) as file:
        file.read()
        assert sys.stderr.getvalue() == ""
