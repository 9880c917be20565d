from __future__ import annotations

import importlib.util
import random
from datetime import UTC, datetime

import pytest

from flowctl.language.expressions.environment import Environment
from flowctl.language.expressions.errors import ExpressionError
from tests.language.expressions.render import failure, render

NOW = datetime(2026, 7, 1, 12, 0, 0, 5, tzinfo=UTC)


def test_hooks_get_the_arguments_that_were_given_by_name() -> None:
    seen: list[dict[str, object]] = []

    def kv(**given: object) -> object:
        seen.append(given)
        return {"field": 1}

    environment = Environment(hooks={"kv": kv})
    assert render("{{ kv('k').field }}{{ kv('k', errorOnMissing=false).field }}", environment=environment) == "11"
    assert seen == [{"key": "k"}, {"key": "k", "errorOnMissing": False}]


def test_whatever_a_hook_raises_is_an_error_of_the_template() -> None:
    def secret(key: str) -> object:
        raise ExpressionError(f"Cannot find secret for key '{key}'.")

    def read(path: str) -> object:
        raise OSError("disk on fire")

    environment = Environment(hooks={"secret": secret, "read": read})
    assert str(failure("{{ secret('X') ?? 1 }}", {}, environment)).startswith("Cannot find secret for key 'X'. ({{")
    assert failure("{{ read('a') }}", {}, environment).message == "disk on fire"


@pytest.mark.parametrize("name", ["secret('a')", "kv('a')", "read('a')", "http('u')", "errorLogs()", "randomPort()"])
def test_without_its_hook_a_function_says_so(name: str) -> None:
    assert failure("{{ " + name + " }}").message.endswith("function is not available here")


def test_env_gives_its_default_without_a_hook() -> None:
    assert render("{{ env('a', 'd') }}{{ env('a') is null }}") == "dtrue"


def test_now_is_the_clock_of_the_environment() -> None:
    environment = Environment(clock=lambda: NOW)
    assert render("{{ now() }} {{ now('HH', timeZone='Asia/Tokyo') }}", {}, environment) == (
        "2026-07-01T12:00:00.000005Z 21"
    )
    assert failure("{{ now() }}").message == "The 'now' function is not available here"


def test_randomness_is_that_of_the_environment() -> None:
    texts = {render("{{ uuid() }}{{ id() }}", {}, Environment(randomness=random.Random(3))) for _ in range(3)}
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{{ render(a) }}", "1 > 2"),
        ("{{ render(a, recursive=false) }}", "{{ one }} > 2"),
        ("{{ renderOnce({'k': [a]}).k[0] }}", "{{ one }} > 2"),
        ("{{ render(5) }}{{ render(null) }}", "5"),
        ("{{ render(self) }}", "{{ render(self) }}"),
        ("{{ fromJson('1e3') }} {{ fromJson(null) is null }}", "1000.0 true"),
        ("{{ fromIon('1 2', allRows=true) }} {{ fromIon('') is null }}", "[1,2] true"),
        ("{{ fromIon('{a: some_word, b: 1_000}') }}", '{"a":"some_word","b":1000}'),
        ("{{ yaml('[1, yes]') }}", "[1,true]"),
        ("{{ max(1, 2.5, 2) }} {{ min(3, 1) }}", "2.5 1"),
        ("{{ currentEachOutput(o).value }}", "v"),
        ("{{ currentEachOutput({'value': 'of a task outside'}) is null }}", "true"),
        ("{{ printContext() | className }}", "java.util.HashMap"),
    ],
)
def test_function(template: str, printed: str) -> None:
    context = {
        "a": "{{ b }} > 2",
        "b": "{{ one }}",
        "one": 1,
        "self": "{{ render(self) }}",
        "o": {"x": {"y": {"value": "v"}}},
        "taskrun": {"value": "y"},
        "parents": [{"taskrun": {"value": "x"}}],
    }
    if "recursive=false" in template or "renderOnce" in template:
        assert render(template, context) == printed
    else:
        assert render(template, context).replace("{{ one }}", "1") == printed


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ fromJson('[1') }}", "Invalid json: Expecting ',' delimiter, line: 1, column: 3"),
        ("{{ fromJson('NaN') }}", "Invalid json: NaN is no JSON"),
        ("{{ yaml('a: [') }}", "Invalid yaml: did not find expected node content, line 2"),
        ("{{ decrypt('x', 'y') }}", "The key is not Base64 text"),
        ("{{ encrypt('eHg=', 'y') }}", "The key has to be 16, 24 or 32 bytes long before its Base64 encoding"),
        ("{{ max('a', 1) }}", "The 'max' function takes numbers, not a text"),
        ("{{ nanoId(-1) }}", "The 'nanoId' function takes a length of at least 0 and an alphabet that is not empty"),
        ("{{ render() }}", "The 'render' function expects an argument 'toRender'."),
    ],
)
def test_function_that_does_not_fit(template: str, message: str) -> None:
    assert failure(template).message == message


def test_a_text_that_another_key_encrypted_cannot_be_read() -> None:
    one, two = "MDEyMzQ1Njc4OWFiY2RlZg==", "MDEyMzQ1Njc4OWFiY2RlMA=="
    error = failure(f"{{{{ decrypt('{two}', encrypt('{one}', 'x')) }}}}")
    assert error.message == "The text cannot be decrypted with this key"


def test_without_the_calendar_a_holiday_is_an_error_that_says_how_to_get_it() -> None:
    if importlib.util.find_spec("holidays") is None:
        error = failure("{{ isPublicHoliday('2024-07-14', 'FR') }}")
        assert error.hint == "install flowctl with the extra `holidays`"
    else:
        assert (
            render("{{ isPublicHoliday('2024-07-14', 'FR') }}{{ isPublicHoliday('2024-07-15', 'FR') }}") == "truefalse"
        )
    assert failure("{{ isPublicHoliday('2024-07-14') }}").message.endswith("expects a 'countryCode' argument.")


def test_lists_and_texts_have_bean_properties() -> None:
    context = {"l": ["a", "b"], "s": "x", "m": {"size": 3, "values": "v"}}
    assert (
        render("{{ l.size }}{{ l.first }}{{ l.empty }}{{ s.length }}{{ m.size }}{{ m.values }}", context)
        == "2afalse13v"
    )


@pytest.mark.parametrize(
    "call",
    [
        "loopOutputs([], 'a')",
        "dayOfWeek('2026-01-05')",
        "dayOfMonth('2026-01-05')",
        "monthOfYear('2026-01-05')",
        "hourOfDay('2026-01-05T10:00:00Z')",
        "isWeekend('2026-01-05')",
        "isDayWeekInMonth('2026-01-05', 'MONDAY', 'FIRST')",
        "isLastWorkingDay('2026-01-05')",
    ],
)
def test_functions_of_2_0_are_unknown_before(call: str) -> None:
    hooks = {"loopOutputs": lambda **_: []}
    template = f"{{{{ {call} }}}}"
    assert render(template, {}, Environment(dialect="2.0", hooks=hooks))
    error = failure(template, {}, Environment(dialect="1.3", hooks=hooks))
    assert error.message == f"Function or Macro [{call.partition('(')[0]}] does not exist."
