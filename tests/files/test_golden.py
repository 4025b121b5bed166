"""Files of version 1 are read for ever, to the last bit, and are still what is written today."""

from __future__ import annotations

import itertools
import re

import golden
import pytest
from bitarray import bitarray
from checks import each_engine, part, payload_of, same, walk
from golden import file_of

NAMES = tuple(golden.HOLDS)
each_file = pytest.mark.parametrize("name", NAMES)


@each_engine
@each_file
def test_it_holds_what_it_held(name: str, engine: str) -> None:
    kind = golden.HOLDS[name]
    assert same(kind.read(file_of(name), engine), kind.content)


@each_engine
@each_file
def test_it_is_still_what_is_written(name: str, engine: str) -> None:
    assert golden.HOLDS[name].make(engine=engine) == file_of(name)


def test_the_lines_of_the_array_are_the_fields_that_they_say_and_hold_the_numbers_that_they_say() -> None:
    data, sections, fields = file_of("array"), [], []
    for line in golden.FILES["array"].strip().splitlines():
        text, field, note = (piece.strip() for piece in re.fullmatch(r"(.*?)# ([^:]*):?(.*)", line.strip()).groups())
        if not text:
            sections.append(field.split()[0])
            continue
        fields.append((field, text))
        if note.replace(",", "").isdigit():
            assert int(note.replace(",", "")) == int(text, 16), line
        assert field != "payload" or bitarray(note.replace(" ", "")).tobytes().hex() == text
    told = [(field, "".join(text for _, text in lines)) for field, lines in itertools.groupby(fields, lambda x: x[0])]
    assert told == [(field, p.read(data, field).hex()) for p in walk(data) for field in p.fields if p.read(data, field)]
    assert sections == [p.name for p in walk(data)]


@pytest.mark.parametrize("name", NAMES[1:])
def test_the_other_files_are_their_fields_and_the_codewords_that_their_blocks_say(name: str) -> None:
    data, lines = file_of(name), golden.FILES[name].strip().splitlines()
    fields = [p.read(data, field).hex() for p in walk(data) for field in p.fields]
    assert [text for line in lines for text in line.partition("#")[0].split()] == [text for text in fields if text]
    told = [line.partition("#")[2].replace(" ", "") for line in lines if "#" in line]
    assert told == [payload_of(data, number).to01() for number in range(len(told))]
    assert len(told) == [p.name for p in walk(data)].count("block")


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
