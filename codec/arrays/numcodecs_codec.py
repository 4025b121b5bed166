"""The codec for Zarr 2, and for all that uses numcodecs: `codec.huffman`."""

from __future__ import annotations

from typing import Any

from numcodecs.abc import Codec
from numcodecs.compat import ensure_contiguous_ndarray, ensure_ndarray, ndarray_copy

from codec.arrays.chunks import NAME, configuration, decode_chunk, encode_chunk


class Huffman(Codec):  # type: ignore[misc]  # of no known type
    """A compressor that makes a .huf file of an array, given as the only one: it codes readings, not bytes.

    Parameters
    ----------
    code, **options
        See `codec.arrays.zarr_codec.Huffman`. A numcodecs codec is not told the fill value: whether a shared table
        knows it shows when a chunk is written.

    Examples
    --------
    >>> import numpy as np
    >>> codec = Huffman(transform="differences")
    >>> codec.decode(codec.encode(np.array([[100, 101], [102, 103]])))
    array([[100, 101],
           [102, 103]])
    """

    codec_id = NAME

    def __init__(self, code: Any = None, **options: Any) -> None:
        self._configuration = configuration(code, **options)

    def get_config(self) -> dict[str, Any]:
        """What stands in the metadata."""
        return {"id": self.codec_id, **self._configuration}

    def encode(self, buf: Any) -> bytes:
        """An array as a .huf file; a buffer of bytes as an array of bytes."""
        return encode_chunk(ensure_ndarray(buf), self._configuration)

    def decode(self, buf: Any, out: Any = None) -> Any:
        """The array, of the type and the byte order that it had; into `out`, if that is given."""
        found = decode_chunk(ensure_contiguous_ndarray(buf).tobytes(), self._configuration)
        return found if out is None else ndarray_copy(found, out)

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in self._configuration.items() if name != "table")
        return f"Huffman({options})"
