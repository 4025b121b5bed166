"""The codec for Zarr 3: `codec.huffman`, which makes the bytes of a chunk from its readings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from zarr.abc.codec import ArrayBytesCodec

from codec.arrays.chunks import NAME, Configuration, code_in, configuration, decode_as, encode_chunk, refuse_fill
from codec.codes.prefix import PrefixCode

if TYPE_CHECKING:
    from zarr.core.array_spec import ArraySpec
    from zarr.core.buffer import Buffer, NDBuffer


@dataclass(frozen=True, init=False)
class Huffman(ArrayBytesCodec):
    """The serializer of an array whose chunks are .huf files; give it with ``compressors=None``.

    Without ``compressors=None``, Zarr puts Zstandard behind it, which finds nothing left to do.

    Parameters
    ----------
    code : PrefixCode or Distribution, optional
        One table for all chunks, kept in the metadata of the array. Ragged edges and chunks that are written in part
        are filled up with the array's fill value: the table must know it, or have an escape. Without it, each chunk
        learns a table and carries it.
    **options
        Of a table that is learned: ``transform``, ``order``, ``context``, ``intervals``, as in `codec.encode`. And
        ``short``: 50 bytes fewer a chunk, and a third slower to read in chunks of 10,000.

    Raises
    ------
    MissingCodewordError
        When the array is created: if the shared table does not know its fill value and has no escape. When a chunk is
        written: if it does not know a reading.

    Examples
    --------
    >>> import numpy as np, zarr
    >>> readings = np.array([[20, 21, 20], [20, 22, 20]], np.int16)
    >>> array = zarr.create_array({}, data=readings, chunks=(2, 2), serializer=Huffman(), compressors=None)
    >>> bool((array[:] == readings).all())
    True
    """

    is_fixed_size = False
    configuration: Configuration
    is_new: bool = field(compare=False, repr=False)  # not read from the metadata of an array

    def __init__(self, code: Any = None, **options: Any) -> None:
        object.__setattr__(self, "configuration", configuration(code, **options))
        object.__setattr__(self, "is_new", True)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The codec that stands in the metadata of an array."""
        codec = cls(**data.get("configuration", {}))
        object.__setattr__(codec, "is_new", False)  # an array that exists is read, whatever its fill value
        return codec

    def to_dict(self) -> dict[str, Any]:
        """What stands in the metadata."""
        return {"name": NAME, "configuration": dict(self.configuration)}

    @property
    def code(self) -> PrefixCode | None:
        """The shared table, if there is one."""
        return code_in(self.configuration)

    def evolve_from_array_spec(self, array_spec: ArraySpec) -> Self:
        """The same codec, if it can code the fill value of a new array.

        Zarr 3.4 says type and fill value as filters leave them, Zarr 3.1 those of the array.
        """
        dtype = array_spec.dtype.to_native_dtype()
        if self.is_new:
            refuse_fill(array_spec.fill_value, dtype, self.configuration)
        return self

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: ArraySpec) -> int:
        """No size is known beforehand."""
        raise NotImplementedError

    def _encode_sync(self, chunk_array: NDBuffer, chunk_spec: ArraySpec) -> Buffer:
        chunk = chunk_array.as_numpy_array()
        native = np.asarray(chunk, chunk.dtype.newbyteorder("="), order="C")
        return chunk_spec.prototype.buffer.from_bytes(encode_chunk(native, self.configuration))

    def _decode_sync(self, chunk_bytes: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        data, dtype = chunk_bytes.to_bytes(), chunk_spec.dtype.to_native_dtype()
        chunk = decode_as(data, self.configuration, chunk_spec.shape, dtype)
        return chunk_spec.prototype.nd_buffer.from_numpy_array(chunk)

    async def _encode_single(self, chunk_array: NDBuffer, chunk_spec: ArraySpec) -> Buffer:
        return self._encode_sync(chunk_array, chunk_spec)

    async def _decode_single(self, chunk_bytes: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        return self._decode_sync(chunk_bytes, chunk_spec)
