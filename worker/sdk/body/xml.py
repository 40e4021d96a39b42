"""Turns XML into what JSON can hold, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

DEEPEST = 100
TEXT = "#text"
ATTRIBUTE = "@"


def document(body: bytes) -> dict[str, Any]:
    """`{"order": {"@id": "7", "line": [{…}, {…}], "note": "text"}}`: names without their namespaces; what is there several times is a list.

    All values are text. An element with attributes has its own text as `#text`. Raises ValueError: for a document type or an entity, too.
    """
    root = parsed(body)
    return {_name(root.tag): _value(root, 0)}


def parsed(body: bytes) -> Any:
    try:
        return fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError) as error:  # LookupError: an encoding that nobody knows
        raise ValueError(type(error).__name__) from None


def written(told: dict[str, Any]) -> bytes:
    """The XML of such a document, as a case holds it."""
    ((name, value),) = told.items()
    root = Element(name)
    _fill(root, value)
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def masked(body: bytes, paths: Sequence[str], mask: Callable[[Any], str]) -> bytes:
    """With `mask` in place of the texts and attributes that dotted paths lead to, wherever in the document a path begins."""
    root = parsed(body)
    steps = [tuple(path.split(".")) for path in paths]
    _mask(root, steps, [path[1:] for path in steps if path[0] == _name(root.tag)], mask)
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _value(element: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise ValueError("nested too deep")
    found: dict[str, Any] = {f"{ATTRIBUTE}{_name(name)}": value for name, value in element.attrib.items()}
    many: dict[str, list[Any]] = {}
    for child in element:
        many.setdefault(_name(child.tag), []).append(_value(child, depth + 1))
    found |= {name: values[0] if len(values) == 1 else values for name, values in many.items()}
    text = (element.text or "").strip()
    if not found:
        return text
    return found | ({TEXT: text} if text else {})


def _name(tag: str) -> str:
    """`{http://…}order` is `order`."""
    return tag.rpartition("}")[2]


def _fill(element: Element, value: Any) -> None:
    if not isinstance(value, dict):
        element.text = "" if value is None else str(value)
        return
    for name, inner in value.items():
        if name == TEXT:
            element.text = str(inner)
        elif name.startswith(ATTRIBUTE):
            element.set(name.removeprefix(ATTRIBUTE), str(inner))
        else:
            for each in inner if isinstance(inner, list) else [inner]:
                _fill(SubElement(element, name), each)


def _mask(element: Any, paths: Sequence[tuple[str, ...]], entered: list[tuple[str, ...]], mask: Any) -> None:
    """`entered`: the steps that are left of each path that led here."""
    if () in entered:
        shown = mask("".join(element.itertext()).strip())
        element.clear()
        element.text = shown
        return
    steps = [*paths, *entered]
    for name, value in element.attrib.items():
        if any(path == (f"{ATTRIBUTE}{_name(name)}",) for path in steps):
            element.set(name, mask(value))
    for child in element:
        _mask(child, paths, [path[1:] for path in steps if path[0] == _name(child.tag)], mask)
