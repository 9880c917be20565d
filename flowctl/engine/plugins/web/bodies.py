"""What a request carries: its body or its form, and the headers."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message

from flowctl.engine.plugins.properties import BadProperty, Properties

Part = tuple[str, tuple[str | None, bytes]]
JSON = "application/json"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Carried:
    """At most one of `content`, `fields` and `parts` is there."""

    headers: list[tuple[bytes, bytes]]
    content: bytes | None = None
    fields: Mapping[str, str] | None = None
    parts: list[Part] | None = None


def carried(properties: Properties, read: Callable[[str], bytes]) -> Carried:
    """What the properties say; `read` gives the bytes of a stored file.

    The type of a body is JSON unless said otherwise; `headers` win over `contentType`. A request without a body says
    its type only when it has no headers of its own (as seen on a real 2.0).

    Raises:
        BadProperty: `defaultCharset` is unknown.
    """
    own, kind = _headers(properties), properties.text("contentType")
    form = properties.mapping("formData")
    if form:
        return _form(properties, form, read, own)
    body = properties.text("body")
    if body is None:
        return Carried(own or _lines({"Content-Type": kind or JSON}))
    charset = _charset(properties, kind or JSON)
    if any(name.lower() == b"content-type" for name, _ in own):
        return Carried(own, body.encode(charset, "replace"))
    declared = kind if kind and "charset" in kind.lower() else f"{kind or JSON}; charset={charset.upper()}"
    return Carried([*own, *_lines({"Content-Type": declared})], body.encode(charset, "replace"))


def _charset(properties: Properties, kind: str) -> str:
    """The one that the content type names, or `defaultCharset`."""
    message = Message()
    message["Content-Type"] = kind
    name = message.get_content_charset() or properties.nested("options").text("defaultCharset") or "utf-8"
    return known_charset(name)


def known_charset(name: str) -> str:
    """The name as it is.

    Raises:
        BadProperty: there is no character set of that name.
    """
    try:
        codecs.lookup(name)
    except LookupError:
        raise BadProperty(f"there is no character set {name!r}; UTF-8 is one") from None
    return name


def _headers(properties: Properties) -> list[tuple[bytes, bytes]]:
    found = []
    for name, value in properties.mapping("headers").items():
        for item in value if isinstance(value, list) else [value]:
            found.extend(_lines({name: properties.rendered_text(item)}))
    return found


def _lines(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.strip().encode(), value.strip().encode()) for name, value in headers.items()]


def _form(
    properties: Properties,
    form: Mapping[str, object],
    read: Callable[[str], bytes],
    own: list[tuple[bytes, bytes]],
) -> Carried:
    """Encoded as in an address, or in parts when `contentType` says so or a value is a map of name and content."""
    kind = (properties.text("contentType") or "").lower()
    if not kind.startswith(MULTIPART) and not any(isinstance(value, dict) for value in form.values()):
        return Carried(own, fields={name: properties.rendered_text(value) for name, value in form.items()})
    # The boundary is in the header that comes with the parts: one without it would make them unreadable.
    headers = [(name, value) for name, value in own if name.lower() != b"content-type"]
    return Carried(headers, parts=[_part(properties, name, value, read) for name, value in form.items()])


def _part(properties: Properties, name: str, value: object, read: Callable[[str], bytes]) -> Part:
    if isinstance(value, dict):
        content = str(value.get("content", ""))
        data = read(content) if content.startswith("kestra://") else content.encode()
        return name, (str(value.get("name", name)), data)
    if isinstance(value, str) and value.startswith("kestra://"):
        return name, (value.rpartition("/")[2], read(value))
    return name, (None, properties.rendered_text(value).encode())
