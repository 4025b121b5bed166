"""Every verb reads a text of numbers with gaps alike, from a file and through a pipe, whatever its table is of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from command_line import good, run

WALK = np.cumsum(np.random.default_rng(3).integers(-4, 5, 400)) + 2000
HOLES = range(5, 400, 97)


@pytest.fixture
def texts(tmp_path: Path) -> dict[str, bytes]:
    clean = [f"{k / 100!r}\n" for k in WALK.tolist()]  # 19.9 beside 19.93
    gappy = ["\n" if at in HOLES else line for at, line in enumerate(clean)]
    found = {"clean": "".join(clean).encode(), "gappy": "".join(gappy).encode()}
    for name, text in found.items():
        (tmp_path / f"{name}.txt").write_bytes(text)
    return found


@pytest.mark.parametrize("how", [(), ("--escape",), ("--delta",), ("--ranks",), ("--linear", "--intervals")], ids=str)
def test_a_pipe_with_a_given_table_is_coded_as_the_file_is(
    texts: dict[str, bytes], how: tuple[str, ...], tmp_path: Path
) -> None:
    table = tmp_path / "t.json"
    for name, text in texts.items():
        good("table", tmp_path / f"{name}.txt", *how, "-o", table, "--force")
        from_file = good("encode", tmp_path / f"{name}.txt", "--code", table, "-c").data
        assert good("encode", "-", "--code", table, stdin=text).data == from_file
        assert good("decode", "-", stdin=from_file).data == text


def test_a_table_of_levels_knows_gaps_and_an_audit_leaves_them_out(texts: dict[str, bytes], tmp_path: Path) -> None:
    table, stream = tmp_path / "t.json", tmp_path / "gappy.txt"
    shown = good("table", stream, "-o", table).text
    assert "gap " in shown and "2147483648" not in shown
    fields = good("audit", stream, "--code", table, "--json").json()
    numbers = np.unique(np.delete(WALK, HOLES), return_counts=True)[1] / (400 - len(HOLES))
    assert fields["gaps"] == len(HOLES) and fields["unseen"] == 0
    assert fields["entropy"] == pytest.approx(-(numbers * np.log2(numbers)).sum())
    assert "5 gaps are among them" in good("audit", stream, "--code", table).text
    assert "0.0000" in good("compare", stream, table).text


def test_last_years_table_without_gaps_serves_this_year_as_far_as_it_goes(
    texts: dict[str, bytes], tmp_path: Path
) -> None:
    table = tmp_path / "t.json"
    good("table", tmp_path / "clean.txt", "-o", table)
    assert "line 6: a gap has no codeword" in run("encode", tmp_path / "gappy.txt", "--code", table, "-c").talk
    good("table", tmp_path / "clean.txt", "--escape", "-o", table, "--force")
    fields = good("audit", tmp_path / "gappy.txt", "--code", table, "--json").json()
    assert fields["gaps"] == fields["unseen"] == len(HOLES)
    data = good("encode", tmp_path / "gappy.txt", "--code", table, "-c").data
    assert good("decode", "-", stdin=data).data == texts["gappy"]
    assert good("inspect", "-", "--json", stdin=data).json()["gaps"] == len(HOLES)


def test_the_json_of_an_audit_of_levels_says_what_differences_would_cost(
    texts: dict[str, bytes], tmp_path: Path
) -> None:
    table = tmp_path / "t.json"
    good("table", tmp_path / "gappy.txt", "-o", table)
    ways = good("audit", tmp_path / "gappy.txt", "--code", table, "--json").json()["memory"]["ways"]
    shown = good("audit", tmp_path / "gappy.txt", "--code", table).text
    assert f"as differences (--delta) {ways['delta']:.4f} bits" in shown and ways["delta"] < ways["plain"]


@pytest.mark.parametrize("how", [(), ("--delta",), ("--linear",), ("--intervals",)], ids=str)
def test_smoothing_and_retraining_fill_the_numbers_and_keep_the_gap(
    texts: dict[str, bytes], how: tuple[str, ...], tmp_path: Path
) -> None:
    table, fresh, stream = tmp_path / "t.json", tmp_path / "fresh.json", tmp_path / "gappy.txt"
    good("table", stream, *how, "--smooth", "1/2", "--escape", "-o", table)
    good("audit", stream, "--code", table, "--retrain", fresh)
    for made in (table, fresh):
        data = good("encode", stream, "--code", made, "-c").data
        assert good("decode", "-", stdin=data).data == texts["gappy"]


def test_an_audit_prices_gaps_without_a_codeword_as_the_file_does(tmp_path: Path) -> None:
    table, stream = tmp_path / "t.json", tmp_path / "s.txt"
    stream.write_bytes(b"1\n2\n2\n1\nNA\n2\n1\n1\n")
    good("table", "1=1,2=1", "--escape", "-o", table)
    data = good("encode", stream, "--code", table, "-c").data
    lines = good("inspect", "-", "--json", stdin=data).json()
    raw = next(line["bits"] for line in lines["ledger"] if line["item"] == "raw values of escapes")
    priced = good("audit", stream, "--code", table, "--json").json()["old_mean_length"]
    assert 8 * priced == lines["payload_bits"] + raw
