"""Refusals as HTTP answers, readable by clients of both generations.

2.0 and lenient send `application/problem+json` with `message` and `_embedded` added; 1.3 sends the older body alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from starlette.responses import Response

TYPE_BASE = "https://kestra.io/docs/api-reference/problems/"

TITLES = {
    "bad-request": "Bad request",
    "invalid-query-parameter": "Invalid query parameter",
    "invalid-query-filters": "Invalid query filters",
    "bulk-validation-failed": "Bulk validation failed",
    "unauthenticated": "Unauthenticated",
    "forbidden": "Forbidden",
    "not-found": "Not Found",
    "method-not-allowed": "Method not allowed",
    "conflict": "Conflict",
    "entity-already-exists": "Entity already exists",
    "resource-expired": "Resource has expired",
    "payload-too-large": "Payload too large",
    "uri-too-long": "URI too long",
    "unsupported-media-type": "Unsupported media type",
    "headers-too-large": "Request header fields too large",
    "invalid-json": "Invalid json",
    "invalid-format": "Invalid format",
    "invalid-request-body": "Invalid request body",
    "invalid-argument": "Illegal argument",
    "invalid-entity": "Invalid entity",
    "validation-failed": "Validation failed",
    "locked": "Locked",
    "internal-error": "Internal server error",
    "service-unavailable": "Service unavailable",
    "insufficient-storage": "Insufficient storage",
}


@dataclass(frozen=True, slots=True)
class ErrorItem:
    """One thing wrong; `path` names the place, tasks and inputs by id."""

    message: str
    path: str = ""


class Problem(Exception):
    """An answer with an error status. `prefix` starts the older `message` (`Invalid entity: …`)."""

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str = "",
        *,
        prefix: str = "",
        errors: Sequence[ErrorItem] = (),
        extra: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or slug)
        self.status, self.slug, self.detail = status, slug, detail
        self.prefix, self.errors = prefix, tuple(errors)
        self.extra, self.headers = dict(extra or {}), dict(headers or {})

    @property
    def message(self) -> str:
        """The older generation's one line."""
        title = self.prefix or TITLES[self.slug]
        reason = self.detail
        if not reason:
            reason = ", ".join(f"{item.path}: {item.message}" if item.path else item.message for item in self.errors)
        return f"{title}: {reason}" if reason else title


def not_found(detail: str = "") -> Problem:
    """404: no such thing."""
    return Problem(404, "not-found", detail)


def invalid_entity(errors: Sequence[ErrorItem]) -> Problem:
    """422: what was sent breaks rules, each with its place."""
    return Problem(422, "validation-failed", prefix="Invalid entity", errors=errors)


def illegal_argument(detail: str) -> Problem:
    """422: a value that cannot be."""
    return Problem(422, "invalid-argument", detail)


def bad_request(detail: str) -> Problem:
    """400: how 1.x refuses what is no argument that cannot be."""
    return Problem(400, "bad-request", detail, prefix="Bad Request")


def invalid_parameter(name: str, detail: str) -> Problem:
    """422: a query parameter out of range, as both generations were seen to answer."""
    return Problem(422, "validation-failed", prefix="Bad Request", errors=[ErrorItem(detail, name)])


def too_large(what: str, limit: int) -> Problem:
    """413: past a limit, which is named."""
    return Problem(413, "payload-too-large", f"{what} may have at most {limit} bytes")


def render(problem: Problem, path: str, *, modern: bool) -> Response:
    """The answer. `path` is the request's, `modern` chooses the newer media type and members."""
    body: dict[str, object] = dict(problem.extra)
    body |= _older(problem, path)
    if modern:
        body |= _newer(problem, path)
    media = "application/problem+json" if modern else "application/json"
    return Response(orjson.dumps(body), problem.status, problem.headers, media_type=media)


def _older(problem: Problem, path: str) -> dict[str, object]:
    items: list[dict[str, object]] = [
        {"message": item.message, "path": item.path or None, "logref": None, "_links": {}, "_embedded": {}}
        for item in problem.errors
    ]
    return {
        "message": problem.message,
        "logref": None,
        "path": None,
        "_links": {"self": {"href": path, "templated": False}},
        "_embedded": {"errors": items} if items else {},
    }


def _newer(problem: Problem, path: str) -> dict[str, object]:
    title = TITLES[problem.slug]
    body: dict[str, object] = {
        "type": TYPE_BASE + problem.slug,
        "title": title,
        "status": problem.status,
        "detail": problem.detail or title,
        "instance": path,
    }
    if problem.errors:
        body["errors"] = [
            {"detail": item.message, "pointer": pointer(item.path), "path": item.path} for item in problem.errors
        ]
    return body


def pointer(path: str) -> str:
    """A dotted path with brackets as a JSON Pointer: `tasks[0].message` is `/tasks/0/message`."""
    steps = path.replace("[", ".").replace("]", "").split(".") if path else []
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
