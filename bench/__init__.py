"""Benchmarks: how blind, how fast, how lean, side by side with peers on the same pages. See README.md."""
