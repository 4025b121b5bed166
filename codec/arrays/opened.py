"""A Zarr array by its path, and the cluster that measures it, by its address."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from typing import Any

from codec.errors import StreamError

NAMED = 8  # arrays of a group that a message names
_METADATA = ("zarr.json", ".zarray", ".zgroup")
_PATIENCE = "10s"  # for a scheduler to answer


def is_array(path: str) -> bool:
    """Whether a path is that of an array, and not of a file: it is called so, or is a folder as Zarr makes them.

    >>> is_array("levels.zarr"), is_array("levels.txt"), is_array(".")
    (True, False, False)
    """
    return path.rstrip("/").endswith(".zarr") or any(os.path.exists(os.path.join(path, name)) for name in _METADATA)


def open_array(path: str) -> Any:
    """The Zarr array of a folder, to read.

    Raises
    ------
    StreamError
        If there is none, if it is a group of arrays, or if Zarr is not installed.
    """
    try:
        import zarr
    except ModuleNotFoundError:
        raise StreamError(f"{path} is read by Zarr: pip install 'codec[zarr]'") from None
    try:
        found = zarr.open(path, mode="r")
    except FileNotFoundError:
        missing = "no folder there" if not os.path.exists(path) else "no Zarr array in it"
        raise StreamError(f"{path} is no array: there is {missing}") from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StreamError(f"{path} cannot be opened by Zarr: {type(error).__name__}: {error}") from None
    if isinstance(found, zarr.Array):
        return found
    with warnings.catch_warnings(action="ignore"):  # of other folders among the arrays
        arrays = [(name, one) for name, one in found.members(max_depth=None) if isinstance(one, zarr.Array)]
    if not arrays:
        raise StreamError(f"{path} is a group without arrays")
    root = path.rstrip("/")
    named = [f"{root}/{name} ({one.dtype}, {' × '.join(map(str, one.shape))})" for name, one in arrays[:NAMED]]
    more = f" and {len(arrays) - NAMED:,} more" if len(arrays) > NAMED else ""
    raise StreamError(f"{path} is a group of arrays: name one of them, {', '.join(named)}{more}")


@contextlib.contextmanager
def over(scheduler: str | None) -> Iterator[None]:
    """Let Dask work on the cluster whose scheduler has this address; without one, in the threads of this process.

    Raises
    ------
    StreamError
        If no scheduler answers there, or `distributed` is not installed.
    """
    if scheduler is None:
        yield
        return
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise StreamError("a cluster needs distributed: pip install 'codec[zarr]'") from None
    try:
        client = Client(scheduler, timeout=_PATIENCE)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise StreamError(
            f"no scheduler answers at {scheduler} ({error}): start one with `dask scheduler`, and workers beside it"
        ) from None
    with client:
        yield
