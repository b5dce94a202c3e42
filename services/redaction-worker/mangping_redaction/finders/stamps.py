"""What is pressed onto a page: seals and fingerprints, both looked for in the same small copy of it."""

from __future__ import annotations

from mangping_redaction.finders.hand.fingerprint import prints
from mangping_redaction.finders.seal.find import find_seals
from mangping_redaction.finders.seal.ink import sheet
from mangping_redaction.page import Found, Page


def find_stamps(page: Page) -> Found:
    """Seals of every ink, and fingerprints."""
    inks = sheet(page)
    return find_seals(page, inks) + prints(inks, page.lines)
