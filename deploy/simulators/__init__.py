"""Outer walls, as processes of their own that speak the real protocols. Never part of production."""
