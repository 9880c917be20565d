"""Local stand-ins of GitHub's and GitLab's endpoints: same routes, paging, permissions and error bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

Row = dict[str, object]


@dataclass
class Forge:
    """Keeps rows per listing, answers pages of them, and remembers each request."""

    token_header: str
    token: str
    rows: dict[str, list[Row]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    next_id: int = 1

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append((request.method, request.url.path))
        if request.headers.get(self.token_header) != self.token:
            return httpx.Response(401, json={"message": "Bad credentials"})
        for method, pattern, handle in self.routes():
            match = re.fullmatch(pattern, request.url.raw_path.decode().partition("?")[0])
            if match and method == request.method:
                return handle(request, *match.groups())
        return httpx.Response(404, json={"message": "Not Found"})

    def routes(self) -> list[tuple[str, str, Callable[..., httpx.Response]]]:
        raise AssertionError("a forge has routes")

    def page(self, request: httpx.Request, rows: list[Row]) -> httpx.Response:
        size, number = int(request.url.params.get("per_page", "30")), int(request.url.params.get("page", "1"))
        assert size <= 100
        return httpx.Response(200, json=rows[(number - 1) * size : number * size])

    def add(self, place: str, row: Row) -> Row:
        made = {"id": self.next_id, **row}
        self.next_id += 1
        self.rows.setdefault(place, []).append(made)
        return made

    def writes(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path in self.requests if method != "GET"]


def body_of(request: httpx.Request) -> Row:
    found = json.loads(request.content)
    assert isinstance(found, dict)
    return found


class GitHub(Forge):
    """`/repos/me/flows`: comments of requests and issues."""

    def __init__(self) -> None:
        super().__init__("authorization", "Bearer secret-token")

    def routes(self) -> list[tuple[str, str, Callable[..., httpx.Response]]]:
        top = "/repos/me/flows/issues"
        return [
            ("GET", top + r"/(\d+)/comments", self.comments),
            ("POST", top + r"/(\d+)/comments", self.comment),
            ("PATCH", top + r"/comments/(\d+)", self.edit),
            ("GET", top, self.issues),
            ("POST", top, self.open),
            ("PATCH", top + r"/(\d+)", self.change),
        ]

    def comments(self, request: httpx.Request, number: str) -> httpx.Response:
        return self.page(request, self.rows.get(f"comments/{number}", []))

    def comment(self, request: httpx.Request, number: str) -> httpx.Response:
        body = body_of(request)["body"]
        if len(str(body)) > 65536:
            return httpx.Response(422, json={"message": "Body is too long (maximum is 65536 characters)"})
        made = self.add(f"comments/{number}", {"body": body})
        made["html_url"] = f"https://github.example/me/flows/pull/{number}#issuecomment-{made['id']}"
        return httpx.Response(201, json=made)

    def edit(self, request: httpx.Request, id_: str) -> httpx.Response:
        for rows in self.rows.values():
            for row in rows:
                if row["id"] == int(id_):
                    row.update(body_of(request))
                    return httpx.Response(200, json={"html_url": "https://github.example/edited", **row})
        return httpx.Response(404, json={"message": "Not Found"})

    def issues(self, request: httpx.Request) -> httpx.Response:
        params = request.url.params
        rows = [r for r in self.rows.get("issues", []) if r["state"] == params["state"]]
        return self.page(request, [r for r in rows if params["labels"] in r["labels"]])  # type: ignore[operator]

    def open(self, request: httpx.Request) -> httpx.Response:
        made = self.add("issues", {"state": "open", **body_of(request)})
        made |= {"number": made["id"], "html_url": f"https://github.example/me/flows/issues/{made['id']}"}
        self.rows["issues"][-1] = made
        return httpx.Response(201, json=made)

    def change(self, request: httpx.Request, number: str) -> httpx.Response:
        row = next(r for r in self.rows["issues"] if r["number"] == int(number))
        row.update(body_of(request))
        return httpx.Response(200, json=row)


class GitLab(Forge):
    """`/projects/group%2Fflows`: merge requests and their notes."""

    def __init__(self) -> None:
        super().__init__("private-token", "secret-token")
        self.files: dict[str, bytes] = {}

    def routes(self) -> list[tuple[str, str, Callable[..., httpx.Response]]]:
        top = r"/api/v4/projects/group%2Fflows/merge_requests/(\d+)/notes"
        requests = "/api/v4/projects/group%2Fflows/merge_requests"
        return [
            ("GET", top, self.notes),
            ("POST", top, self.note),
            ("PUT", top + r"/(\d+)", self.edit),
            ("GET", requests, self.merge_requests),
            ("POST", requests, self.open),
            ("PUT", requests + r"/(\d+)", self.change),
            ("GET", requests + r"/(\d+)", self.merge_request),
            ("GET", r"/api/v4/projects/group%2Fflows/repository/commits/(\w+)/merge_requests", self.of_commit),
            ("GET", r"/api/v4/projects/group%2Fflows/pipelines/(\d+)/jobs", self.jobs),
            ("GET", r"/api/v4/projects/group%2Fflows/jobs/(\d+)/artifacts/(.+)", self.artefact),
        ]

    def merge_request(self, request: httpx.Request, number: str) -> httpx.Response:
        return httpx.Response(200, json=next(r for r in self.rows["requests"] if r["iid"] == int(number)))

    def of_commit(self, request: httpx.Request, commit: str) -> httpx.Response:
        """Requests that hold it, open ones too."""
        known = [row for row in self.rows["requests"] if commit in row.values()]
        return self.page(request, [{k: v for k, v in row.items() if k != "head_pipeline"} for row in known])

    def jobs(self, request: httpx.Request, pipeline: str) -> httpx.Response:
        return self.page(request, self.rows.get(f"jobs/{pipeline}", []))

    def artefact(self, request: httpx.Request, job: str, path: str) -> httpx.Response:
        found = self.files.get(f"{job}/{path}")
        return httpx.Response(200, content=found) if found else httpx.Response(404, json={"message": "404 Not Found"})

    def merge_requests(self, request: httpx.Request) -> httpx.Response:
        wanted = {name: request.url.params[name] for name in ("source_branch", "target_branch", "state")}
        rows = [row for row in self.rows.get("requests", []) if wanted.items() <= row.items()]
        return self.page(request, rows)

    def open(self, request: httpx.Request) -> httpx.Response:
        body = body_of(request)
        branches = [row["source_branch"] for row in self.rows.get("requests", []) if row["state"] == "opened"]
        if body["source_branch"] in branches:
            return httpx.Response(409, json={"message": ["Another open merge request already exists"]})
        made = self.add("requests", {"state": "opened", **body})
        made |= {"iid": made["id"], "web_url": f"https://gitlab.example/group/flows/-/merge_requests/{made['id']}"}
        self.rows["requests"][-1] = made
        return httpx.Response(201, json=made)

    def change(self, request: httpx.Request, number: str) -> httpx.Response:
        row = next(r for r in self.rows["requests"] if r["iid"] == int(number))
        row.update(body_of(request))
        return httpx.Response(200, json=row)

    def notes(self, request: httpx.Request, number: str) -> httpx.Response:
        return self.page(request, self.rows.get(number, []))

    def note(self, request: httpx.Request, number: str) -> httpx.Response:
        return httpx.Response(201, json=self.add(number, {"system": False, **body_of(request)}))

    def edit(self, request: httpx.Request, number: str, id_: str) -> httpx.Response:
        row = next(r for r in self.rows[number] if r["id"] == int(id_))
        row.update(body_of(request))
        return httpx.Response(200, json=row)
