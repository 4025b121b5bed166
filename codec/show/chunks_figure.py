"""The figure of chunks: where in an array one table costs most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from codec.arrays.measure import ArrayAudit
from codec.errors import counted
from codec.show.figures import INK, Q, described, framed


def chunk_map(audit: ArrayAudit, name: str = "the array") -> Figure:
    """KL prediction and exact extra bits a reading of each chunk, on one scale; ∞ is hatched.

    Chunks along one axis are drawn as steps; those of three axes or more with all axes but the first in one row.
    """
    figure, both = framed(f"What the shared table costs in the chunks of {name}", columns=2)
    maps = [_map(audit, which) for which in ("kl_prediction", "expected_extra")]
    finite = np.concatenate([one[np.isfinite(one)] for one in maps])
    low, high = min(0.0, finite.min(initial=0)), finite.max(initial=0) or 1.0
    image: Any = None
    for axes, values, title in zip(both, maps, ("D(p‖r), predicted", "E[l_q] − E[l_p], exact"), strict=True):
        axes.set_title(f"{title} (hatched: ∞)" if np.isinf(values).any() else title, fontsize=10)
        if len(values) == 1:
            _steps(axes, values[0], low, high)
        else:
            shown = np.where(np.isfinite(values), values, np.nan)
            image = axes.imshow(shown, cmap="cividis", vmin=low, vmax=high, aspect="auto")
            axes.set_facecolor("none")
            _hatch(axes, values)
            axes.set_ylabel("chunk along axis 0")
            axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(_along(audit.grid))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if image is None:
        both[0].set_ylabel("bits a reading")
    else:
        scale = figure.colorbar(image, ax=list(both))
        scale.set_label("bits a reading", color=INK)
        scale.ax.tick_params(colors=INK)
    unable = int(np.isinf(maps[1]).sum())
    told = f", {unable:,} of which the table cannot code (hatched)" if unable else ""
    return described(figure, f"The price of one table in {counted(math.prod(audit.grid), 'chunk')}{told}")


def _map(audit: ArrayAudit, which: str) -> NDArray[np.float64]:
    """A number of each chunk, rows along the first axis; NaN for a chunk without readings."""
    grid = audit.grid if len(audit.grid) > 1 else (1, *audit.grid)
    values = np.full(grid, np.nan)
    for chunk in audit.chunks:
        values[chunk.place if len(audit.grid) > 1 else (0, *chunk.place)] = getattr(chunk, which)
    return values.reshape(grid[0], -1)


def _along(grid: Sequence[int]) -> str:
    if len(grid) <= 2:
        return f"chunk along axis {len(grid) - 1}" if grid else "chunk"
    return f"chunk along axes 1 to {len(grid) - 1}, in the order of C"


def _steps(axes: Axes, values: NDArray[np.float64], low: float, high: float) -> None:
    places = np.arange(len(values))
    axes.step(places, np.where(np.isfinite(values), values, np.nan), where="mid", color=Q, lw=1.8)
    axes.set_ylim(low, 1.05 * high)
    axes.set_xlim(-0.6, len(values) - 0.4)
    _hatch(axes, values[None, :], (low, 1.05 * high))


def _hatch(axes: Axes, values: NDArray[np.float64], height: tuple[float, float] | None = None) -> None:
    """Hatch the cells that are infinite."""
    for row, column in np.argwhere(np.isinf(values)).tolist():
        low, high = height or (row - 0.5, row + 0.5)
        axes.fill_between(
            [column - 0.5, column + 0.5], low, high, facecolor="none", edgecolor=INK, hatch="////", lw=0.4
        )
