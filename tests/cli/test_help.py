"""Help, examples, completion, and the progress of long work."""

import sys

import pytest
from command_line import good, misused, run
from terminal import terminal

from codec import cli
from codec.cli import progress
from codec.cli.parser import EXAMPLES, parser


def test_bare_codec_prints_help():
    assert run().text == good("--help").text and "usage: codec" in run().text


def test_every_verb_has_an_example_that_can_be_run(capsys):
    verbs = next(each.choices for each in parser()._actions if isinstance(each.choices, dict))
    assert set(EXAMPLES) == set(verbs)
    for verb, example in EXAMPLES.items():
        assert parser().parse_args([verb, *example.split()]).verb == verb
        assert f"example: codec {verb} {example}" in " ".join(good(verb, "--help").text.split())


def test_completion_knows_verbs_options_and_files(monkeypatch):
    text = good("--print-completion", "bash").text
    assert all(verb in text for verb in EXAMPLES) and "--per-day" in text and "_shtab_compgen_files" in text
    assert "one of bash" in misused("--print-completion", "csh")
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert "pip install 'codec[completion]'" in misused("--print-completion", "bash")


@pytest.mark.parametrize("arguments", [["encode", "s.txt", "-f"], ["decode", "-t", "x.huf"], ["encode", "a.npy", "-f"]])
def test_long_work_shows_its_progress_on_a_terminal_and_nowhere_else(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    good("generate", "nasa", "-n", 3000, "-o", "s.txt")
    good("encode", "s.txt", "-o", "x.huf")
    import numpy as np

    np.save("a.npy", np.arange(5000) % 7)
    with terminal(100) as waited:
        assert cli.main(arguments) == 0
    assert b"%" not in b"".join(waited).replace(b" % saved", b"").replace(b" % larger", b"")  # it was done at once
    monkeypatch.setattr(progress, "WAIT", 0)
    with terminal(100) as shown:
        assert cli.main(arguments) == 0
    assert b"100%" in b"".join(shown)
    with terminal(100) as quiet:
        assert cli.main([*arguments, "-q"]) == 0
    assert b"".join(quiet) == b""
    assert "%|" not in good(*arguments).talk and "100%" not in good(*arguments).talk
