"""Storage remembers: SQL inside a transaction that a service opened."""
