"""The fuzzer finds nothing in the codec, and what is planted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import checks
import fuzz
import mutants
import numpy as np
import pytest
from spoilt import with_block

from codec.codes.prefix import PrefixCode
from codec.coding import decode, encode
from codec.errors import DamagedError
from codec.files import container
from codec.readings.origin import Origin, unrepresentable
from codec.theory.labels import Labels, labels_of

FILES = fuzz.seeds()
SCRIPT = Path(fuzz.__file__)


@pytest.mark.slow
def test_every_seed_is_accepted_and_taken_apart_and_joined_is_itself() -> None:
    for name, (data, code) in FILES.items():
        assert fuzz.judge(data, code, fuzz.ENGINES), name
        sections, rest = mutants.apart(data)
        assert rest == b"" and [s.name for s in sections] == [p.name for p in checks.walk(data)], name
        mutants.settle(sections)
        assert mutants.joined(sections, rest) == data == mutants.mend(data) == mutants.sign(data, code), name


def test_a_spoilt_file_is_mended_as_far_as_it_can_be_seen() -> None:
    data, _ = FILES["blocks"]
    stop = checks.part(data, "block", 2).stop
    assert mutants.mend(data[: stop - 1]) == data[: stop - 1]
    spoilt = bytearray(data)
    for part in checks.walk(data):
        spoilt[part.stop - 1] ^= 1  # of the table, whose fingerprint changes with it; elsewhere of a checksum
    mended = mutants.mend(bytes(spoilt))
    assert checks.mend(mended) == mended != bytes(spoilt)
    for garbage in (b"", b"B", b"E", bytes(30), data[:41], data[:50]):
        assert mutants.mend(garbage) == garbage


@pytest.mark.parametrize("mutants_in_all", [2_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_mutants_are_refused_or_well_formed(mutants_in_all: int) -> None:
    """A tenth of them by default, by the same seeds."""
    by_all, by_one = mutants_in_all * 3 // 5, mutants_in_all // 5
    tally = fuzz.run(FILES, 1, fuzz.ENGINES, by_all)
    assert tally.accepted.total() > by_all // 20, "the changes no longer reach what stands behind the checksums"
    others = [fuzz.run(FILES, 2 + place, (name,), by_one) for place, name in enumerate(reversed(fuzz.ENGINES[:2]))]
    assert tally.mutants + sum(other.mutants for other in others) == mutants_in_all
    assert not tally.findings + others[0].findings + others[1].findings


def test_a_seed_gives_the_same_mutants_again() -> None:
    one, again, other = (mutants.Mutator(FILES, seed) for seed in (5, 5, 6))
    made = [one.mutant(number)[:2] for number in range(50)]
    assert made == [again.mutant(number)[:2] for number in range(50)]
    assert made != [other.mutant(number)[:2] for number in range(50)]


# ------------------------------------------------------------------ planted bugs


def findings(capsys: pytest.CaptureFixture[str], mutations: int = 1500) -> tuple[list[str], str]:
    tally = fuzz.run(FILES, 1, ("lanes",), mutations)
    return list(tally.findings), capsys.readouterr().out


@pytest.mark.slow
def test_an_error_of_another_kind_is_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    real = container.read_blocks

    def planted(source: Any, header: Any) -> Any:
        for part in real(source, header):
            if getattr(part, "count", 0) == 30:
                raise KeyError("planted")
            yield part

    monkeypatch.setattr(container, "read_blocks", planted)
    found, told = findings(capsys)
    assert [kind.split(" at ")[0] for kind in found] == ["KeyError"]
    assert "planted" in told and "seed 1, mutation " in told and container.MAGIC.hex() in told


@pytest.mark.slow
def test_a_check_taken_away_is_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(Origin, "unrepresentable", lambda *_: None)
    found, told = findings(capsys, 2500)
    assert found and "FINDING" in told


@pytest.mark.slow
def test_memory_that_no_readings_need_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def greedy(*args: Any, **options: Any) -> Any:
        held = bytes(1 << 24)
        return decode(*args, **options) if held else None

    monkeypatch.setattr(fuzz, "decode", greedy)
    found, told = findings(capsys, 200)
    assert found and "bytes of memory" in told


def test_engines_that_differ_are_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def differing(*args: Any, engine: str) -> Any:
        value = decode(*args, engine=engine)
        return value[::-1] if engine == "reference" and len(value) else value

    monkeypatch.setattr(fuzz, "decode", differing)
    with pytest.raises(AssertionError, match="the engines lanes, reference give"):
        fuzz.judge(*FILES["bytes"], ("lanes", "reference"))


def test_an_accepted_file_that_cannot_be_coded_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode("abracadabra")
    fuzz.judge(data, None, ("lanes",))
    monkeypatch.setattr(fuzz, "encode", lambda *_, **__: encode("abracadabrb"))
    with pytest.raises(AssertionError, match="coded again"):
        fuzz.judge(data, None, ("lanes",))


# ------------------------------------------------------------------ the command


@pytest.mark.slow
def test_the_command_says_what_it_did_and_ends_with_0() -> None:
    command = [sys.executable, str(SCRIPT), "--mutations", "60", "--seed", "7", "--engine", "lanes"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("seed 7, lanes: 60 mutants, ") and " 0 findings" in done.stdout


def test_a_missing_atheris_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "atheris", None)
    with pytest.raises(SystemExit, match="atheris, which is not installed"):
        fuzz.guided(FILES, ("lanes",), 1)


# ------------------------------------------------------------------ what it found


def test_labels_that_change_in_the_type_of_an_array_are_foreign() -> None:
    for dtype, alphabet, foreign in (
        ("<f4", labels_of([0.5, 0.1, 1e300, -0.0]), [1, 2]),  # of other value, or infinite, as a float32
        ("<f2", Labels("float", np.array([0x7FF8 << 48, (0x7FF8 << 48) | 1], np.uint64)), [1]),  # bits of a NaN
        ("|i1", Labels("int", np.array([-3, 10]), "0.1"), [0]),  # -0.3 and 1
        *((dtype, Labels("int", np.array([10]), "0.1"), [0]) for dtype in ("<M8[s]", "|O", "|b1")),
        (">m8[s]", labels_of(np.array([5, 2**63], np.uint64)), [1]),
        ("<f8", labels_of([b"12345678"]), [0]),  # the bytes of a complex64
    ):
        found = unrepresentable(np.dtype(dtype), alphabet)
        assert found is not None and np.flatnonzero(found).tolist() == foreign, dtype
    data = checks.exchange(encode([0.5, 0.1, 0.1, 0.5], decimals=False), "origin", Origin("array", "<f4", (4,)).pack())
    with pytest.raises(DamagedError, match="readings that its file says it cannot hold"):
        decode(data)


def test_a_line_of_text_that_would_be_two_is_refused() -> None:
    code = PrefixCode.from_lengths(["a", "b\nc"], [1, 1])
    data = checks.exchange(encode(["a", "b\nc", "a"], code), "origin", Origin("text").pack())
    with pytest.raises(DamagedError, match="readings that its file says it cannot hold"):
        checks.unhuf(data)
    unused = checks.huf(b"a\na\n", code)
    assert checks.unhuf(unused) == b"a\na\n"


def test_a_raw_value_that_has_a_codeword_is_refused() -> None:
    code = PrefixCode.from_lengths([7, 12, 17], [1, 2, 3], escape_length=3)
    data = encode(np.array([7, 99, 12]), code)
    start, stop = checks.part(data, "block").fields["extra"]
    assert data[start:stop] == (99).to_bytes(8, "big")
    for value in (7, 12, 17):
        with pytest.raises(DamagedError, match="that has a codeword of its own"):
            decode(checks.forge(data, "block", "extra", value.to_bytes(8, "big")))
    lines = checks.huf(b"7\nn/a\n", code)
    with pytest.raises(DamagedError, match="that has a codeword of its own"):
        checks.unhuf(with_block(lines, extra=b"\0\x0212"))
