"""What people expect of `encode`, `encode_file`, `decode` and `ledger`: paths, steps, the best way, plain mappings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checks import same

import codec
from codec.files.output import ExistsError

SLOW = np.cumsum(np.random.default_rng(1).integers(-1, 2, 4000)) + 500
TEMPERATURES = np.array([21.53, 21.48, 21.61, 21.5] * 30)
HALVES = {"a": 0.5, "b": 0.5}


def test_the_best_way_makes_the_smallest_file_and_comes_back() -> None:
    best = codec.encode(SLOW, best=True)
    ways: tuple[dict[str, Any], ...] = ({}, {"delta": True}, {"context": True}, {"per_codeword": 2})
    assert len(best) <= min(len(codec.encode(SLOW, **way)) for way in ways)
    assert same(codec.decode(best), SLOW)


@pytest.mark.parametrize("chosen", [{"delta": True}, {"context": True}, {"per_codeword": 2}, {"code": HALVES}])
def test_the_best_way_is_not_chosen_by_hand(chosen: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="best tries every way"):
        codec.encode(SLOW, best=True, **chosen)
    with pytest.raises(ValueError, match="without a table"):
        codec.encode(SLOW, best=True, embed_table=False)


@pytest.mark.parametrize("step", [0.1, "0.1", np.float64(0.1), "1e-1"])
def test_a_step_rounds_readings(step: Any) -> None:
    assert codec.decode(codec.encode(TEMPERATURES, step=step))[:4].tolist() == [21.5, 21.5, 21.6, 21.5]


@pytest.mark.parametrize("step", [0, -1, "x", float("nan"), True, [0.1]])
def test_what_is_no_step_is_refused(step: Any) -> None:
    with pytest.raises(ValueError, match="a step is a positive decimal number"):
        codec.encode(TEMPERATURES, step=step)


def test_a_file_is_coded_into_a_file_and_read_by_its_path(tmp_path: Path) -> None:
    source, target = tmp_path / "levels.txt", tmp_path / "levels.huf"
    source.write_text("100\n105\n100\n")
    written = codec.encode_file(source, target)
    assert (written.count, written.file_bytes, written.original_bytes) == (3, target.stat().st_size, 12)
    for path in (target, str(target)):
        assert codec.decode(path).tolist() == [100, 105, 100]
        assert codec.ledger(path).file_bits == 8 * written.file_bytes
    assert codec.ledger(target.read_bytes()).lines == codec.ledger(target).lines


def test_a_column_a_step_and_raw_bytes_are_read_from_a_file(tmp_path: Path) -> None:
    source = tmp_path / "station.csv"
    source.write_text("time,level\n1,21.53\n2,21.48\n")
    codec.encode_file(str(source), str(tmp_path / "a"), column="level", step=0.1, best=True)
    assert codec.decode(tmp_path / "a").tolist() == [21.5, 21.5]
    codec.encode_file(source, tmp_path / "b", raw=True, delta=True)
    assert codec.decode(tmp_path / "b") == source.read_bytes()


def test_no_file_is_overwritten_unasked_and_the_source_never(tmp_path: Path) -> None:
    source, target = tmp_path / "levels.txt", tmp_path / "levels.huf"
    source.write_text("1\n2\n")
    target.write_text("kept")
    with pytest.raises(ExistsError, match="exists already"):
        codec.encode_file(source, target)
    assert target.read_text() == "kept"
    with pytest.raises(ExistsError, match="never overwritten"):
        codec.encode_file(source, source, force=True)
    codec.encode_file(source, target, force=True)
    assert codec.decode(target).tolist() == [1, 2] and source.read_text() == "1\n2\n"


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("a\nb\n")
    with pytest.raises(codec.CodecError, match=r"words\.txt"):
        codec.encode_file(tmp_path / "words.txt", tmp_path / "x.huf", delta=True)
    assert [path.name for path in tmp_path.iterdir()] == ["words.txt"]


def test_what_is_wrong_with_a_file_names_its_path(tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt.huf"
    spoilt.write_bytes(codec.encode(SLOW)[:-1])
    for read in (codec.decode, codec.ledger):
        with pytest.raises(codec.CodecError, match=r"spoilt\.huf: the file ends within"):
            read(spoilt)
        with pytest.raises(FileNotFoundError, match="nowhere"):
            read(tmp_path / "nowhere")


def test_bools_come_back_as_bools() -> None:
    assert same(codec.decode(codec.encode([True, False, True])), np.array([True, False, True]))
    assert same(codec.decode(codec.encode([True, 0, 1])), np.array([1, 0, 1]))


def test_where_a_distribution_is_wanted_a_mapping_is_one(tmp_path: Path) -> None:
    p, code = codec.Distribution(HALVES), codec.huffman(HALVES)
    skewed = {"b": 0.25, "a": 0.75}
    data = codec.encode("abab", HALVES, embed_table=False)
    assert data == codec.encode("abab", p, embed_table=False)
    assert codec.decode(data, HALVES) == "abab" and codec.ledger(data, HALVES).count == 4
    assert codec.construct("shannon", HALVES) == codec.construct("shannon", p)
    assert code == codec.huffman(p) and hash(code) == hash(codec.huffman(p))
    assert code.expected_length(skewed) == 1 and code.certificate(skewed).optimal
    assert codec.entropy(HALVES) == 1 and code.redundancy(HALVES) == 0
    assert codec.relative_entropy(skewed, HALVES) == codec.relative_entropy([0.75, 0.25], [0.5, 0.5])
    assert codec.cross_entropy(p, {"b": 0.5, "a": 0.5}) == 1
    assert codec.mismatch(HALVES, skewed).kl_prediction == codec.mismatch([0.5, 0.5], [0.75, 0.25]).kl_prediction
    assert codec.audit("ab" * 500, HALVES).entropy == 1
    codec.save(HALVES, tmp_path / "p.json")
    assert codec.load(tmp_path / "p.json") == p
