"""Values of the types of inputs."""

from __future__ import annotations

import pytest

from flowctl.language.inputs import InputError, convert, type_output


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        ("INT", "+5", 5),
        ("INT", 7, 7),
        ("FLOAT", "1e3", 1000.0),
        ("FLOAT", "0.1", 0.1),
        ("FLOAT", "1.23456789", 1.2345679),
        ("BOOL", "TRUE", True),
        ("BOOL", "yes", False),
        ("BOOL", True, True),
        ("STRING", True, "true"),
        ("STRING", {"a": [1, None]}, '{"a":[1,null]}'),
        ("DATETIME", "2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00Z"),
        ("DATETIME", "2024-05-01T12:00:00.120Z", "2024-05-01T12:00:00.120Z"),
        ("DATETIME", "2024-05-01T12:00:00+02:00[Europe/Paris]", "2024-05-01T10:00:00Z"),
        ("DATE", "2024-02-29", "2024-02-29"),
        ("TIME", "10:15", "10:15:00"),
        ("DURATION", "P1DT2H", 93600.0),
        ("JSON", '{"a": 1}', {"a": 1}),
        ("JSON", [1], [1]),
        ("YAML", "a: [1, yes]", {"a": [1, True]}),
        ("URI", "http://localhost:8080/x", "http://localhost:8080/x"),
        ("EMAIL", "a.b@example.com", "a.b@example.com"),
        ("EMAIL", "", ""),
        ("MULTISELECT", '["x"]', ["x"]),
        ("FILE", "kestra:///a/b", "kestra:///a/b"),
        ("FLOAT", "0.3333333333333333", 0.33333334),
        ("FLOAT", "16777217", 16777216.0),
        ("ARRAY", '[1, "a", {"b": null}]', [1, "a", {"b": None}]),
        ("INT", None, None),
    ],
)
def test_stored(kind: str, given: object, stored: object) -> None:
    assert convert(kind, given) == stored


@pytest.mark.parametrize(
    ("kind", "given", "cause"),
    [
        ("INT", "1.5", 'For input string: "1.5"'),
        ("INT", "3000000000", 'For input string: "3000000000"'),
        ("INT", "", 'For input string: ""'),
        ("FLOAT", "many", 'For input string: "many"'),
        ("FLOAT", "NaN", 'For input string: "NaN"'),
        ("FLOAT", "1e39", 'For input string: "1e39"'),
        ("JSON", "[NaN]", "Unrecognized token 'NaN'"),
        ("JSON", "1e400", "out of range"),
        ("FILE", "a.txt", "but received `a.txt`"),
        ("ARRAY", "[1e999]", "out of range"),
        ("URI", "no address", "Expected `URI` but received `no address`"),
        ("EMAIL", "nobody", "The input must be a valid email"),
        ("DATETIME", "2024-05-01T12:00:00", "could not be parsed"),
        ("DATE", "2024-02-30", "could not be parsed"),
        ("DATE", "20240229", "could not be parsed"),
        ("TIME", "25:00", "could not be parsed"),
        ("DURATION", "5m", "could not be parsed"),
        ("JSON", "{k: ", "errors:"),
        ("YAML", "a: [", "errors:"),
        ("ARRAY", "one,two", "errors:"),
        ("ARRAY", '{"a": 1}', "Cannot deserialize"),
        ("NUMBER", "1", "Invalid type: NUMBER"),
    ],
)
def test_refused(kind: str, given: object, cause: str) -> None:
    with pytest.raises(InputError) as caught:
        convert(kind, given)
    assert cause in str(caught.value)


def test_elements_of_an_array() -> None:
    assert convert("ARRAY", "[1, 2]", item_type="STRING") == ["1", "2"]
    with pytest.raises(InputError, match="Unable to parse array element as `INT` on `s1`"):
        convert("ARRAY", ["s1"], item_type="INT")


def test_a_boolean_that_is_given_is_false_unless_it_says_true() -> None:
    assert [convert("BOOL", value, dialect="1.3") for value in ("TRUE", "yes", "1", 1)] == [True, False, False, False]
    assert [convert("BOOL", value) for value in ("TRUE", "yes", "1", 1)] == [True, False, False, False]


def test_before_2_instants_have_six_digits() -> None:
    """As seen on a real 1.3, whose durations are seconds as well."""
    assert convert("DURATION", "PT90S", dialect="1.3") == 90.0
    assert convert("DATETIME", "2024-01-01T10:00:00+02:00", dialect="1.3") == "2024-01-01T08:00:00.000000Z"
    assert convert("DATETIME", "2024-01-01T10:00:00.123456789Z", dialect="1.3") == "2024-01-01T10:00:00.123456Z"
    with pytest.raises(InputError):
        convert("URI", "http://localhost", dialect="1.3")


def test_outputs() -> None:
    assert type_output({"id": "o", "type": "INT"}, "42") == 42
    assert type_output({"id": "o", "type": "STRING"}, {"value": "x"}) == '{"value":"x"}'
    assert type_output({"id": "o", "type": "ARRAY"}, ["a", "b"]) == ["a", "b"]
    assert type_output({"id": "o", "type": "STRING"}, "") == ""
    with pytest.raises(InputError) as caught:
        type_output({"id": "o", "type": "INT"}, "many")
    assert str(caught.value) == 'Invalid value for output `o`. Cause: For input string: "many"'


@pytest.mark.parametrize(("kind", "value"), [("BOOL", False), ("EMAIL", ""), ("ARRAY", None), ("STRING", "")])
def test_blank_outputs(kind: str, value: object) -> None:
    assert type_output({"id": "o", "type": kind}, "") == value


@pytest.mark.parametrize("kind", ["INT", "FLOAT", "DATE", "DATETIME", "TIME", "DURATION", "JSON", "URI"])
def test_blank_outputs_of_other_types_do_not_fit(kind: str) -> None:
    with pytest.raises(InputError):
        type_output({"id": "o", "type": kind}, "")


def test_an_email_is_looked_at_in_inputs_alone() -> None:
    assert type_output({"id": "o", "type": "EMAIL"}, "nobody") == "nobody"


@pytest.mark.parametrize(
    "text",
    [
        "kestra:///team/flow/a.txt",
        "mailto:someone@team.io",
        "urn:isbn:978",
        "http:///only/path",
        "HTTPS://TEAM.IO",
        "file:///var/x",
        "http://münchen.de/ä",
        "jdbc:h2:mem:db",
        "http://a.b/%20?q=[1]#part",
    ],
)
def test_a_uri_of_2_0_is_any_absolute_one(text: str) -> None:
    assert convert("URI", text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a/b",
        "/abs",
        "//host/x",
        "#part",
        "http://",
        "x:",
        "http://a b",
        "http://a.b/%2",
        "1x://a",
        "C:\\x",
        "http://a#b#c",
    ],
)
def test_what_is_relative_or_has_other_characters_is_no_uri(text: str) -> None:
    with pytest.raises(InputError):
        convert("URI", text)
