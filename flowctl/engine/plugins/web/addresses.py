"""The address of a request."""

from __future__ import annotations

from urllib.parse import quote

from flowctl.engine.plugins.properties import Properties


def address(properties: Properties) -> str:
    """`uri` with `params` added to what it already asks for; a list gives one pair for each of its elements.

    Raises:
        BadProperty: there is no `uri`.
    """
    uri = properties.required("uri")
    pairs = [
        f"{quote(name, safe='')}={quote(properties.rendered_text(item), safe='')}"
        for name, value in properties.mapping("params").items()
        for item in (value if isinstance(value, list) else [value])
    ]
    if not pairs:
        return uri
    front, hash_sign, fragment = uri.partition("#")
    path, _, query = front.partition("?")
    return f"{path}?{'&'.join([*([query] if query else []), *pairs])}{hash_sign}{fragment}"
