"""`codec demo`: the story's numbers come out of the program, and what is called measured is measured."""

import math
import os
import re

import numpy as np
import pytest
from command_line import files, good, program, run

import codec
from codec.bits import lanes
from codec.codes.prefix import huffman
from codec.files import table_of
from codec.theory.sources import built_in

NUMBERS = {
    "the sentence": "224",
    "its digits": "24",
    "fixed width": "3",
    "entropy": "2.3231",
    "ten messages at 3 bits": "240",
    "ten messages at 2.3 bits": "184",
    "expected length": "2.37",
    "blocks of two": "2.33785",
    "blocks of three": "2.33403",
    "blocks of four": "2.32994",
    "the peaked belief, one at a time": "0.1400",
    "in twos": "0.9649",
    "in threes": "1.0764",
    "in fours": "1.3579",
    "in fives": "1.4082",
    "its KL divergence": "1.5444",
    "entropy of the second example": "2.38076",
    "of what was obtained": "2.56448",
    "their cross entropy": "3.41154",
    "their KL divergence": "1.03078",
}


@pytest.fixture(scope="module")
def shown():
    return good("demo").text


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
def test_the_demo_shows(shown, number):
    # exact values behind the blocks: 0.96490, 1.07640, 1.35795, 1.40816
    assert re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d,]|\.\d)", shown)


def line_of(shown, start):
    (line,) = [line for line in shown.splitlines() if line.startswith(start)]
    return line


def test_the_numbers_stand_where_the_story_puts_them(shown):
    assert line_of(shown, "the sentence").split()[-1] == "224"
    assert line_of(shown, "its digits").split()[-1] == "24"
    assert line_of(shown, "one of 8 levels").split()[-1] == "3"
    assert line_of(shown, "at 3 bits each").split()[-1] == "240"
    assert "184" in line_of(shown, "at the entropy, rounded").split()
    assert line_of(shown, "KL divergence").split()[-1] == "1.03078"
    assert "Kraft sum 1: complete" in shown and "├── 0 ── 105" in shown


def test_the_ten_messages_are_ten_packets_and_padding_is_what_whole_bytes_add(shown):
    p = built_in("nasa")
    packets = [codec.pack(p.sample(80, 1)[start : start + 8], p) for start in range(0, 80, 8)]
    measured, padding, sent = (
        int(re.search(r" (\d+) ", line_of(shown, start))[1])
        for start in ("with the Huffman code, measured", "zeros to a byte, ten", "as ten packets, really")
    )
    assert sent == 8 * sum(map(len, packets)) == measured + padding and 0 <= padding < 80
    assert "185.8" in line_of(shown, "at the entropy  ") and "189.6" in line_of(
        shown, "with the Huffman code, expected"
    )
    assert f"{sent // 8} bytes of {packets[0].hex()}" in shown and "The 80 readings come back equal from" in shown


def test_every_reading_came_back_and_every_bit_is_accounted_for(shown):
    assert "all 100,000 readings came back equal" in shown and "DIFFERENT" not in shown
    size = int(re.search(r"([\d,]+) bytes; all 100,000", shown)[1].replace(",", ""))
    assert f"the sum = 8 × {size:,} bytes" in shown
    assert int(line_of(shown, "file ").split()[1].replace(",", "")) == 8 * size


def test_prediction_price_and_what_separates_them_stand_in_one_line(shown):
    for name in ("winter", "uniform", "peaked"):
        cells = line_of(shown, name).replace("−", "-").split()
        prediction, expected, measured, error, z, rounding = map(float, cells[1:])
        assert abs(expected - prediction - rounding) < 2e-4
        assert abs(z) < 5 and abs(measured - expected) < 5 * error


@pytest.mark.slow
def test_the_demo_runs_in_an_empty_folder_and_leaves_nothing_anywhere(tmp_path, shown):
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()
    result = program("demo", cwd=here, env={"TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"})
    assert (result.code, result.talk) == (0, "")
    assert files(here) == files(temporary) == []
    assert result.text == shown  # and it prints the same each time


def test_no_line_is_wider_than_the_page(shown):
    assert max(map(len, shown.splitlines())) <= 100


# Were a "measured" number computed from counts and lengths, what the engine writes would not matter to it.


def flip_a_bit(payload, lane_bits):
    payload[len(payload) // 2] ^= 8
    return payload, lane_bits


def lengthen_the_last_lane(payload, lane_bits):
    lane_bits[-1] += 1
    return np.append(payload, np.zeros(-(-int(lane_bits.sum()) // 8) - len(payload), np.uint8)), lane_bits


@pytest.mark.parametrize("change", [flip_a_bit, lengthen_the_last_lane])
@pytest.mark.parametrize("least", [0, 81], ids=["from the first file on", "only in the long files"])
def test_an_encoder_with_a_single_wrong_bit_makes_the_demo_stop(monkeypatch, change, least):
    true_encode = lanes.encode

    def encode(symbols, lengths, lane):
        payload, lane_bits = true_encode(symbols, lengths, lane)
        return change(payload.copy(), lane_bits.copy()) if len(symbols) >= least else (payload, lane_bits)

    monkeypatch.setenv("CODEC_ENGINE", "lanes")
    monkeypatch.setattr(lanes, "encode", encode)
    result = run("demo")
    assert result.code == 1 and result.talk.startswith("codec demo: ") and result.talk.count("\n") == 1
    assert "came back equal" not in result.text


@pytest.mark.parametrize("wasted_on", ["p", "q"])
def test_an_engine_that_wastes_a_bit_a_reading_moves_what_is_measured_and_not_what_is_expected(
    monkeypatch, shown, wasted_on
):
    own = huffman(built_in("nasa")).lengths.tolist()
    prepare_encode, prepare_decode = lanes.prepare_encode, lanes.prepare_decode

    def used(lengths):
        if len(lengths) != len(own):
            return lengths
        return lengths + 1 if (lengths.tolist() == own) == (wasted_on == "p") else lengths

    table_of._again.cache_clear()  # codes keep their prepared tables
    monkeypatch.setenv("CODEC_ENGINE", "lanes")
    monkeypatch.setattr(lanes, "prepare_encode", lambda lengths, count: prepare_encode(used(lengths), count))
    monkeypatch.setattr(lanes, "prepare_decode", lambda lengths, count: prepare_decode(used(lengths), count))
    moved = good("demo").text
    ten = [int(line_of(text, "with the Huffman code, measured").split()[5]) for text in (shown, moved)]
    assert ten[1] - ten[0] == (80 if wasted_on == "p" else 0)
    for name in ("winter", "uniform", "peaked"):
        before, after = (
            [float(cell.replace("−", "-")) for cell in line_of(text, name).split()[1:]] for text in (shown, moved)
        )
        assert after[:2] == before[:2]  # prediction, expectation
        assert math.isclose(after[2] - before[2], -1 if wasted_on == "p" else 1, abs_tol=1e-9)


@pytest.mark.slow
def test_the_demo_needs_no_home_and_no_terminal():
    env = {"HOME": "/nonexistent", "TERM": "dumb", "COLUMNS": "40"}
    assert program("demo", env=env, cwd=os.sep).code == 0
