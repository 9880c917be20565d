"""Shapes of names. Each is matched whole."""

from __future__ import annotations

import re

FLOW_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*")
NAMESPACE = re.compile(r"[a-z0-9][a-z0-9._-]*")
TASK_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]*")
INPUT_ID = re.compile(r"[a-zA-Z0-9][.a-zA-Z0-9_-]*")
LABEL_KEY = re.compile(r"[a-z][\w.\-]*")

FLOW_ID_LENGTH = 100
NAMESPACE_LENGTH = 150
TASK_ID_LENGTH = 256
INPUT_ID_LENGTH = 256

RESERVED_FLOW_IDS = frozenset(
    (
        "pause",
        "resume",
        "force-run",
        "change-status",
        "kill",
        "executions",
        "search",
        "source",
        "disable",
        "enable",
    )
)
