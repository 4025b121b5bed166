"""The corpus: every good file comes back, every other one is refused for the reason it was made for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import corpus
import pytest
from checks import each_engine, same, unhuf, walk
from corpus import GOOD
from spoilt import BAD, UNSUPPORTED

from codec.coding import decode
from codec.errors import UnsupportedError

SPOILT = {**BAD, **UNSUPPORTED}


def test_it_is_large_and_every_file_is_another() -> None:
    assert len(GOOD) >= 33 and len(BAD) >= 58 and len(UNSUPPORTED) >= 6
    files = [corpus.good(name) for name in GOOD] + [(file.data, file.code, file.max_output) for file in SPOILT.values()]
    assert len(set(files)) == len(files)
    whys = [*(kind.why for kind in GOOD.values()), *BAD, *UNSUPPORTED]
    assert len(set(whys)) == len(whys) and all("\n" not in why and why for why in whys)
    assert all(name == corpus.file_name(name) for name in GOOD)


@pytest.mark.dear
@each_engine
@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_comes_back_and_is_written_again(name: str, engine: str) -> None:
    kind, data = GOOD[name], corpus.good(name)
    walk(data)
    content = kind.read(data, engine)
    assert same(content, kind.content)
    assert kind.make(content, engine) == data


@pytest.mark.dear
@each_engine
@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_file_is_refused_for_its_one_reason(name: str, engine: str) -> None:
    file = SPOILT[name]
    for read in (
        lambda: decode(file.data, file.code, file.max_output, engine=engine),
        lambda: unhuf(file.data, file.code, engine, file.max_output),
    ):
        with pytest.raises(file.error) as caught:
            read()
        assert type(caught.value) is file.error and file.message in str(caught.value)


def test_what_is_unsupported_says_so() -> None:
    assert {file.error for file in UNSUPPORTED.values()} == {UnsupportedError}
    assert UnsupportedError not in {file.error for file in BAD.values()}


@pytest.mark.slow
def test_the_command_writes_all_files_and_a_list(tmp_path: Path) -> None:
    command = [sys.executable, corpus.__file__]
    told = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=True).stdout
    assert told.startswith(f"{len(GOOD)} good, {len(BAD)} bad and {len(UNSUPPORTED)} unsupported")
    data = {f"good/{name}.huf": corpus.good(name) for name in GOOD}
    data |= {f"bad/{corpus.file_name(why)}.huf": file.data for why, file in BAD.items()}
    data |= {f"unsupported/{corpus.file_name(why)}.huf": file.data for why, file in UNSUPPORTED.items()}
    assert {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*.huf")} == data
    _, *lines = (tmp_path / "list.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    assert all(len(row) == 3 for row in rows) and [row[0] for row in rows] == list(data)
    assert (tmp_path / "good" / "text.original").read_bytes() == GOOD["text"].content
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
