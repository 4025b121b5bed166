"""print() of a result shows the tables of the command line, its repr one line, and every count is in good English."""

from __future__ import annotations

import io

import pytest
from command_line import good

import codec
from codec.coding.salvage import Salvage
from codec.errors import counted

P = codec.Distribution({"a": 5, "b": 2, "c": 1, "d": 1})
CODE = codec.huffman(P)
READINGS = list("aaabacabad" * 100)
DATA = codec.encode(READINGS)
RESULTS = {
    "distribution": P,
    "code": CODE,
    "code without weights": codec.PrefixCode.from_lengths(range(1000), [10] * 1000),
    "code of blocks": codec.huffman(P.extension(2)),
    "certificate": CODE.certificate(P),
    "ledger": codec.ledger(DATA),
    "mismatch": codec.mismatch(P, {"a": 1, "b": 1, "c": 1, "d": 1}, READINGS),
    "mismatch without readings": codec.mismatch(P, CODE),
    "audit": codec.audit(READINGS, CODE),
    "salvage": Salvage(io.BytesIO(DATA)),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_printed_as_text_and_its_repr_is_one_line(name, monkeypatch):
    for variable, value in (("FORCE_COLOR", "1"), ("COLUMNS", "40")):  # neither colours nor narrows it
        monkeypatch.setenv(variable, value)
    shown = str(RESULTS[name])
    assert "\x1b" not in shown and not any(line != line.rstrip() for line in shown.splitlines())
    assert "No room" not in shown and not shown.endswith("\n")
    assert "\n" not in repr(RESULTS[name]) and len(repr(RESULTS[name])) <= 130


def test_what_is_printed_is_what_the_command_line_prints(tmp_path):
    path = tmp_path / "readings.txt"
    path.write_text("".join(f"{reading}\n" for reading in READINGS))
    good("encode", path)
    data = (tmp_path / "readings.txt.huf").read_bytes()
    ledger = str(codec.ledger(data)).partition("\n\n")[2]
    assert ledger in good("inspect", tmp_path / "readings.txt.huf").text
    code = codec.huffman(codec.Distribution.from_stream(READINGS))
    assert str(code) in good("table", path).text
    assert str(code.certificate(code.implied())).splitlines()[0].startswith("certificate")


def test_many_labels_are_shown_with_the_costliest_first_and_the_rest_counted(tmp_path):
    good("generate", "geometric", "-n", 5_000, "-o", tmp_path / "g.txt")
    good("encode", tmp_path / "g.txt")
    shown = good("inspect", tmp_path / "g.txt.huf").text
    shares = [float(line.split()[-2]) for line in shown.splitlines() if line.endswith(" %") and len(line.split()) == 7]
    assert len(shares) == 12 and shares == sorted(shares, reverse=True)
    (rest,) = (line.split() for line in shown.splitlines() if " others " in line)
    assert sum(shares) + float(rest[-2]) == pytest.approx(100, abs=1)
    assert str(codec.Distribution(range(66), [*range(66)])).splitlines()[-2].split() == ["2", "others", "0.0005"]


@pytest.mark.parametrize(
    ("options", "of"),
    [
        ([], "the readings"),
        (["--delta"], "the differences"),
        (["--context"], "the readings given the one before"),
        (["--block", "2"], "the blocks of 2 readings"),
    ],
)
def test_the_entropy_beside_a_mean_length_is_of_what_is_coded_and_below_it(tmp_path, options, of):
    path = tmp_path / "walk.txt"
    path.write_text("".join(f"{500 + abs(n % 200 - 100)}\n" for n in range(2_000)))
    good("encode", path, *options)
    (line,) = (one for one in good("inspect", f"{path}.huf").text.splitlines() if one.startswith("mean length"))
    assert f"entropy of {of} " in line
    mean_length, entropy = float(line.split()[2]), float(line.split()[-1])
    assert entropy <= mean_length


def test_one_of_a_thing_has_no_plural(tmp_path):
    (tmp_path / "one.txt").write_text("7\n")
    said = good("encode", tmp_path / "one.txt").talk
    said += good("decode", "--test", tmp_path / "one.txt.huf").talk + good("inspect", tmp_path / "one.txt.huf").text
    said += good("table", tmp_path / "one.txt").text
    said += good("compare", "nasa", "nasa", "-n", 1).text + good("generate", "nasa", "-n", 1).talk
    for wrong in ("1 readings", "1 bits", "1 labels", "1 bytes"):
        assert f" {wrong}" not in said
    assert " 1 reading" in said
    assert counted(483.0, "day") == "483 days" and counted(2**64 - 1, "bit").startswith("18,446,744,073,709,551,615")


def test_a_file_many_times_as_large_is_said_to_be_so(tmp_path):
    (tmp_path / "one.txt").write_text("7\n")
    assert "times as large" in good("encode", tmp_path / "one.txt").talk
