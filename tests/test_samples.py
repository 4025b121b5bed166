"""The samples are what the commands in the README make of them."""

import re

import pytest
from command_line import ROOT, files, good

SAMPLES = ROOT / "samples"
COMMANDS = {
    **{
        f"{name}.json": ["table", name, "--distribution"]
        for name in ("nasa", "uniform", "peaked", "winter", "dyadic", "dyadic-reversed")
    },
    "nasa.txt": ["generate", "nasa", "-n", 10_000, "--seed", 1],
    "station.csv": ["generate", "station", "--seed", 1],
}


PICTURES = {"ledger.svg": ["figure", "ledger", "nasa"], "scatter.svg": ["figure", "scatter"]}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_makes_the_sample_again_byte_for_byte(name, tmp_path):
    good(*COMMANDS[name], "-o", tmp_path / name)
    assert (tmp_path / name).read_bytes() == (SAMPLES / name).read_bytes()


@pytest.mark.parametrize("name", PICTURES)
def test_the_command_beside_a_picture_makes_it_again(name, tmp_path):
    """Its text and title; where lines fall to the last digit depends on the version of matplotlib."""
    good(*PICTURES[name], "-o", tmp_path / name)
    again, kept = ((folder / name).read_text("utf-8") for folder in (tmp_path, SAMPLES))
    words = [re.findall(r">([^<>]*\w[^<>]*)<", text.split("</metadata>")[1]) for text in (again, kept)]
    assert words[0] == words[1] and len(words[0]) > 10
    assert f"codec {' '.join(PICTURES[name])} -o samples/{name}" in (ROOT / "README.md").read_text("utf-8")


def test_every_sample_is_made_by_a_command():
    assert files(SAMPLES) == sorted([*COMMANDS, *PICTURES, "README.md", "walkthrough.ipynb"])


def test_the_text_and_the_column_come_back_and_their_ledgers_add_up(tmp_path):
    for name, options in (("nasa.txt", []), ("station.csv", ["--column", "temperature"]), ("station.csv", ["--bytes"])):
        coded = tmp_path / "coded.huf"
        good("encode", SAMPLES / name, *options, "-o", coded, "-f")
        back = good("decode", coded, "-c").data
        whole = (SAMPLES / name).read_bytes()
        if "--column" in options:
            whole = b"".join(row.split(b",")[1] + b"\n" for row in whole.splitlines()[1:])
        assert back == whole
        book = good("inspect", coded, "--json").json()
        assert abs(sum(line["bits"] for line in book["ledger"]) - book["file_bits"]) < 1e-6
        assert book["file_bits"] == 8 * coded.stat().st_size
        assert book["file_bits"] < book["original_bits"]


def test_the_sample_distributions_stand_for_their_names():
    for name in ("winter", "peaked", "dyadic"):
        by_name = good("compare", "nasa", name, "-n", 1000, "--json").json()
        by_file = good("compare", SAMPLES / "nasa.json", SAMPLES / f"{name}.json", "-n", 1000, "--json").json()
        for row in by_file["rows"]:
            row["q"] = name
        assert by_file == by_name
