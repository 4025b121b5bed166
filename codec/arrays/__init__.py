"""Arrays in chunks: the codec for Zarr, and what one table costs all over an archive.

    chunks              a chunk as a .huf file, and back
    zarr_codec          the codec for Zarr 3, by the name of codec.huffman
    numcodecs_codec     the same for Zarr 2
    counts              readings counted chunk by chunk over Dask
    measure             the audit of an array: what one table costs in each chunk
    tables              whether more tables would be cheaper
    stored              how a Zarr array lies in its store, and where its bits went
    opened              an array by its path, a cluster by its address

Nothing here is imported by `import codec`, which needs neither Zarr nor Dask. README.md shows how it is used.
"""
