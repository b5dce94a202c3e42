"""Narration: each service opens its transactions, and closes them before it returns or calls out."""
