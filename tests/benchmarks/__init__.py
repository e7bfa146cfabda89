"""Benchmarks: each prints ratios against a reference of the same run, and judges nothing."""
