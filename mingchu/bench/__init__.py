"""Benchmarks: each measures against the bare limit, and against what a user would use instead, in one run."""
