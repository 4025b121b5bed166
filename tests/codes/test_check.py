"""Answers are judged, and the steps of Huffman's algorithm shown."""

import heapq
import math
from fractions import Fraction

import numpy as np
import pytest

import codec
from codec.theory.sources import built_in

P = {"a": 5, "b": 3, "c": 2}


def test_every_huffman_code_is_right_and_its_losses_are_none():
    for seed in range(20):
        weights = np.random.default_rng(seed).integers(1, 50, 2 + seed).tolist()
        p = codec.Distribution(range(len(weights)), weights)
        words = {label: word.to01() for label, word in codec.huffman(p).codewords.items()}
        answer = codec.check(p, words)
        assert answer.optimal and answer.collision is None and answer.kraft_sum == 1
        assert answer.cost == answer.least_cost and not answer.missing and not answer.unknown


def test_of_two_codewords_that_collide_the_shorter_is_named_first():
    answer = codec.check(P, {"a": "0", "b": "11", "c": "01"})
    assert not answer.prefix_free and answer.collision == ("a", "c") and not answer.optimal
    assert codec.check(P, {"a": "10", "b": "0", "c": "10"}).collision == ("a", "c")
    assert codec.check(P, {"a": "0", "b": "01", "c": "00"}).kraft_sum == 1


def test_what_is_lost_is_said_label_by_label_and_sums_to_the_whole():
    answer = codec.check(P, {"a": "111", "b": "0", "c": "10"})
    assert (answer.kraft_sum, answer.cost, answer.least_cost) == (Fraction(7, 8), Fraction(22, 10), Fraction(3, 2))
    assert [each.loss for each in answer.losses] == [1, Fraction(-3, 10), 0]
    assert sum(each.loss for each in answer.losses) == answer.cost - answer.least_cost


def test_missing_and_unknown_labels_are_named():
    answer = codec.check(P, {"a": "0", "z": "10"})
    assert (answer.missing, answer.unknown, answer.cost, answer.optimal) == (("b", "c"), ("z",), math.inf, False)
    assert codec.check({1: 1, 2: 1, 3: 0}, {"1": "0", "2": "1"}).optimal  # labels by their spelling


@pytest.mark.parametrize("words", [{"a": ""}, {"a": "02"}, {"a": "0 "}])
def test_what_is_no_codeword_is_refused(words):
    with pytest.raises(ValueError, match="a codeword is a text of 0 and 1"):
        codec.check(P, words)


def test_an_answer_is_a_mapping_to_text():
    for words in (None, ["0", "10"], {"a": 0}, {"a": b"0"}):
        with pytest.raises(TypeError, match="codewords are a mapping"):
            codec.check(P, words)


def test_print_shows_the_verdict_and_repr_has_one_line():
    answer = codec.check(P, {"a": "0", "b": "01", "c": "11"})
    assert "Wrong: no prefix code" in str(answer) and "the codeword of a begins that of b" in str(answer)
    assert "\n" not in repr(answer) and "Right" in str(codec.check(P, {"a": "0", "b": "10", "c": "11"}))


def test_the_merges_are_those_of_a_heap_and_end_at_the_sum():
    for seed in range(20):
        weights = np.random.default_rng(seed).integers(0, 30, 3 + 7 * seed)
        weights[:2] += 1
        code, heap = codec.huffman(weights.tolist()), sorted(weights[weights > 0].tolist())
        for merge in code.merges:
            assert merge.weights == (heapq.heappop(heap), heapq.heappop(heap))
            heapq.heappush(heap, sum(merge.weights))
        assert heap == [weights.sum()]
        depth = dict.fromkeys(range(len(weights)), 0)
        inside = {node: [node] for node in depth}
        for number, merge in enumerate(code.merges, len(weights)):
            inside[number] = inside[merge.nodes[0]] + inside[merge.nodes[1]]
            for leaf in inside[number]:
                depth[leaf] += 1
        assert list(depth.values()) == code.lengths.tolist()


def test_a_code_that_huffman_did_not_build_has_no_merges():
    p = built_in("nasa")
    assert codec.huffman([3]).merges == []
    codes = codec.PrefixCode.from_lengths("ab", [1, 1]), codec.huffman(p, 3), codec.huffman(p, None, 1)
    for code in (*codes, codec.construct("fixed", p)):
        with pytest.raises(ValueError, match="only a Huffman code"):
            _ = code.merges
