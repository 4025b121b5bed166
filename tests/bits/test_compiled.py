"""The Numba engine: without Numba, without a place for its cache, and with every index checked."""

import gc
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import codec
from codec.bits import engine, kernels


def test_without_numba_the_engine_is_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr(engine.importlib.util, "find_spec", lambda name: None)
    assert engine.available() == ("reference", "lanes")
    assert engine.engine_name(None, 10**12) == "lanes"
    with pytest.raises(ValueError, match=r"the engine 'compiled' needs Numba: pip install 'codec\[fast\]'"):
        engine.engine_name("compiled")


@pytest.mark.slow
def test_without_a_cache_folder_it_is_compiled_in_the_process_and_nothing_is_written(tmp_path):
    package = Path(codec.__file__).parent
    copy = tmp_path / "codec"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "bits" / "__pycache__").write_text("not a folder")
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    program = (
        "import numpy as np; from codec.bits import compiled; import codec;"
        f"assert codec.__file__.startswith(r'{tmp_path}');"
        "lengths = np.array([1]);"
        "p, b = compiled.encode(np.zeros(9, np.uint8), compiled.prepare_encode(lengths, 9), 4);"
        "assert compiled.decode(p, b, 9, compiled.prepare_decode(lengths, 9), 4).tolist() == [0] * 9"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA")}
    environment.update(HOME="/dev/null", XDG_CACHE_HOME="/dev/null", PYTHONPATH=str(tmp_path), NUMBA_OPT="0")
    subprocess.run([sys.executable, "-B", "-c", program], cwd=tmp_path, env=environment, check=True)
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "chosen",
    ["unused_prefix and compiled", pytest.param("compiled", marks=pytest.mark.slow)],
)
def test_no_index_ever_leaves_its_array(chosen: str) -> None:
    """Some tests of the engines again, in a program in which Numba checks every index; all of them under slow."""
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_OPT": "0"}
    files = [str(Path(__file__).with_name(name)) for name in ("test_engines.py", "test_context_engines.py")]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files, "-n", "0", "-k", chosen]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_width_covers_one_window():
    assert kernels.LOOK_UPS * kernels.MAX_FAST_WIDTH <= 57
    assert kernels.LOOK_UPS * kernels.MAX_FAST_WIDTH <= (1 << 6) - 1


def test_numba_is_loaded_once_the_process_has_spent_what_that_takes(monkeypatch):
    loaded = ("codec.bits.compiled", "numba")
    for name in loaded:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(engine.Coder, "seconds", 0.0)
    assert engine.engine_name(None, 10_000) == "lanes"
    monkeypatch.setattr(engine.Coder, "seconds", engine.LOADING)
    assert engine.engine_name(None, 10_000) == "compiled"
    monkeypatch.setattr(engine.Coder, "seconds", 0.7 * engine.LOADING)
    assert engine.engine_name(None, 10_000) == "lanes"
    monkeypatch.setitem(sys.modules, "numba", engine)  # another package has loaded it already
    assert engine.engine_name(None, 10_000) == "compiled"


def test_the_time_of_numpys_engine_is_counted_and_that_of_no_other(monkeypatch):
    monkeypatch.setattr(engine.Coder, "seconds", 0.0)
    codec.encode([1, 2, 3], engine="reference")
    assert engine.Coder.seconds == 0
    codec.encode([1, 2, 3], engine="lanes")
    assert engine.Coder.seconds > 0


def test_a_code_keeps_its_tables_and_takes_them_with_it():
    code = codec.huffman([3, 1, 1])
    first = engine.Coder(code, 100, "lanes")
    payload, lane_bits = first.encode(symbols := np.array([0, 1, 2, 0], np.uint8))
    again = engine.Coder(code, 100, "lanes")
    assert again._tables is first._tables
    assert again.decode(payload, lane_bits, 4).tolist() == symbols.tolist()
    key = id(code)
    del first, again, code
    gc.collect()
    assert key not in engine._prepared
