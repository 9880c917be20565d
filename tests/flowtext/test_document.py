"""Reading of YAML: values as a Kestra server reads them, exact positions, bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.flowtext import composing
from flowctl.flowtext.document import MAX_DEPTH, Document, Position, YamlProblem, _Builder, parse, start, walk

SCALARS: list[tuple[str, object]] = [
    ("yes", True),
    ("No", False),
    ("ON", True),
    ("off", False),
    ("true", True),
    ("False", False),
    ("yEs", "yEs"),
    ("y", "y"),
    ("010", 8),
    ("08", "08"),
    ("0o10", "0o10"),
    ("0x1F", 31),
    ("0b11", 3),
    ("1_000", 1000),
    ("-12", -12),
    ("+7", 7),
    ("12:30", "12:30"),
    ("12:30:45", "12:30:45"),
    ("2024-01-02", "2024-01-02"),
    ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
    ("1.50", 1.5),
    (".5", 0.5),
    ("1e3", 1000.0),
    ("1e999", "1e999"),
    ("9" * 500, "9" * 500),
    ("~", None),
    ("null", None),
    ("", None),
    ("'yes'", "yes"),
    ('"010"', "010"),
    ("!!str 010", "010"),
    ("!!int 12", 12),
    ("!custom 12", "12"),
    ("hello world", "hello world"),
    (".", "."),
    ("+", "+"),
    ("0x", "0x"),
]


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_a_scalar_is_read_as_a_server_reads_it(text: str, value: object) -> None:
    found = parse(f"key: {text}\n").value
    assert found == {"key": value}
    assert isinstance(found, dict)
    assert type(found["key"]) is type(value)


def test_merge_keys_are_ordinary_keys_and_aliases_are_expanded() -> None:
    text = "base: &base {a: 1}\nother:\n  <<: *base\n  b: *base\noff: 1\n"
    assert parse(text).value == {"base": {"a": 1}, "other": {"<<": {"a": 1}, "b": {"a": 1}}, "off": 1}


def test_positions_count_from_one_and_do_not_count_a_byte_order_mark() -> None:
    document = parse("\ufeffid: x\ntasks:\n  - id: a\n    message: b\n")
    assert document.position(("id",)) == Position(1, 5)
    assert document.position(("tasks", 0, "message")) == Position(4, 14)
    assert document.key_position(("tasks", 0, "message")) == Position(4, 5)
    assert document.position(("tasks", 0, "missing", 3)) == Position(3, 5)
    assert document.position(("nothing",)) == Position(1, 1)
    assert document.position(("tasks", 0)) == Position(3, 5)


def test_positions_are_right_behind_windows_line_ends_and_wide_characters() -> None:
    document = parse("id: x\r\nname: 'ä€😀' # ü\r\nlist: [ä, b]\r\n")
    assert document.position(("name",)) == Position(2, 7)
    assert document.position(("list", 1)) == Position(3, 11)


def test_duplicate_keys_are_listed_where_they_occur_again() -> None:
    document = parse("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert document.value == {"a": 3, "b": {"c": 2}}
    assert document.duplicates == [(("b", "c"), Position(2, 11)), (("a",), Position(3, 1))]


PROBLEMS: list[tuple[str, str, int, int]] = [
    ("a: b: c", "colon", 1, 5),
    ("a: *x", "alias", 1, 4),
    ("a: *.csv", "anchor-name", 1, 5),
    ("a: [1, 2", "bracket", 1, 4),
    ("a: {b: c", "bracket", 1, 4),
    ("a: 'x", "quote", 1, 4),
    ('b: 1\na: "\\q"', "escape", 2, 5),
    ("a:\n\t- b", "tab", 2, 1),
    ("a: @x", "character", 1, 4),
    ("a: %x", "character", 1, 4),
    ("- a\nb: c", "indentation", 2, 1),
    ("a: {{ x }}", "expression", 1, 5),
    ("%YAML 3.0\n---\na: 1", "directive", 1, 1),
    ("--- a\n--- b", "documents", 2, 1),
    ("a: !foo!bar x", "tag", 1, 4),
    ("a: |x\n b", "block-scalar", 1, 5),
    ("a: &x 1\nb: &x 2", "anchor", 2, 4),
    ("a: &x [*x]", "recursive", 1, 4),
    ("a: \x01", "characters", 1, 4),
    ("a: \ud800", "characters", 1, 4),
    ("? [a]\n: b", "key", 1, 3),
    ("a: - b", "dash", 1, 4),
]


@pytest.mark.parametrize(("text", "kind", "line", "column"), PROBLEMS)
def test_a_broken_text_has_a_kind_and_a_place(text: str, kind: str, line: int, column: int) -> None:
    with pytest.raises(YamlProblem) as caught:
        parse(text)
    assert (caught.value.kind, caught.value.line, caught.value.column) == (kind, line, column)


@pytest.mark.parametrize(
    "text",
    ["[" * 50_000, "- " * 5_000, "{a: " * 3_000, "a:\n" + " " * 3 + "- " * 101 + "x"],
    ids=["list", "items", "map", "one too many"],
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(YamlProblem) as caught:
        parse(text)
    assert caught.value.kind == "depth"


def test_the_deepest_allowed_nesting_is_read() -> None:
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH).value is not None


def test_aliases_cannot_multiply_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    with pytest.raises(YamlProblem) as caught:
        parse("\n".join(lines))
    assert caught.value.kind == "size"


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        document = parse(text)
    except YamlProblem as problem:
        assert problem.line >= 1
        assert problem.column >= 1
    else:
        assert all(start(node).line >= 1 for _, node in walk(document.root))


@given(st.sampled_from([text for text, *_ in PROBLEMS] + [f"k: {text}" for text, _ in SCALARS]))
def test_the_parser_in_python_agrees_with_libyaml(text: str) -> None:
    def outcome(loader: object) -> object:
        try:
            root = composing.compose(text, loader)  # type: ignore[arg-type]  # None means the default loader
            return _Builder(Document(None, root)).build(root, 0) if root is not None else None
        except YamlProblem as problem:
            return problem.kind, problem.line

    assert outcome(composing._PureLoader) == outcome(None)
