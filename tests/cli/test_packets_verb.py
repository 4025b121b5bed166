"""encode --packets and decode --packets: a line a packet, and what they weigh."""

import json

import numpy as np
import pytest
from command_line import ROOT, fields, good, misused, refused

from codec.nodes.layout import PacketLayout, load

STATION = ROOT / "samples" / "station.csv"


@pytest.fixture
def year(tmp_path):
    """A year of the station, a table of differences learned from it, and its readings."""
    path = tmp_path / "year.csv"
    path.write_bytes(b"".join(STATION.read_bytes().splitlines(keepends=True)[:8761]))
    good("table", path, "--column", "temperature", "--escape", "--layout", "delta,count=5,check=8", "-o",
         tmp_path / "t.json")  # fmt: skip
    return path, tmp_path / "t.json", [row.split(b",")[1] for row in path.read_bytes().splitlines()[1:]]


def test_a_stream_becomes_lines_and_comes_back(year, tmp_path):
    path, table, readings = year
    for size in (24, 7, 31):
        hex_ = tmp_path / f"{size}.hex"
        good("encode", path, "--column", "temperature", "--code", table, "--packets", size, "-o", hex_)
        lines = hex_.read_text().splitlines()
        assert len(lines) == -(-8760 // size)
        assert good("decode", hex_, "--code", table, "--packets", size).data == b"\n".join(readings) + b"\n"


def test_without_a_count_the_last_line_says_how_many(tmp_path):
    (tmp_path / "s.txt").write_text("100\n105\n105\n110\n180\n")
    text = good("encode", tmp_path / "s.txt", "--code", "nasa", "--packets", 3).text
    assert text.splitlines() == ["80", "e7c0 2"]
    back = good("decode", "-", "--code", "nasa", "--packets", 3, stdin=text.encode())
    assert back.text == "100\n105\n105\n110\n180\n" and "2 packets, 5 readings" in back.talk


def test_packets_that_count_their_readings_need_no_number(year, tmp_path):
    path, table, readings = year
    good("encode", path, "--column", "temperature", "--code", table, "--packets", 24, "-o", tmp_path / "p.hex")
    back = good("decode", tmp_path / "p.hex", "--packets", "--code", table)
    assert back.data == b"\n".join(readings) + b"\n"
    (tmp_path / "q.hex").write_text("80\n")
    assert "--packets N" in misused("decode", tmp_path / "q.hex", "--packets", "--code", "nasa")


def test_the_report_adds_up_to_the_bytes_that_are_sent(year, tmp_path):
    path, table, _ = year
    said = ["encode", path, "--column", "temperature", "--code", table, "--packets", 24]
    sent = [bytes.fromhex(line) for line in good(*said).text.splitlines()]
    report = fields(*said, "--report", "--per-day", 24, "--json")
    (channel,) = report["channels"]
    parts = [report[f"{name}_bits"] for name in ("count", "padding", "check")]
    parts += [channel[f"{name}_bits"] for name in ("first", "codeword", "raw")]
    assert sum(parts) == 8 * report["bytes"] == 8 * sum(map(len, sent))
    assert report["largest_bytes"] == max(map(len, sent)) <= report["guaranteed_bytes"] == load(table).largest(24)
    assert abs(report["bytes_per_day"] - report["mean_bytes"]) < 1e-9 and report["fingerprints"] == [
        load(table).fingerprint
    ]
    assert channel["entropy"] <= channel["huffman_mean"] <= channel["mean_length"]
    assert channel["mean_length"] < channel["huffman_mean"] + 0.01  # learned from these readings, but for the escape
    text = good(*said, "--report").text
    assert "365 packets" in text and f"8 × {report['bytes']:,} bytes" in text


def test_several_columns_share_a_packet(tmp_path):
    path = tmp_path / "x.csv"
    rows = [(20 + i % 3, 5 - i % 2) for i in range(30)]
    path.write_text("a,b\n" + "".join(f"{a},{b}\n" for a, b in rows))
    for name in "ab":
        good("table", path, "--column", name, "--layout", "usual", "-o", tmp_path / f"{name}.json")
    codes = ["--code", tmp_path / "a.json", "--code", tmp_path / "b.json", "--packets", 7]
    text = good("encode", path, "--column", "a", "--column", "b", *codes).data
    assert good("decode", "-", *codes, stdin=text).text == "".join(f"{a},{b}\n" for a, b in rows)
    report = fields("encode", path, "--column", "a", "--column", "b", *codes, "--report", "--json")
    assert [channel["name"] for channel in report["channels"]] == ["a", "b"]
    assert report["bytes"] == sum(len(line.split()[0]) // 2 for line in text.decode().splitlines())
    path.write_text("a,b\n20,5\n21,\n")
    said = refused("encode", path, "--column", "a", "--column", "b", *codes)
    assert "x.csv, column b, row 2: '' is no number" in said
    assert "2 of --code: one for each" in misused("encode", path, "--column", "a", *codes)
    assert "--code was given twice" in misused("encode", path, "--column", "a", *codes[:4])


def test_damaged_packets_are_refused_by_line_and_the_others_can_be_saved(year, tmp_path):
    path, table, readings = year
    lines = good("encode", path, "--column", "temperature", "--code", table, "--packets", 24).text.splitlines()
    lines[3] = lines[3][:-1] + ("0" if lines[3][-1] != "0" else "1")
    lines[5] = "zz"
    data = "\n".join(lines).encode()
    how = ["decode", "-", "--code", table, "--packets", 24]
    assert "-, line 4: the packet of" in refused(*how, stdin=data)
    hex_ = tmp_path / "x.hex"
    hex_.write_bytes(data)
    said = refused("decode", hex_, *how[2:], "--salvage", "-o", tmp_path / "saved.txt")
    assert "line 4" in said and "2 packets of 365 lost, the others saved, with nothing in place of lines 4, 6" in said
    assert "1 packet of 1 lost, and nothing saved" in refused(*how, "--salvage", stdin=b"zz\n")
    shouted = "\r\n".join(line.upper() + " " for line in lines[:3]).encode()  # as other programs write them
    assert good(*how, stdin=shouted).data == b"\n".join(readings[:72]) + b"\n"
    kept = readings[:72] + readings[96:120] + readings[144:]
    assert (tmp_path / "saved.txt").read_bytes() == b"\n".join(kept) + b"\n"


def test_what_does_not_go_together_is_refused(year, tmp_path):
    path, table, _ = year
    column = ["--column", "temperature"]
    assert "--packets needs --code" in misused("encode", path, *column, "--packets", 24)
    assert "with --report" in misused("encode", path, *column, "--code", table, "--packets", 24, "--per-day", 24)
    assert "--packets needs --code" in misused("decode", path, "--packets", 24)
    assert "leave out --delta" in misused("encode", path, *column, "--code", table, "--packets", 24, "--delta")
    assert "name their readings with --packets" in misused("encode", path, *column, "--report")
    assert "with --report" in misused("encode", path, *column, "--code", table, "--packets", 24, "--json")
    assert "name its file with -o" in misused("table", "nasa", "--layout", "usual")
    assert "a layout is usual, or some of" in misused("table", "nasa", "--layout", "raw=", "-o", tmp_path / "x.json")


def test_a_reading_without_a_codeword_sends_nothing(tmp_path):
    (tmp_path / "s.txt").write_text("100\n105\n7\n")
    said = ["encode", tmp_path / "s.txt", "--code", "nasa", "--packets", 2, "-o", tmp_path / "x.hex"]
    assert "line 3: 7 cannot be packed" in refused(*said)
    assert not (tmp_path / "x.hex").exists()


def test_nothing_to_send_is_no_packet(tmp_path):
    (tmp_path / "s.txt").write_text("")
    how = ["encode", tmp_path / "s.txt", "--code", "nasa", "--packets", 2]
    assert good(*how).data == b"" and "no packet" in good(*how, "--report").text
    report = fields(*how, "--report", "--json")
    assert report["mean_bytes"] is None and not any(report[f"{x}_bits"] for x in ("count", "padding", "check"))
    assert report["packets"] == report["bytes"] == report["largest_bytes"] == 0
    assert good("decode", "-", "--code", "nasa", "--packets", 2, stdin=b"").data == b""


def test_an_array_is_packed_as_its_values(tmp_path):
    np.save(tmp_path / "a.npy", np.array([100.0, 105.0, 180.0]))
    assert good("encode", tmp_path / "a.npy", "--code", "nasa", "--packets", 3).text == "9f\n"
    good("table", "nasa", "--layout", "count=4", "-o", tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text())["layout"]["count_bits"] == 4


@pytest.mark.slow
def test_a_code_that_was_made_for_no_data_takes_a_layout_too(year, tmp_path):
    path, _, readings = year
    for name in ("lec", "rice:4", "golomb:11", "elias-gamma"):
        good("table", name, "--step", "0.1", "--layout", "delta", "-o", tmp_path / "u.json", "-f")
        how = ["--code", tmp_path / "u.json", "--packets", 24]
        text = good("encode", path, "--column", "temperature", *how).data
        assert good("decode", "-", *how, stdin=text).data == b"\n".join(readings) + b"\n"


def test_a_layout_is_of_what_its_table_is_of(year, tmp_path):
    path, _, _ = year
    for how in (["--delta", "--layout", "count=5"], ["--layout", "delta,count=5"]):
        good("table", path, "--column", "temperature", *how, "-o", tmp_path / "u.json", "-f")
        assert load(tmp_path / "u.json").layout == PacketLayout("differences", 16, 5)
    how = ["--column", "temperature", "--ranks", "--layout", "usual", "-o", tmp_path / "v.json"]
    assert "packets hold readings or differences" in refused("table", path, *how)
