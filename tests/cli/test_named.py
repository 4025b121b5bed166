"""What a name may stand for: a file, a built-in distribution, weights, the table of a coded file."""

import json

import pytest
from command_line import good, misused, refused

import codec


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("1\n1\n2\n3\n")
    return tmp_path


def test_a_distribution_may_be_written_out_wherever_one_is_wanted(here):
    row = good("compare", "0.5,0.5", "0.999,0.001", "--json").json()["rows"][0]
    p, q = codec.Distribution(range(2), [0.5, 0.5]), codec.Distribution(range(2), [0.999, 0.001])
    assert row["kl_prediction"] == codec.relative_entropy(p, q) and row["expected_extra"] == 0
    rows = good("table", "a=0.5,b=0.3,c=1/5", "--json").json()["rows"]
    assert [(row["label"], row["length"]) for row in rows] == [("a", 1), ("b", 2), ("c", 2)]
    assert [row["label"] for row in good("table", "20.5=3,21.0=1", "--json").json()["rows"]] == [20.5, 21.0]
    assert set(good("generate", "x=1,y=1", "-n", 20).text.split()) == {"x", "y"}
    good("encode", "a.txt", "--code", "1=5,2=1,3=1")
    assert good("compare", "--bytes", "a=1,b=1", "letters", "--json").json()["rows"][0]["infinite"] is False


@pytest.mark.parametrize(
    "text, why",
    [
        ("a=1,b", "'b' is no weight: write weights as 0.5,0.5"),
        ("a=1,b=x", "'x' is no weight"),
        ("a=1,b=1e999999999", "is no weight"),
        ("a=1/0,b=1", "a weight is a number"),
        ("a=1,2", "some of its weights have a label, and some have none"),
        ("0,0", "all weights are zero"),
        ("a=1,a=1", "label 'a' stands twice"),
        ("a,b", "there is no file 'a,b', and no such distribution"),
    ],
)
def test_what_is_no_distribution_is_refused_with_the_way_out(here, text, why):
    line = refused("table", text)
    assert why in line and text in line


def test_an_existing_file_wins_over_every_other_meaning_of_its_name(here):
    for name in ("nasa", "0.5,0.5", "a=1,b=2", "hpack"):
        (here / name).write_text("7\n7\n8\n")
        assert [row["label"] for row in good("table", name, "--json").json()["rows"]] == [7, 8]
        good("compare", name, name)
        assert "not JSON" in refused("encode", "a.txt", "--code", name)


def test_the_table_of_a_coded_file_is_shown_saved_and_compared(here):
    codec.save(codec.huffman(codec.Distribution([1, 2, 3, 4], [8, 4, 2, 2])), "old.json")
    good("encode", "a.txt", "--code", "old.json")
    good("table", "a.txt.huf", "-o", "back.json")
    assert json.loads((here / "back.json").read_text())["fingerprint"] == codec.load("old.json").fingerprint
    assert good("compare", "a.txt", "a.txt.huf", "--json").json()["rows"][0]["expected_length"] == 1.75
    good("encode", "a.txt", "--code", "old.json", "--no-table", "-f")
    assert "a.txt.huf: the file carries no table" in refused("table", "a.txt.huf")
    (here / "b.txt").write_text("1\n2\n" * 100)
    good("encode", "b.txt", "--context")
    assert "no single table" in refused("table", "b.txt.huf")


def test_a_part_of_the_demo_stands_alone():
    part = good("demo", 8).text
    assert "8  The article’s second example" in part.replace("'", "’") and "7  " not in part and "1.03078" in part
    assert "invalid choice" in misused("demo", 11)


def test_a_tree_is_drawn_when_asked_for():
    assert (
        "0 ── 105" in good("table", "nasa", "--tree").text and "──" not in good("table", "nasa").text.split("\n", 2)[2]
    )
