"""A fuzzer of .huf files, for anyone to run.

    python tests/support/fuzz.py [--seconds N | --mutations N] [--seed N] [--engine NAME]
    python tests/support/fuzz.py --atheris [--seconds N]      guided by coverage; needs the package atheris

Small valid files of every kind are changed in a few random places, and most of them mended so that every checksum holds
again and the change is met by what stands behind the checksums. What is accepted must be a well-formed file, the same
through every engine, and what is refused must be refused with a `CodecError`. All else is a finding: it is printed, and
the program ends with 1. A seed gives the same mutants again.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import io
import itertools
import math
import random
import struct
import sys
import tempfile
import time
import traceback
import tracemalloc
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType
from typing import Any

import checks
import numpy as np
from corpus import GOOD, good
from mutants import CRASHES, MAX_OUTPUT, Code, Mutator, Seed, mend

from codec.codes.context import ContextCode
from codec.coding import decode, encode
from codec.coding.file import opened, parts_of, restored_bytes
from codec.coding.piece import Limit
from codec.coding.step import File
from codec.errors import CodecError, StreamError
from codec.files.container import End
from codec.measure.ledger import ledger
from codec.readings import restore
from codec.readings.front import open_stream
from codec.readings.origin import as_utf8, unpack_closing

SAMPLED = 50  # the memory of every so many mutants is measured
MOST_SECONDS = 20.0  # of processor time for one mutant
SHOWN = 2048  # bytes of a finding
CLOSING = 2 + 9 + 4  # bytes at the end of a file: its closing, with size and checksum
LABELS = 1 << 26  # bytes that labels may take whatever the limit
FINGERPRINT = slice(*checks.part(encode(b""), "header").fields["table fingerprint"])
LINE_BREAKS = b"\0labels with line breaks"  # in the place of a file that could not be one
ENGINES = tuple(sorted(checks.INSTALLED, key=("lanes", "reference", "compiled").index))  # the first is used most

# ------------------------------------------------------------------ files to start from


def seeds() -> dict[str, Seed]:
    """Small valid files of every kind: the good ones of the corpus, and some of what it has not."""
    others = {
        "floats without a type": encode([0.1, 2.5, 0.1, 1e300]),
        "raw bytes": checks.huf(b"\0\1\2\1\0\0\0", opens={"raw": True}),
        "triples of bytes": encode(b"abracadabra" * 3, per_codeword=3),
        "pairs of strings": encode("abracadabra", per_codeword=2),
    }
    return {name: (good(name), kind.needed) for name, kind in GOOD.items()} | {
        name: (data, None) for name, data in others.items()
    }


# ------------------------------------------------------------------ what must hold


def judge(data: bytes, code: Code, engines: tuple[str, ...]) -> bool:
    """Whether a file is accepted.

    Raises
    ------
    AssertionError
        If it is not well-formed, or not the same through every engine. What the codec raises, if it is no `CodecError`,
        is left to pass.
    """
    values = [_decoded(data, code, engine) for engine in engines[: None if _reaches_bits(data, code) else 1]]
    forms = {form_of(value) for value in values}
    assert len(forms) == 1, f"the engines {', '.join(engines)} give {forms}"
    value, text = values[0], _restored(data, code, engines[0])
    assert (value is None) == (text is None) or text == LINE_BREAKS, f"decoded: {value!r}, restored: {text!r}"
    if value is None or text is None:
        return False
    assert form_of(_decoded(data, code, engines[0])) == form_of(value), "decoding again gives something else"
    file, end = _check_parts(data, code, value)
    if text != LINE_BREAKS:
        _check_text(file, end, value, text)
        _check_again(file, end, data, value, text)
    return True


def _reaches_bits(data: bytes, code: Code) -> bool:
    """Whether all of a file but its payload is in order; before that, no engine has a part in it."""
    try:
        return len(list(parts_of(opened(io.BytesIO(data), code)))) > 1
    except CodecError:
        return False


def _decoded(data: bytes, code: Code, engine: str) -> Any:
    """The readings, None if the file is refused."""
    try:
        return decode(data, code, MAX_OUTPUT, engine=engine)
    except CodecError:
        return None


def _restored(data: bytes, code: Code, engine: str) -> bytes | None:
    """The file that was coded, None if it is refused."""
    try:
        return b"".join(restored_bytes(opened(io.BytesIO(data), code, engine), Limit(MAX_OUTPUT)))
    except StreamError as error:
        assert "line breaks" in str(error)
        return LINE_BREAKS
    except CodecError:
        return None


def form_of(value: Any) -> Any:
    """What is equal for what is the same to the last bit."""
    if not isinstance(value, np.ndarray):
        return value
    if not value.dtype.hasobject:
        return value.dtype.str, value.shape, value.flags.f_contiguous, value.tobytes()
    items = [(type(v), struct.pack(">d", v) if isinstance(v, float) else v) for v in value.reshape(-1).tolist()]
    return value.dtype.str, value.shape, tuple(items)


def _check_parts(data: bytes, code: Code, value: Any) -> tuple[File, End]:
    """The parts are packed as they were read, the count is that of the readings, the ledger sums to the file."""
    file = opened(io.BytesIO(data), code)
    *blocks, end = parts_of(file)
    assert isinstance(end, End)
    packed = [file.header.pack(), *(block.pack() for block in blocks), end.pack()]
    assert b"".join(packed) == data, "packed again, the file is another"
    count = value.size if isinstance(value, np.ndarray) else len(value)
    assert count == end.count, f"{count} readings, and the end says {end.count}"
    book = ledger(data, code)
    assert book.file_bits == 8 * len(data) and book.count == count
    total = sum(book.lines.values())
    assert math.isclose(total, 8 * len(data), abs_tol=1e-6), f"the ledger has {total} bits, the file {8 * len(data)}"
    return file, end


def _check_text(file: File, end: End, value: Any, text: bytes) -> None:
    """The file restored holds the readings decoded, and takes no more than the limit."""
    origin, head = file.origin, 0
    if origin.kind == "array" and origin.dtype != "|O":
        assert form_of(np.lib.format.read_array(io.BytesIO(text))) == form_of(value), "the array restored is another"
        head = len(text) - value.nbytes
    elif origin.kind == "bytes":
        assert text == value
    elif origin.kind == "string":
        assert text == as_utf8(value)
    else:
        lines = text.count(origin.line_end) + (not unpack_closing(end.closing).last_line_ended)
        assert origin.kind != "text" or not value.size or lines == value.size, f"{lines} lines, {value.size} readings"
    assert len(text) - head <= MAX_OUTPUT, f"{len(text) - head} bytes restored"


def _check_again(file: File, end: End, data: bytes, value: Any, text: bytes) -> None:
    """Coded again with its own code, the file is the same but for what its origin and its closing say besides."""
    code, delta, source = file.code, file.transform.step is not None, file.code.alphabet.source
    # Values in memory are on no grid, and differences of text are taken on the grid that its digits show.
    on_grid = source.step != "1" and (file.origin.kind in ("array", "bytes") or delta)
    on_grid |= source.kind == "int" and file.origin.dtype[1:2] == "f"
    # A code over tuples or in context need not have a codeword for the 0 that a writer begins with.
    no_zero = delta and (code.readings > 1 or isinstance(code, ContextCode) or file.transform.name == "linear")
    # What a table calls 2^63 or more is the same as something below 0, modulo 2^64, and a writer looks for that.
    too_wide = delta and any(value >= 1 << 63 for value in file.code.singles.values.tolist())
    if not len(code.all_lengths) or on_grid or no_zero or too_wide or file.origin.kind == "column":
        return
    is_text = file.origin.kind == "text"
    if is_text and open_stream(io.BytesIO(text), "").origin != file.origin:
        return  # readings that end with CR look like lines that end with CR LF
    if is_text and text.endswith(file.origin.line_end) and not unpack_closing(end.closing).last_line_ended:
        return  # a last line that is empty and not ended is none
    header = file.header
    options: dict[str, Any] = {"lane_size": header.lane_size, "block_size": header.block_size}
    options["transform"] = file.transform.name
    try:
        again = (checks.huf if is_text else encode)(text if is_text else value, code, **options)
    except CodecError as error:
        raise AssertionError(f"cannot be coded again: {error}") from error
    assert form_of(decode(again)) == form_of(value), "coded again, it holds something else"
    if delta or end.count % header.readings_per_symbol:  # a first difference, the fill, may be any
        return
    _, blocks, again_end = checks.pieces(again)
    _, own_blocks, own_end = checks.pieces(data)
    assert blocks == own_blocks, "coded again, its blocks are others"
    assert again_end[:-CLOSING] == own_end[:-CLOSING], "coded again, its end is another"


def memory_of(call: Callable[[], Any]) -> int:
    """The most bytes that a call holds at once."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def allowed_memory(data: bytes, code: Code) -> int:
    """The most bytes that decoding a file may take."""
    try:
        file = opened(io.BytesIO(data), code)
        labels = min(int(restore.label_sizes(file.code.singles, file.origin).sum()), LABELS)
    except CodecError:
        labels = 0
    return (1 << 20) + 64 * len(data) + 3 * labels + 3 * MAX_OUTPUT


