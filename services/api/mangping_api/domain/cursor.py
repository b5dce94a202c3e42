"""Where a keyset page ends, as the whole house writes it."""

from __future__ import annotations

from mangping.cursor import Place, read, write

__all__ = ["Place", "read", "write"]
