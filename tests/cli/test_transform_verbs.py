"""Differences, ranks, linear prediction and intervals in every verb: table -> encode -> decode -> audit -> compare."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import good, misused, refused

from codec.codes.prefix import PrefixCode
from codec.files import tables

WAYS = ("--delta", "--ranks", "--linear", "--linear 3", "--ranks --linear")
CODED = ("differences", "differences of ranks", "residuals of linear prediction", "residuals of linear prediction",
         "residuals of ranks")  # fmt: skip


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    path = tmp_path / "s.txt"
    walk = np.cumsum(np.random.default_rng(4).integers(-5, 6, 1200)) * 2 + 7
    path.write_text("".join(f"{reading / 10:.1f}\n" for reading in walk.tolist()))
    return path


@pytest.mark.dear
@pytest.mark.parametrize(("way", "coded"), list(zip(WAYS, CODED, strict=True)), ids=WAYS)
@pytest.mark.parametrize("intervals", ["", "--intervals"])
def test_a_table_says_what_it_is_of_and_every_verb_takes_it(
    readings: Path, way: str, coded: str, intervals: str
) -> None:
    table, file = readings.with_name("t.json"), readings.with_name("s.huf")
    shown = good("table", readings, *way.split(), *intervals.split(), "-o", table).text
    assert f"The labels are {coded}" in shown and max(map(len, shown.splitlines())) <= 100
    fields = json.loads(table.read_text())
    assert fields["transform"] in ("differences", "ranks", "linear", "linear ranks")
    assert ("intervals" in fields) == bool(intervals) and len(table.read_text()) < 20_000
    good("encode", readings, "--code", table, "--no-table", "-o", file)
    assert good("decode", file, "--code", table, "-c").data == readings.read_bytes()
    assert good("inspect", file, "--code", table, "--json").json()["coded"] == coded
    audit = " ".join(good("audit", readings, "--code", table).text.split())
    assert audit.startswith("KEEP") and f"1,200 {coded}, 0 of them" in audit and f"entropy of these {coded}" in audit
    assert good("audit", readings, "--code", table, "--json").json()["coded"] == coded
    price = good("compare", readings, table, "--json").json()["rows"][0]
    assert price["measured_extra"] is not None and price["measured_extra"] == pytest.approx(
        price["expected_extra"], abs=0.02
    )
    assert good("encode", readings, "--code", table, *way.split(), "-o", file, "-f").talk


def test_tables_of_readings_are_what_they_were(readings: Path) -> None:
    table = readings.with_name("t.json")
    good("table", readings, "-o", table)
    assert list(json.loads(table.read_text())) == [
        "kind", "step", "labels", "lengths", "fingerprint", "weights", "made_with",
    ]  # fmt: skip


def test_another_transform_than_the_table_s_is_refused(readings: Path) -> None:
    table = readings.with_name("t.json")
    good("table", readings, "--delta", "-o", table)
    for verb in ("encode", "audit"):
        message = misused(verb, readings, "--code", table, "--ranks")
        assert "t.json is a table of differences, and --ranks asks for another" in message
    assert "--delta and --ranks exclude each other" in misused("table", readings, "--delta", "--ranks")
    assert "labels of differences and of readings cannot be compared" in refused("compare", table, "nasa")


def test_a_plain_table_of_ints_is_one_of_differences_where_that_is_asked_for(readings: Path) -> None:
    table = readings.with_name("t.json")
    table.write_text('{"kind": "code", "step": "0.1", "labels": [-10, -8, -6, -4, -2, 0, 2, 4, 6, 8, 10],'
                     ' "lengths": [4, 4, 4, 4, 4, 2, 4, 4, 4, 4, 4], "escape": 4}')  # fmt: skip
    report = good("audit", readings, "--code", table, "--delta", "--json").json()
    assert report["coded"] == "differences" and report["unseen"] == 0
    assert "the labels are of kind" not in good("encode", readings, "--code", table, "--delta", "-o", "-").talk
    words = readings.with_name("w.json")
    words.write_text('{"kind": "code", "labels": ["a", "b"], "lengths": [1, 1]}')
    assert "has labels of kind str, and differences are numbers" in refused(
        "audit", readings, "--code", words, "--delta"
    )


def test_an_audit_of_levels_says_what_differences_would_cost(readings: Path) -> None:
    table = readings.with_name("t.json")
    good("table", readings, "--escape", "-o", table)
    assert "as differences (--delta) " in good("audit", readings, "--code", table).text
    words = readings.with_name("w.txt")
    words.write_text("on\noff\n" * 300)
    assert "as differences" not in good("audit", words, "--code", "on=0.5,off=0.5").text


def test_retraining_keeps_transform_and_intervals(readings: Path) -> None:
    old, fresh = readings.with_name("t.json"), readings.with_name("f.json")
    good("table", readings, "--ranks", "--intervals", "--escape", "-o", old)
    good("audit", readings, "--code", old, "--retrain", fresh)
    before, after = (json.loads(path.read_text()) for path in (old, fresh))
    assert before["transform"] == after["transform"] and before["made_with"] == after["made_with"]
    assert before["made_with"]["intervals"] is True and "intervals" in after


def test_readings_drawn_from_differences_are_their_sums(readings: Path) -> None:
    table = readings.with_name("t.json")
    good("table", readings, "--delta", "--distribution", "-o", table)
    drawn = np.array(good("generate", table, "-n", 5000).text.split(), float)
    assert set(np.round(np.diff(drawn), 1)) <= {round(x / 5, 1) for x in range(-5, 6)}
    assert good("compare", table, table, "--json").json()["rows"][0]["kl_prediction"] == 0
    ranks = readings.with_name("r.json")
    good("table", readings, "--ranks", "-o", ranks)
    assert "draws of ranks are no readings" in refused("generate", ranks)


@pytest.mark.parametrize("spoilt", [
    {"transform": "sums"}, {"transform": "ranks"}, {"transform": "differences", "prediction": {"shift": 1}},
    {"transform": "linear", "prediction": {"weights": [], "shift": 0}},
    {"transform": "linear", "prediction": {"weights": [1 << 15], "shift": 0}},
    {"transform": "linear", "prediction": {"weights": [1.5], "shift": 0}},
    {"transform": "linear", "prediction": {"weights": [1], "shift": 16}},
    {"transform": "ranks", "prediction": {"ranks": [2, 1], "step": "1"}},
    {"transform": "ranks", "prediction": {"ranks": [1, 2], "step": "0"}},
    {"transform": "differences", "labels": ["a", "b"]},
    {"intervals": 1}, {"intervals": []}, {"intervals": [[0, 1]]}, {"intervals": [[0, 17, 1]]},
    {"intervals": [[0, 0, 1], [5, 0, 1]]}, {"intervals": [[0, 0, 1], [1, 0, 1], [2, 0, 1]]},
    {"intervals": [[0, 0, 1], [1, 0, 1]], "labels": [0, 1, 2]},
    {"intervals": [[0, 0, 1], [1, 0, 1]], "labels": [1, 0]},
    {"intervals": [[0, 0, 1], [1, 0, 1]], "labels": None, "weights": [[7, 1]]},
    {"intervals": [[0, 16, 17], [65_536, 16, 17]]},
])  # fmt: skip
def test_a_spoilt_table_is_refused_by_name(tmp_path: Path, spoilt: dict[str, object]) -> None:
    table = {"kind": "code", "labels": [0, 1], "lengths": [1, 1], **spoilt}
    if "intervals" in spoilt and spoilt.get("labels", 0) in (0, None):
        del table["labels"]
    path = tmp_path / "t.json"
    path.write_text(json.dumps(table))
    with pytest.raises(tables.TableError, match=r"t\.json: "):
        tables.load(path)


def test_an_interval_table_written_by_hand_is_one(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('{"kind": "code", "intervals": [[-4, 2, 3], [0, 0, 2], [1, 0, 2]]}')
    code = tables.load(path)
    assert isinstance(code, PrefixCode) and list(code.alphabet) == [-4, -3, -2, -1, 0, 1] and code.complete


def test_intervals_are_for_compare_and_for_a_fresh_table_too(readings: Path) -> None:
    old, fresh = readings.with_name("t.json"), readings.with_name("f.json")
    good("table", readings, "--delta", "-o", old)
    plain = good("compare", readings, readings, "--delta", "--json").json()["rows"][0]
    spread = good("compare", readings, readings, "--delta", "--intervals", "--json").json()["rows"][0]
    assert plain["expected_extra"] == 0 < spread["expected_extra"] == pytest.approx(spread["measured_extra"], abs=1e-9)
    good("audit", readings, "--code", old, "--retrain", fresh, "--intervals")
    assert "intervals" in json.loads(fresh.read_text())
    assert "--intervals is for the fresh table" in misused("audit", readings, "--code", old, "--intervals")


def test_packets_refuse_what_would_be_learned(readings: Path) -> None:
    table = readings.with_name("t.json")
    good("table", readings, "--delta", "-o", table)
    for option in ("--ranks", "--linear", "--intervals", "--short", "--delta"):
        message = misused("encode", readings, "--packets", 8, "--code", table, option)
        assert f"leave out {option}" in message
