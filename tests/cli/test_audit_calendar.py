"""`codec audit --time COLUMN --every PERIOD`."""

from __future__ import annotations

from pathlib import Path

from command_line import good, misused, refused

ROWS = [f"2021-{month:02}-{day:02},{100 + 5 * (month > 3)}\n" for month in (1, 2, 3, 4) for day in range(1, 29)]


def test_windows_are_the_months_of_a_column(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("day,level\n" + "".join(ROWS))
    arguments = ["audit", tmp_path / "x.csv", "--column", "level", "--code", "nasa"]
    fields = good(*arguments, "--time", "day", "--json").json()
    assert [(w["period"], w["start"], w["count"]) for w in fields["windows"]] == [
        (f"2021-0{month}", 28 * (month - 1), 28) for month in (1, 2, 3, 4)
    ]
    text = good(*arguments, "--time", "day", "--every", "week").text
    assert "2021-W01" in text and "2021-W17" in text
    assert {w["period"] for w in good(*arguments, "--json").json()["windows"]} == {None}


def test_what_does_not_go_with_a_column_of_times_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("day,level\n" + "".join(ROWS))
    arguments = ["audit", tmp_path / "x.csv", "--code", "nasa", "--column", "level"]
    assert "--every is for a column of times: name it with --time" in misused(*arguments, "--every", "day")
    assert "--window and --time exclude each other" in misused(*arguments, "--time", "day", "--window", 5)
    assert "--time names a second column" in misused(*arguments[:-2], "--time", "day")
    assert "--every" in misused(*arguments, "--time", "day", "--every", "hour")
    message = refused(*arguments, "--time", "level")
    assert "x.csv: row 1: '100' is no time" in message
    assert "no column 'x'" in refused(*arguments, "--time", "x")
