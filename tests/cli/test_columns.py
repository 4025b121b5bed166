"""Several columns of a file at once: `encode` writes a file for each, and one table of what they cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import good, misused, run

ROWS = "time;temp;site\n" + "".join(f"{hour};{20 + hour % 3},5;{'ab'[hour % 2]}\n" for hour in range(200))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text(ROWS)
    return path


def test_each_column_makes_the_file_that_it_makes_alone(table: Path) -> None:
    talk = good("encode", table, "--column", "temp", "--column", "site").talk
    for name in ("temp", "site"):
        target = table.with_name(f"data.{name}.txt.huf")
        together = target.read_bytes()
        good("encode", table, "--column", name, "--force")
        assert target.read_bytes() == together
        assert f"{len(together):,}" in talk
    assert "in all" in talk and not table.with_name("data.time.txt.huf").exists()


def test_all_columns_are_those_of_the_header(table: Path) -> None:
    found = json.loads(good("encode", table, "--all-columns", "--json", "-q").text)["columns"]
    assert [each["column"] for each in found] == ["time", "temp", "site"]
    assert all(Path(each["output"]).stat().st_size == each["file_bytes"] for each in found)
    table.write_text(ROWS.partition("\n")[2])
    found = json.loads(good("encode", table, "--all-columns", "--no-header", "--json", "-q").text)["columns"]
    assert [each["column"] for each in found] == ["1", "2", "3"]


def test_a_column_that_cannot_be_coded_stops_no_other_and_is_named_with_its_reason(table: Path) -> None:
    done = run("encode", table, "--all-columns", "--delta")
    assert done.code == 1
    assert "1 of 3 columns could not be coded: site" in done.talk
    assert "site: near row 1: words have no differences" in done.talk
    assert table.with_name("data.time.txt.huf").exists() and not table.with_name("data.site.txt.huf").exists()


def test_best_says_how_each_column_was_coded(table: Path) -> None:
    assert "coded as" in good("encode", table, "--all-columns", "--best").talk


def test_what_does_not_go_together_is_wrong_usage(table: Path) -> None:
    several = ("--column", "temp", "--column", "site")
    assert "leave out -, -o and -c" in misused("encode", table, *several, "-o", "x.huf")
    assert "leave out -, -o and -c" in misused("encode", "-", *several)
    assert "--all-columns reads every column" in misused("encode", table, "--all-columns", "--column", "temp")
    for verb in (("table", table), ("audit", table, "--code", "nasa"), ("compare", table, "nasa")):
        assert "given twice" in misused(*verb, *several)


def test_columns_that_would_be_one_file_are_refused_before_any_is_written(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a/b,a:b\n1,2\n")
    assert "the columns 'a/b' and 'a:b' would be in one file" in misused("encode", path, "--all-columns", "--force")
    assert [each.name for each in tmp_path.iterdir()] == ["x.csv"]
