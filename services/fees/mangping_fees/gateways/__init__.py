"""Where codes come from and money is heard of: one port, one module a protocol."""
