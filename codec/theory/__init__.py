"""What coding should cost: labels, distributions, entropies, sources."""
