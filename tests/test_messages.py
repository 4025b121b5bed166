"""Messages speak the words of who asked: options at the command line, arguments in Python."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest
from command_line import refused

import codec
from codec.errors import _IN_PYTHON, at_command_line, option
from codec.files.output import ExistsError

PACKAGE = Path(codec.__file__).parent
LIBRARY = [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent.name not in ("cli", "show")]
PHRASES: set[str] = set()


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_message_of_the_library_names_an_option_by_itself(path: Path) -> None:
    tree = ast.parse(path.read_bytes())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "option"
        for argument in node.args
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            if id(node) in inside:
                assert node.value in _IN_PYTHON or node.value == "--step" or not node.value.startswith("--"), node.value
            elif path.name != "errors.py":
                assert not re.search(r"(^|[ (])--[a-z]", node.value), node.value


def test_every_phrase_is_used_and_has_both_forms() -> None:
    text = "".join(path.read_text() for path in LIBRARY if path.name != "errors.py")
    for phrase, argument in _IN_PYTHON.items():
        assert f'"{phrase}"' in text or f"'{phrase}'" in text, phrase
        assert option(phrase) == argument and "--" not in argument
        with at_command_line():
            assert option(phrase) == phrase
    assert option("--step", "0.1") == "step=0.1"


def test_one_mistake_is_told_in_two_ways(tmp_path: Path) -> None:
    many = tmp_path / "many.npy"
    np.save(many, np.arange(70_000))
    target = tmp_path / "x.huf"
    for call in (lambda: codec.encode(np.arange(70_000)), lambda: codec.encode_file(many, target)):
        with pytest.raises(codec.CodecError, match=r"with the argument step, or code its bytes: .*raw=True"):
            call()
    assert "with --step, or code the file with --bytes" in refused("encode", many, "-o", target)
    target.write_bytes(b"kept")
    with pytest.raises(ExistsError, match=r"exists already: force=True replaces it$"):
        codec.encode_file(many, target)
    assert "exists already: --force replaces it, -o names another" in refused("encode", many, "-o", target)
