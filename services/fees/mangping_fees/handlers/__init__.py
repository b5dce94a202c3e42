"""Parsing what came in over HTTP, and saying what became of it."""
