"""The page does what it says: its Python runs."""

import doctest
import re
from pathlib import Path

import pytest

pytest.importorskip("zarr", reason="the extra 'zarr' is not installed")

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "codec" / "arrays" / "README.md").read_text(encoding="utf-8")


def test_the_python_of_the_page_gives_what_stands_there(tmp_path, monkeypatch):
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)
    runner, names = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE), {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        test = doctest.DocTestParser().get_doctest(block, names, "README.md", "README.md", 0)
        runner.run(test, clear_globs=False)
        names = test.globs
    assert runner.tries >= 10
    assert runner.failures == 0
