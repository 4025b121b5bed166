"""How a Zarr array lies in its store: in how many bytes, by which codecs; and where they went, if they are ours."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

from codec.arrays.counts import chunked
from codec.coding.file import opened
from codec.errors import StreamError
from codec.measure.ledger import ByteCounter, Ledger, account

OURS = "codec.huffman"  # the name of the codec in the metadata


@dataclass(frozen=True)
class Stored:
    """An array in its store.

    Attributes
    ----------
    dtype : str
    chunk_shape : tuple of int
    shard_shape : tuple of int or None
        Where several chunks share a file.
    codecs : tuple of str
        Their names, in the order in which they work.
    stored_bytes : int
        All of it, with the metadata.
    ledger : Ledger or None
        The sum of the ledgers of all chunks, if each of them is a .huf file.
    """

    dtype: str
    chunk_shape: tuple[int, ...]
    shard_shape: tuple[int, ...] | None
    codecs: tuple[str, ...]
    stored_bytes: int
    ledger: Ledger | None


def stored(array: Any, name: str = "the array") -> Stored:
    """How a Zarr array is stored."""
    codecs = (*array.filters, *([] if array.serializer is None else [array.serializer]), *array.compressors)
    names = tuple(getattr(each, "codec_id", None) or each.to_dict()["name"] for each in codecs)
    alone = names == (OURS,) and array.shards is None
    book = _ledger(array, getattr(codecs[-1], "code", None), name) if alone else None
    return Stored(str(array.dtype), array.chunks, array.shards, names, array.nbytes_stored(), book)


def ledger_of(array: Any, name: str = "the array") -> Ledger:
    """The ledgers of all chunks of a Zarr array, added up.

    Raises
    ------
    StreamError
        If its chunks are no .huf files, lie in shards, or hold nothing but the fill value.
    TypeError
        For an array in chunks that Zarr does not store.
    """
    if not hasattr(array, "nbytes_stored"):
        raise TypeError("chunks of Dask are not coded, and have no ledger: those that Zarr stores have one")
    found = stored(array, name)
    if found.ledger is None:
        how = ", ".join(found.codecs) + " in shards" * (found.shard_shape is not None)
        raise StreamError(f"{name} has no chunks with a ledger: {OURS} alone writes them, and this is {how}")
    return found.ledger


def _ledger(array: Any, code: Any, name: str) -> Ledger | None:
    """The sum of the ledgers of chunks; chunks that hold the fill value alone are not stored."""
    from zarr.core.buffer import default_buffer_prototype
    from zarr.core.sync import sync

    lines: dict[str, int | float] = {}
    books = []
    for where in chunked(array, name).places():
        path = array.store_path / array.metadata.encode_chunk_key(where)
        data = sync(path.get(default_buffer_prototype()))
        if data is not None:
            books.append(account(opened(ByteCounter(io.BytesIO(data.to_bytes())), code)))
            lines = {item: lines.get(item, 0) + bits for item, bits in books[-1].lines.items()}
    if not books:
        return None
    count = sum(book.count for book in books)
    return replace(
        books[0],
        lines=lines,
        count=count,
        file_bits=sum(book.file_bits for book in books),
        payload_bits=sum(book.payload_bits for book in books),
        original_bits=sum(book.original_bits for book in books),
        mean_length=sum(book.payload_bits for book in books) / count,
        entropy=lines["entropy"] / count,
        gaps=sum(book.gaps for book in books),
        distribution=None,
    )
