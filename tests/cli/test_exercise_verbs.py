"""`codec exercise` and `codec check`: a task, its solution, and what an answer is worth."""

import json
import math

import pytest
from command_line import good, misused, refused

import codec
from codec.cli.inline import inline
from codec.cli.parser import EXERCISES
from codec.show.exercise import KINDS, LEAST_LABELS, MOST_LABELS, exercise


def test_the_command_line_knows_every_exercise():
    assert tuple(KINDS) == EXERCISES
    assert "from 2 to 26" in misused("exercise", "kl", "--labels", 27) and (LEAST_LABELS, MOST_LABELS) == (2, 26)


@pytest.mark.parametrize("kind", EXERCISES)
def test_a_seed_gives_one_task_and_answers_only_when_asked(kind):
    first, again = (good("exercise", kind, "--seed", 7, "--labels", 3, "--json").json() for _ in range(2))
    assert first == again and not {"steps", "result"} & set(first)
    assert first["p"] != good("exercise", kind, "--seed", 8, "--labels", 3, "--json").json()["p"]
    solved = good("exercise", kind, "--seed", 7, "--labels", 3, "--json", "--answers").json()
    assert {**first, "steps": solved["steps"], "result": solved["result"]} == solved
    shown = good("exercise", kind, "--seed", 7, "--labels", 3, "--answers").text
    assert all(step in shown for step in solved["steps"]) and solved["p"] in shown
    p = inline(solved["p"])
    assert math.isclose(p.given_sum, 1) and len(p) == 3 and math.isclose(solved["result"]["entropy"], p.entropy())


def test_the_draws_of_a_seed_are_pinned():
    assert exercise("huffman").given[0].weights.tolist() == [10, 27, 25, 14, 18, 6]


def test_results_are_those_of_the_library():
    for seed in range(1, 6):
        p, q = exercise("kl", seed).given
        result = exercise("kl", seed).result
        assert math.isclose(result["relative_entropy"], codec.relative_entropy(p, q), abs_tol=1e-12)
        assert math.isclose(result["extra_bits"], codec.mismatch(p, q).expected_extra, abs_tol=1e-12)
        block = exercise("block", seed)
        assert min(block.result["bits_per_symbol"]) >= block.result["entropy"]


def test_the_solution_of_an_exercise_is_judged_right(tmp_path):
    task = good("exercise", "huffman", "--labels", 9, "--json", "--answers").json()
    (tmp_path / "w.json").write_text(json.dumps(task["result"]["codewords"]))
    assert good("check", task["p"], tmp_path / "w.json").text.startswith("Right")
    report = good("check", task["p"], tmp_path / "w.json", "--json").json()
    assert report["optimal"] and report["kraft_sum"] == [1, 1] and report["losses"][0]["spelling"] == "a"


@pytest.mark.parametrize(
    "words, verdict",
    [
        ('{"a": "0", "b": "01", "c": "11"}', "Wrong: no prefix code"),
        ('{"a": "0", "b": "10"}', "Wrong: 1 label of p has no codeword"),
        ('{"a": "0", "b": "10", "c": "111"}', "it costs 0.2000 bits per symbol more than the least"),
        ('{"a": "0", "b": "10", "c": "110", "z": "111"}', "Not in p: z."),
    ],
)
def test_an_answer_is_judged_in_words(words, verdict):
    assert verdict in good("check", "a=0.5,b=0.3,c=0.2", "-", stdin=words.encode()).text


@pytest.mark.parametrize("words", ["", "[]", "[" * 100_000, '{"a": 1}', '{"a": "2"}', '{"a": ""}', "\xff"])
def test_what_is_no_answer_is_refused(tmp_path, words):
    (tmp_path / "w.json").write_bytes(words.encode("latin-1"))
    line = refused("check", "a=1,b=1", tmp_path / "w.json")
    assert "w.json" in line and 'wanted is JSON, {"a": "0", "b": "10"}' in line
