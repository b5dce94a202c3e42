"""XML of strangers, read with nothing but elements, attributes and text; and written so that GBK can carry it.

No document type, no entity of one's own, no processing instruction; depth, number of elements and size are bounded.
GBK is read as its superset GB18030, and written with character references for what GBK lacks (rare names).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

MAX_DEPTH = 12
MAX_ELEMENTS = 5000
MAX_ATTRIBUTES = 16
_DECLARATION = '<?xml version="1.0" encoding="GBK"?>'
_QUOTED = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
_UNSAYABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class MarkupRefused(Exception):
    """Not the XML that is agreed on. The text is never shown."""


@dataclass(slots=True)
class Node:
    """An element. `text` is its whole text when it has no children; beside children only white space may stand."""

    tag: str
    text: str = ""
    children: list[Node] = field(default_factory=list)
    attributes: Mapping[str, str] = field(default_factory=dict)

    def only(self, tag: str) -> Node:
        """The one child of this name. MarkupRefused when there is none, or a second."""
        found = self.all(tag)
        if len(found) != 1:
            raise MarkupRefused
        return found[0]

    def all(self, tag: str) -> list[Node]:
        return [child for child in self.children if child.tag == tag]


def sayable(text: str) -> bool:
    """Whether XML can carry this text at all: control characters and lone surrogates it cannot."""
    return _UNSAYABLE.search(text) is None


def write(root: Node) -> bytes:
    """GBK with its declaration. ValueError for text that XML cannot carry."""
    text = _DECLARATION + "".join(_parts(root))
    if not sayable(text):
        raise ValueError("XML cannot carry this text")
    return text.encode("gbk", "xmlcharrefreplace")


def _parts(node: Node) -> list[str]:
    inside = escape(node.text, {"\r": "&#13;"}) + "".join(part for child in node.children for part in _parts(child))
    told = "".join(f' {name}="{escape(value, _QUOTED)}"' for name, value in node.attributes.items())
    return [f"<{node.tag}{told}>", inside, f"</{node.tag}>"]


def read(untrusted: bytes) -> Node:
    """The root element. MarkupRefused for anything that is not plain, small, well-formed XML in GBK."""
    builder = _Builder()
    parser = expat.ParserCreate("utf-8")  # decoded here, so that what the declaration says is moot
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ProcessingInstructionHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(untrusted.decode("gb18030").encode("utf-8"), True)
    except (expat.ExpatError, UnicodeError):
        raise MarkupRefused from None
    if builder.root is None:
        raise MarkupRefused
    return builder.root


def _refuse(*_: object) -> Any:
    raise MarkupRefused


class _Builder:
    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        self._elements = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        if len(self._open) >= MAX_DEPTH or self._elements > MAX_ELEMENTS or len(attributes) > MAX_ATTRIBUTES:
            raise MarkupRefused
        node = Node(tag, attributes=attributes)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _: str) -> None:
        node = self._open.pop()
        if node.children:
            if node.text.strip():
                raise MarkupRefused
            node.text = ""

    def characters(self, text: str) -> None:
        self._open[-1].text += text
