"""flowctl that dies by SIGKILL at an exact write: `python -m tests.faults.deadly NUMBER before|after ARGUMENTS…`."""

from __future__ import annotations

import os
import signal
import sys

import httpx

from flowctl.cli.main import main

_send = httpx.HTTPTransport.handle_request


def die_at(number: int, when: str) -> None:
    """Kill this process before or after its N-th write (from 1) has been carried out."""
    writes = 0

    def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        nonlocal writes
        write = request.method != "GET" and not request.url.path.endswith(("/sources", "/validate"))
        writes += write
        due = write and writes == number
        if due and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = _send(self, request)
        if due:
            answer.read()
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    httpx.HTTPTransport.handle_request = handle_request  # type: ignore[method-assign]


if __name__ == "__main__":
    die_at(int(sys.argv[1]), sys.argv[2])
    sys.argv[1:] = sys.argv[3:]
    main()
