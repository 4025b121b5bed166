"""Imports point one way, the library needs little, and nothing is caught or asserted that should not be."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import codec

PACKAGE = Path(codec.__file__).parent
LIBRARY = ("errors", "theory", "codes", "bits", "readings", "files", "coding", "measure")
LAYERS = (*LIBRARY, "nodes", "arrays", "show", "cli")
ENTRY = ("codec", "codec.__main__")
WITNESSES = {
    "codec.bits.reference": {"codec.bits.reference"},
    "codec.bits.lanes": {"codec.bits.lanes"},
    "codec.bits.compiled": {"codec.bits.compiled", "codec.bits.kernels", "codec.bits.tabled"},
}
SHOWN = [
    *(("codec.theory.shown", f"codec.show.{of}", True) for of in ("plain", "notebook")),
    ("codec.theory.distribution", "codec.arrays.counts", True),  # the doors for arrays in chunks
    ("codec.coding.learn", "codec.arrays.counts", True),
    ("codec.measure.audit", "codec.arrays.measure", True),
    ("codec.measure.ledger", "codec.arrays.stored", True),
]  # alone point to a later layer
NUMBA = ("codec.bits.compiled", "codec.bits.tabled", "codec.bits.kernels")  # with them alone is it loaded
ARRAYS = {"zarr": "codec.arrays.zarr_codec", "numcodecs": "codec.arrays.numcodecs_codec"}  # likewise
DRAWN = ("figures", "pictures", "report", "sweep_figure", "chunks_figure")
MATPLOTLIB = tuple(f"codec.show.{name}" for name in DRAWN)  # likewise


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): ast.parse(path.read_bytes()) for path in sorted(PACKAGE.rglob("*.py"))}


def imports_of(name: str) -> list[tuple[str, bool]]:
    """The modules that a module imports, everywhere in it, and whether it does so inside a function."""
    inside = {
        id(node)
        for function in ast.walk(MODULES[name])
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for node in ast.walk(function)
    }
    found = []
    for node in ast.walk(MODULES[name]):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in inside) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                is_package = any(other.startswith(name + ".") for other in MODULES)
                package = name.split(".")[: len(name.split(".")) - node.level + is_package]
                base = ".".join([*package, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                found.append((whole if whole in MODULES else base, id(node) in inside))
    return found


def layer_of(name: str) -> int:
    return LAYERS.index(name.split(".")[1])


def test_the_parser_of_imports_finds_those_that_are_there() -> None:
    assert ("codec.files.container", False) in imports_of("codec.coding.writing")
    assert ("numpy", False) in imports_of("codec.theory.labels")
    assert set(MODULES) >= {"codec", "codec.errors", "codec.files", "codec.files.container", "codec.bits.lanes"}


def test_imports_point_one_way() -> None:
    for name in MODULES:
        for imported, in_function in imports_of(name) if name not in ENTRY else ():
            if imported == "codec":  # its version; all that it exports lies below the command line
                assert layer_of(name) == len(LAYERS) - 1, f"{name} imports the package itself"
            elif imported.startswith("codec."):
                shows = (name, imported, in_function) in SHOWN
                assert shows or layer_of(imported) <= layer_of(name), f"{name} imports {imported}, of a later layer"


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {
        name: {
            imported
            for imported, in_function in imports_of(name)
            if imported.startswith("codec.") and (name, imported, in_function) not in SHOWN
        }
        for name in MODULES
        if name not in ENTRY
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a cycle of imports: {' <- '.join(error.args[1])}")


@pytest.mark.parametrize("witness", WITNESSES)
def test_an_engine_never_imports_another(witness: str) -> None:
    others = set().union(*WITNESSES.values()) - WITNESSES[witness]
    for name in WITNESSES[witness]:
        assert not {imported for imported, _ in imports_of(name)} & others


def test_what_takes_long_to_load_is_imported_where_it_is_used() -> None:
    for name in MODULES:
        for imported, in_function in imports_of(name) if name not in NUMBA else ():
            assert imported not in NUMBA[1:], f"{name} imports what another module is for"
            assert imported != "codec.bits.compiled" or in_function, f"{name} imports the compiled engine at once"
        for imported, in_function in imports_of(name) if name not in MATPLOTLIB else ():
            assert imported not in MATPLOTLIB or in_function, f"{name} imports matplotlib's figures at once"
        for imported, in_function in imports_of(name) if name not in ARRAYS.values() else ():
            assert imported not in ARRAYS.values() or in_function, f"{name} imports a codec for arrays at once"
        for imported, in_function in imports_of(name) if name == "codec.cli" else ():
            late = imported.endswith("_verbs") or imported.startswith("codec.show")
            assert not late or in_function, f"{name} imports {imported} at once"


def test_the_library_needs_numpy_and_bitarray_only() -> None:
    for name in MODULES:
        for imported, in_function in imports_of(name):
            root = imported.split(".")[0]
            if root in sys.stdlib_module_names or root in ("codec", "numpy", "bitarray"):
                continue
            layer = LAYERS[layer_of(name)] if name not in ENTRY else name
            allowed = {
                "numba": name in NUMBA,
                "zlib_ng": name == "codec.files.checksum",
                "llvmlite": name in NUMBA,
                "rich": layer == "show" or (layer == "cli" and in_function),
                "matplotlib": name in MATPLOTLIB,
                **{of: name == home or (layer == "arrays" and in_function) for of, home in ARRAYS.items()},
                "dask": layer == "arrays" and in_function,
                "distributed": layer == "arrays" and in_function,
                "shtab": layer == "cli" and in_function,
                "pyarrow": name == "codec.readings.arrow" and in_function,
            }
            assert allowed.get(root, False), f"{name} imports {imported}{' in a function' if in_function else ''}"


def test_nothing_is_asserted_and_not_everything_is_caught() -> None:
    for name in MODULES:
        for node in ast.walk(MODULES[name]):
            where = f"{name}, line {getattr(node, 'lineno', 0)}"
            assert not isinstance(node, ast.Assert), f"{where}: an assert statement"
            if isinstance(node, ast.ExceptHandler):
                assert node.type is not None, f"{where}: a bare except"
                caught = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
                raises_again = any(isinstance(n, ast.Raise) and n.exc is None for n in ast.walk(node))
                assert "Exception" not in caught, f"{where}: except Exception"
                assert "BaseException" not in caught or raises_again, f"{where}: except BaseException without raise"


def test_nothing_is_pickled_or_evaluated() -> None:
    for name in MODULES:
        assert not {imported.split(".")[0] for imported, _ in imports_of(name)} & {
            "pickle",
            "marshal",
            "shelve",
            "dill",
        }
        calls = [n.func.id for n in ast.walk(MODULES[name]) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
        assert not set(calls) & {"eval", "exec", "__import__"}


@pytest.mark.parametrize("module", ["codec", "codec.cli"])
def test_importing_loads_nothing_that_only_a_person_looks_at(module: str) -> None:
    late = {"rich", "numba", "matplotlib", "pandas", "scipy", "pyarrow", "zarr", "numcodecs", "dask"}
    program = f"import sys, {module}; print(*{late} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
