"""Benchmarks: product against floor in the same run, as ratios. `make bench` runs them all."""
