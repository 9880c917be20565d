"""Finding the route of a request: a tree of path segments, so that the cost does not grow with the table.

Authorisation is decided on what is found here, never on the text of the path: an odd spelling of a path either is
the same route with the same rule, or no route at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from flowctl.engine.api.http.endpoint import Endpoint, Scope
from flowctl.model.environment import Dialect

API = ("api", "v1")


@dataclass(frozen=True, slots=True)
class Match:
    """What a path leads to. Without an endpoint: `allowed` are the methods there, none when no route matches."""

    endpoint: Endpoint | None
    params: dict[str, str]
    allowed: tuple[str, ...] = ()


@dataclass(slots=True)
class _Node:
    fixed: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    rest: dict[str, tuple[Endpoint, tuple[str, ...]]] = field(default_factory=dict)
    ends: dict[str, tuple[Endpoint, tuple[str, ...]]] = field(default_factory=dict)


class Router:
    """The table of one dialect, for one tenant whose name may be left out of paths."""

    def __init__(self, endpoints: Iterable[Endpoint], dialect: Dialect, tenant: str = "main") -> None:
        self._tenant, self._root = tenant, _Node()
        self._tenanted, self._instance = _Node(), _Node()
        for endpoint in endpoints:
            if dialect in endpoint.dialects:
                self._add(endpoint)

    def _add(self, endpoint: Endpoint) -> None:
        if endpoint.scope is Scope.ROOT:
            _insert(self._root, endpoint)
        if endpoint.scope in (Scope.INSTANCE, Scope.BOTH):
            _insert(self._instance, endpoint)
        if endpoint.scope in (Scope.TENANT, Scope.BOTH):
            _insert(self._tenanted, endpoint)

    def match(self, method: str, path: list[str]) -> Match:
        """The route of a method and the segments of a path. HEAD is read as GET."""
        method = "GET" if method == "HEAD" else method
        allowed: set[str] = set()
        for node, start in self._entries(path):
            for ends, values in _walk(node, path, start, ()):
                found = ends.get(method)
                if found:
                    return Match(found[0], dict(zip(found[1], values, strict=True)))
                allowed.update(ends)
        return Match(None, {}, tuple(sorted(allowed)))

    def _entries(self, path: list[str]) -> Iterator[tuple[_Node, int]]:
        if tuple(path[:2]) != API:
            yield self._root, 0
        elif len(path) > 2 and path[2] == self._tenant:
            yield self._tenanted, 3
        else:
            yield self._instance, 2
            if len(path) > 2 and path[2] in self._tenanted.fixed:
                yield self._tenanted, 2


def _insert(node: _Node, endpoint: Endpoint) -> None:
    names: list[str] = []
    for segment in endpoint.path.strip("/").split("/"):
        if segment.endswith("...}"):
            names.append(segment[1:-4])
            node.rest[endpoint.method] = endpoint, tuple(names)
            return
        if segment.startswith("{"):
            names.append(segment[1:-1])
            node.parameter = node.parameter or _Node()
            node = node.parameter
        else:
            node = node.fixed.setdefault(segment, _Node())
    if endpoint.method in node.ends:
        raise ValueError(f"two routes for {endpoint.method} {endpoint.path}")
    node.ends[endpoint.method] = endpoint, tuple(names)


Ends = dict[str, tuple[Endpoint, tuple[str, ...]]]


def _walk(node: _Node, path: list[str], at: int, values: tuple[str, ...]) -> Iterator[tuple[Ends, tuple[str, ...]]]:
    """Every end that the path reaches, fixed segments before parameters."""
    if at == len(path):
        if node.ends:
            yield node.ends, values
        return
    segment = path[at]
    following = node.fixed.get(segment)
    if following:
        yield from _walk(following, path, at + 1, values)
    if node.parameter and segment:
        yield from _walk(node.parameter, path, at + 1, (*values, segment))
    if node.rest:
        yield node.rest, (*values, "/".join(path[at:]))


def segments(raw_path: bytes) -> list[str] | None:
    """The decoded segments of a raw path; None when one cannot name anything (`.`, `..`, control, not UTF-8).

    Decoding comes after splitting, so an encoded slash stays inside its segment.
    """
    path = raw_path.partition(b"?")[0]
    if b"%" not in path:
        try:
            parts = path.decode("ascii").split("/")[1:]
        except UnicodeDecodeError:
            return None
    else:
        try:
            parts = [unquote_to_bytes(part).decode("utf-8") for part in path.split(b"/")[1:]]
        except UnicodeDecodeError:
            return None
    if any(part in (".", "..") or (not part.isprintable()) for part in parts):
        return None
    return parts