# ------------------------------------------------------------------ the run


@dataclass
class Tally:
    """What a run has seen. A finding is known by its error and the line that raised it."""

    mutants: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    most_memory: float = 0.0  # as a part of what is allowed


class Fuzzer:
    """Judges mutants one by one.

    Parameters
    ----------
    engines : tuple of str
        Each mutant goes through all of them.
    """

    def __init__(self, files: dict[str, Seed], seed: int, engines: tuple[str, ...]) -> None:
        self._mutator, self._seed, self._engines = Mutator(files, seed), seed, engines
        self.tally = Tally()

    def step(self, number: int) -> None:
        """Make and judge a mutant; print it if it is a finding of a new kind."""
        name, data, code = self._mutator.mutant(number)
        self.tally.mutants += 1
        start = time.process_time()
        try:
            if number % SAMPLED == 0:
                self._weigh(data, code)
            self.tally.accepted[name] += judge(data, code, self._engines)
            seconds = time.process_time() - start
            assert seconds < MOST_SECONDS, f"took {seconds:.0f} s"
        except CRASHES as error:
            self._report(error, f"seed {self._seed}, mutation {number}, from the file {name!r}", data)

    def _weigh(self, data: bytes, code: Code) -> None:
        allowed = allowed_memory(data, code)
        peak = memory_of(lambda: _decoded(data, code, self._engines[0]))
        if peak > allowed:  # the first time an engine may have been loaded, for which no file is to blame
            peak = memory_of(lambda: _decoded(data, code, self._engines[0]))
        self.tally.most_memory = max(self.tally.most_memory, peak / allowed)
        assert peak <= allowed, f"decoding took {peak:,} bytes of memory, and {allowed:,} would do"

    def _report(self, error: BaseException, where: str, data: bytes) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} at {last.filename}:{last.lineno}"
        self.tally.findings[kind] += 1
        if self.tally.findings[kind] > 1:
            return
        print(f"\nFINDING: {kind}\n{where}", *traceback.format_exception(error), sep="\n")
        print(f"{len(data):,} bytes: {data[:SHOWN].hex()}{'...' if len(data) > SHOWN else ''}", flush=True)


