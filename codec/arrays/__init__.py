"""Arrays too large for memory: measured chunk by chunk over Dask, and kept in Zarr."""
