"""Files of version 1 are read for ever, to the last bit, and are still what is written today."""

from __future__ import annotations

import itertools

import golden
import pytest
from bitarray import bitarray
from checks import each_engine, part, same, walk

NAMES = tuple(golden.HOLDS)
each_file = pytest.mark.parametrize("name", NAMES)


def lines_of(name: str) -> list[tuple[str, str, str]]:
    """The lines of a file: its bytes in hexadecimal, the field, and what it is said to hold."""
    lines = [line.partition("#")[::2] for line in golden.FILES[name].strip().splitlines()]
    return [(text.strip(), *(piece.strip() for piece in note.partition(":")[::2])) for text, note in lines]


def file_of(name: str) -> bytes:
    return bytes.fromhex("".join(text for text, _, _ in lines_of(name)))


@each_engine
@each_file
def test_it_holds_what_it_held(name: str, engine: str) -> None:
    kind = golden.HOLDS[name]
    assert same(kind.read(file_of(name), engine), kind.content)


@each_engine
@each_file
def test_it_is_still_what_is_written(name: str, engine: str) -> None:
    assert golden.HOLDS[name].make(engine=engine) == file_of(name)


@each_file
def test_its_lines_are_the_fields_that_they_say(name: str) -> None:
    data = file_of(name)
    fields = [(field, text) for text, field, _ in lines_of(name) if text]
    told = [(field, "".join(text for _, text in lines)) for field, lines in itertools.groupby(fields, lambda x: x[0])]
    parts = [(field, p.read(data, field).hex()) for p in walk(data) for field in p.fields]
    assert told == [(field, text) for field, text in parts if text]
    sections = [field.split()[0] for text, field, _ in lines_of(name) if not text]
    assert sections == [p.name for p in walk(data)]


@each_file
def test_its_lines_say_the_numbers_and_the_codewords_that_they_hold(name: str) -> None:
    for text, field, note in lines_of(name):
        if field == "payload":
            bits = bitarray(note.replace(" ", ""))
            assert bits.tobytes().hex() == text
        elif text and note.replace(",", "").isdigit():
            assert int(note.replace(",", "")) == int(text, 16)


def test_there_is_one_of_every_kind() -> None:
    files = [file_of(name) for name in NAMES]
    assert list(golden.FILES) == list(NAMES) and len(NAMES) >= 12 and all(len(data) < 300 for data in files)
    seen = {
        field: {part(data, "header").number(data, field) for data in files}
        for field in ("flags", "transform", "code", "label kind")
    }
    assert seen == {"flags": {0, 1, 3, 5}, "transform": {0, 1}, "code": {0, 1, 2}, "label kind": {0, 1, 2, 3}}
    assert {part(data, "header").read(data, "origin")[0] for data in files} == {0, 1, 2, 3, 4}
    blocks = [[p.number(data, "index width") for p in walk(data) if p.name == "block"] for data in files]
    assert {len(widths) for widths in blocks} == {0, 1, 2} and any(map(any, blocks))