def run(
    files: dict[str, Seed],
    seed: int,
    engines: tuple[str, ...],
    mutations: int | None = None,
    seconds: float | None = None,
) -> Tally:
    """Judge so many mutants, or as many as there is time for."""
    fuzzer, start = Fuzzer(files, seed, engines), time.monotonic()
    numbers = range(mutations) if mutations is not None else itertools.count()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number in numbers:
            if seconds is not None and time.monotonic() - start > seconds:
                break
            fuzzer.step(number)
    return fuzzer.tally


def guided(files: dict[str, Seed], engines: tuple[str, ...], seconds: float | None) -> None:
    """Let atheris choose the changes by what code they reach. It ends the program itself, at the first finding."""
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        raise SystemExit("--atheris needs the package atheris, which is not installed: pip install atheris") from None
    mutator = Mutator(files, 0)
    codes = {data[FINGERPRINT]: code for data, code in files.values() if code is not None}

    def one(data: bytes) -> None:
        judge(data, codes.get(data[FINGERPRINT]), engines)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if rng.random() < 0.3:
            return bytes(mend(atheris.Mutate(data, len(data))))
        return mutator.changed(data, codes.get(data[FINGERPRINT]), rng)[:most]

    with tempfile.TemporaryDirectory() as corpus:
        for number, (data, _) in enumerate(files.values()):
            (Path(corpus) / str(number)).write_bytes(data)
        for function in [o for o in gc.get_objects() if isinstance(o, FunctionType) and _is_ours(o)]:
            atheris.instrument_func(function)
        settings = [f"-artifact_prefix={corpus}/", "-max_len=4096"]
        if seconds is not None:
            settings.append(f"-max_total_time={math.ceil(seconds)}")
        warnings.simplefilter("error")
        atheris.Setup([sys.argv[0], *settings, corpus], one, custom_mutator=mutate)
        atheris.Fuzz()


def _is_ours(function: FunctionType) -> bool:
    return str(function.__module__).startswith("codec.")


def main() -> int:
    """Parse, run, tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--seconds", type=float)
    amount.add_argument("--mutations", type=int, help="10,000 if no --seconds are given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=checks.INSTALLED, help="only this one; by default all, and all must agree")
    parser.add_argument("--atheris", action="store_true", help="guided by coverage")
    options = parser.parse_args()
    engines = (options.engine,) if options.engine else ENGINES
    if options.atheris:
        guided(seeds(), engines, options.seconds)
        return 0
    mutations = 10_000 if options.mutations is None and options.seconds is None else options.mutations
    tally = run(seeds(), options.seed, engines, mutations, options.seconds)
    accepted = sum(tally.accepted.values())
    print(
        f"seed {options.seed}, {', '.join(engines)}: {tally.mutants:,} mutants, {accepted:,} accepted and well-formed, "
        f"{sum(tally.findings.values()):,} findings; memory at most {tally.most_memory:.0%} of what is allowed"
    )
    for kind, times in tally.findings.most_common():
        print(f"{times:8,}  {kind}")
    return bool(tally.findings)


if __name__ == "__main__":
    sys.exit(main())
