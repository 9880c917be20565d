"""Secrets in flows: found by place and name, hidden in the text."""

from __future__ import annotations

import pytest

from flowctl.flowtext.document import parse
from flowctl.planning.differences.masking import Hidden, hidden_spans, spans_by_line, veil, worth_a_look

WEBHOOK = "type: io.kestra.plugin.core.trigger.Webhook"


def hidden(text: str) -> str:
    """The text with every hidden character as a hash sign."""
    lines = text.splitlines()
    for number, start, end in hidden_spans(text, parse(text)):
        lines[number] = lines[number][:start] + "#" * (end - start) + lines[number][end:]
    return "\n".join(lines)


CASES = [
    (f"triggers:\n  - id: h\n    {WEBHOOK}\n    key: abc\n", "abc"),
    (f"triggers:\n  - {{id: h, {WEBHOOK}, key: abc}}\n", "abc"),
    (f"triggers:\n  - key: |\n      abc\n      def\n    id: h\n    {WEBHOOK}\n", "def"),
    (f"triggers:\n  - key: >-\n      abc\n\n      def\n    {WEBHOOK}\n", "def"),
    ("inputs:\n  - id: p\n    type: SECRET\n    defaults: abc\n", "abc"),
    ("inputs:\n  - id: p\n    type: ARRAY\n    itemType: SECRET\n    defaults: [abc]\n", "abc"),
    ("inputs:\n  - {id: p, type: SECRET}\ntriggers:\n  - id: s\n    inputs:\n      p: abc\n", "abc"),
    ("inputs:\n  - {id: p, type: ARRAY, itemType: SECRET}\ntriggers:\n  - id: s\n    inputs: {p: [abc]}\n", "abc"),
    ("inputs:\n  - {id: a.p, type: SECRET}\ntriggers:\n  - id: s\n    inputs: {a: {p: abc}}\n", "abc"),
    ("tasks:\n  - id: t\n    password: abc\n", "abc"),
    ("tasks:\n  - id: t\n    env:\n      DB_PASSWORD: abc\n", "abc"),
    ("tasks:\n  - id: t\n    headers:\n      Authorization: Bearer abc\n", "abc"),
    ("tasks:\n  - id: t\n    apiKey: 'abc'\n", "abc"),
    ("tasks:\n  - id: t\n    token: 12345\n", "12345"),
    ("tasks:\n  - id: t\n    password: \"{{ secret('X') }}abc\"\n", "abc"),
    ("tasks:\n  - id: t\n    uri: https://me:abc@host/path\n", "abc"),
    ("tasks:\n  - id: t\n    tokens: [x]\n    token:\n      - abc\n", "abc"),
]


@pytest.mark.parametrize(("text", "value"), CASES)
def test_literal_secrets_are_hidden(text: str, value: str) -> None:
    assert worth_a_look(text)
    assert value not in hidden(text)


@pytest.mark.parametrize(
    "text",
    [
        "tasks:\n  - id: t\n    password: \"{{ secret('DB') }}\"\n",
        "tasks:\n  - id: t\n    headers:\n      Authorization: \"Bearer {{ secret('T') }}\"\n",
        "tasks:\n  - id: t\n    type: io.x.Key\n    key: name\n",
        "inputs:\n  - id: p\n    type: STRING\n    defaults: abc\n",
        "tasks:\n  - id: t\n    uri: https://host/path\n    maxTokens: 5\n",
        "tasks:\n  - id: t\n    secret: true\n",
    ],
)
def test_expressions_and_harmless_values_are_shown(text: str) -> None:
    assert hidden_spans(text, parse(text)) == ()


def test_only_the_secret_and_its_line_are_hidden() -> None:
    text = f"triggers:\n  - key: |\n      abc\n    id: hook\n    {WEBHOOK}\n"
    assert hidden(text).splitlines()[3] == "    id: hook"


def test_a_long_secret_is_hidden_wherever_it_stands() -> None:
    text = f"# call it with s3cretkey99\ntriggers:\n  - id: h\n    {WEBHOOK}\n    key: s3cretkey99\n"
    assert "s3cretkey99" not in hidden(text)


def test_most_texts_are_not_worth_a_look() -> None:
    assert not worth_a_look("id: a\nnamespace: dev\ntasks:\n  - id: t\n    type: io.x.Log\n    message: hi\n")


def test_a_veiled_secret_still_compares_by_its_value() -> None:
    veiled = veil({"password": "abc", "list": [{"token": 7}], "id": "x"})
    assert veiled == {"password": "abc", "list": [{"token": "7"}], "id": "x"}
    assert isinstance(veiled, dict)
    assert isinstance(veiled["password"], Hidden)
    assert not isinstance(veiled["id"], Hidden)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("    password: hunter2", "    password: #######"),
        ("    apiKey: 'hunter2'", "    apiKey: #########"),
        ("    key: hunter2", "    key: #######"),
        ("  - {id: h, key: hunter2}", "  - {id: h, key: ########"),
        ("uri: https://ann:hunter2@host/x", "uri: https://ann:#######@host/x"),
        ("    password: \"{{ secret('X') }}\"", None),
        ("    password: |", None),
        ("    message: hunter2", None),
    ],
)
def test_a_text_that_cannot_be_parsed_is_searched_line_by_line(line: str, shown: str | None) -> None:
    text = f"tasks: [\n{line}\n"
    found = text.splitlines()
    for number, start, end in spans_by_line(text):
        found[number] = found[number][:start] + "#" * (end - start) + found[number][end:]
    assert found == ["tasks: [", shown or line]
