"""Handlers parse and reply. Each room's router is collected in main.py; who may call what stands in auth.POLICIES."""
