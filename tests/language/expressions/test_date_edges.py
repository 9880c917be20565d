"""Edge cases of dates; what they print was compared with `java.time` of Java 25."""

from __future__ import annotations

import pytest

from tests.language.expressions.render import failure, render

AT = "2024-03-05T14:07:09.123456Z"


def printed(at: str, pattern: str, zone: str = "Etc/UTC", locale: str = "en") -> str:
    """The moment in a pattern."""
    template = "{{ at | date(pattern, timeZone=zone, locale=locale) }}"
    return render(template, {"at": at, "pattern": pattern, "zone": zone, "locale": locale})


@pytest.mark.parametrize(
    ("at", "pattern", "expected"),
    [
        ("2024-03-05T00:00:00Z", "B|BBBBB", "midnight|mi"),
        ("2024-03-05T12:00:00Z", "B|BBBBB", "noon|n"),
        ("2024-03-05T00:01:00Z", "B", "in the morning"),
        ("2024-03-05T12:00:01Z", "BBBB", "in the afternoon"),
        ("2024-03-05T20:00:00Z", "B", "in the evening"),
        ("2024-03-05T21:00:00Z", "B", "at night"),
        (AT, "g", "60374"),
        (AT, "pppH|pppd", " 14|  5"),
    ],
)
def test_letters(at: str, pattern: str, expected: str) -> None:
    assert printed(at, pattern) == expected


@pytest.mark.parametrize("pattern", ["p", "p-", "cc", "BB", "BBB"])
def test_letters_that_mean_nothing(pattern: str) -> None:
    assert "attern" in failure(f"{{{{ '{AT}' | date('{pattern}') }}}}").message


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        (AT, "Asia/Dubai", "GMT+04:00|Gulf Standard Time|GMT+04:00"),
        (AT, "Asia/Shanghai", "CST|China Standard Time|CT"),
        (AT, "America/Chicago", "CST|Central Standard Time|CT"),
        (AT, "Asia/Kathmandu", "GMT+05:45|Nepal Time|GMT+05:45"),
        ("2024-07-05T00:00:00Z", "Europe/Dublin", "IST|Irish Standard Time|IST"),
        ("2024-07-05T00:00:00Z", "Europe/Paris", "CEST|Central European Summer Time|CET"),
        ("2024-07-05T00:00:00Z", "America/St_Johns", "NDT|Newfoundland Daylight Time|NT"),
        ("2024-07-05T00:00:00Z", "Asia/Jerusalem", "IDT|Israel Daylight Time|IDT"),
        (AT, "+05:30", "+05:30|+05:30|+05:30"),
        (AT, "UTC", "UTC|Coordinated Universal Time|UTC"),
    ],
)
def test_names_of_zones(at: str, zone: str, expected: str) -> None:
    assert printed(at, "z|zzzz|v", zone) == expected


def test_a_long_name_without_a_season() -> None:
    assert printed("2024-07-05T00:00:00Z", "vvvv", "Europe/Paris") == "Central European Time"


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", "Q1|1st quarter|Mar|3|10"),
        ("fr", "T1|1er trimestre|mars|3|10"),
        ("fr-FR", "T1|1er trimestre|mars|2|10"),
        ("de", "Q1|1. Quartal|Mär|3|10"),
        ("it", "T1|1º trimestre|mar|3|10"),
        ("nl", "K1|1e kwartaal|mrt|3|10"),
        ("es", "T1|1.er trimestre|mar|3|10"),
        ("pt-BR", "T1|1º trimestre|mar.|3|10"),
        ("en-GB", "Q1|1st quarter|Mar|2|10"),
    ],
)
def test_words_and_weeks_of_a_locale(locale: str, expected: str) -> None:
    assert printed(AT, "QQQ|QQQQ|LLL|e|w", locale=locale) == expected


def test_the_first_week_depends_on_the_region() -> None:
    assert [printed("2024-06-09T00:00:00Z", "w", locale=name) for name in ("fr", "fr-FR", "en-GB", "en-US")] == [
        "24",
        "23",
        "23",
        "24",
    ]


@pytest.mark.parametrize(
    ("locale", "style", "expected"),
    [
        ("en-GB", "short", "05/03/2024, 14:07"),
        ("en-GB", "full", "Tuesday, 5 March 2024, 14:07:09 Coordinated Universal Time"),
        ("it", "long", "5 marzo 2024 14:07:09 UTC"),
        ("pt", "medium", "5 de mar. de 2024 14:07:09"),
        ("pt", "short", "05/03/2024 14:07"),
    ],
)
def test_styles_of_a_locale(locale: str, style: str, expected: str) -> None:
    assert printed(AT, style, locale=locale) == expected


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-03-05T14:07:09+02", "2024-03-05T12:07:09Z"),
        ("2024-03-05T14:07:09+02:00[Europe/Paris]", "2024-03-05T12:07:09Z"),
        ("2024-03-05T14:07:09+02:00[America/New_York]", "2024-03-05T12:07:09Z"),
        ("2024-03-05t14:07:09z", "2024-03-05T14:07:09Z"),
        ("2024-03-05T14:07:09.Z", "2024-03-05T14:07:09Z"),
    ],
)
def test_iso_texts(text: str, instant: str) -> None:
    assert render("{{ text | date('iso_instant') }}", {"text": text}) == instant


@pytest.mark.parametrize(
    "text",
    ["2024-03-05T14:07:09+0200", "2024-03-05T14:07:09[Europe/Paris]", "2024-03-05T14:07.5Z", "2024-03-05Z", "20240305"],
)
def test_texts_that_are_not_iso(text: str) -> None:
    assert "could not be parsed" in failure("{{ text | date }}", {"text": text}).message


@pytest.mark.parametrize(
    ("text", "pattern", "instant"),
    [
        ("2024-03-05 14:07 PST", "yyyy-MM-dd HH:mm z", "2024-03-05T22:07:00Z"),
        ("2024-06-15 10:00 EST", "yyyy-MM-dd HH:mm z", "2024-06-15T14:00:00Z"),
        ("2024-06-15 10:00 Central European Time", "yyyy-MM-dd HH:mm zzzz", "2024-06-15T08:00:00Z"),
        ("2024-06-15 10:00 Europe/Paris", "yyyy-MM-dd HH:mm VV", "2024-06-15T08:00:00Z"),
        ("2024-03-05 14:07 GMT+2", "yyyy-MM-dd HH:mm O", "2024-03-05T12:07:00Z"),
        ("2024-03-05 14:07 GMT", "yyyy-MM-dd HH:mm O", "2024-03-05T14:07:00Z"),
        ("2024-03-05 14:07 +02", "yyyy-MM-dd HH:mm X", "2024-03-05T12:07:00Z"),
        ("2024-01-01 24:00", "yyyy-MM-dd HH:mm", "2024-01-02T00:00:00Z"),
        ("2024-01-01 10:00", "yyyy-MM-dd hh:mm", "2024-01-01T00:00:00Z"),
        ("2024-01-01 12:00 AM", "yyyy-MM-dd hh:mm a", "2024-01-01T00:00:00Z"),
        ("2024-02-02 10:00:00 AD", "yyyy-MM-dd HH:mm:ss G", "2024-02-02T10:00:00Z"),
        ("Friday, February 2, 2024", "EEEE, MMMM d, yyyy", "2024-02-02T00:00:00Z"),
        ("2024-02-31", "yyyy-MM-dd", "2024-02-29T00:00:00Z"),
        ("2024-01-01", "yyyy-MM-dd[ HH:mm]", "2024-01-01T00:00:00Z"),
    ],
)
def test_texts_in_another_format(text: str, pattern: str, instant: str) -> None:
    template = "{{ text | date('iso_instant', existingFormat=pattern) }}"
    assert render(template, {"text": text, "pattern": pattern}) == instant


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("Thursday, February 2, 2024", "EEEE, MMMM d, yyyy"),
        ("2024-03-05 14:07 +0200", "yyyy-MM-dd HH:mm XXX"),
        ("2024-03-05 14:07 +02:00", "yyyy-MM-dd HH:mm Z"),
        ("2024-01-01 24:01", "yyyy-MM-dd HH:mm"),
        ("2024-01-01 10:00 ESTX", "yyyy-MM-dd HH:mm z"),
    ],
)
def test_texts_that_are_not_in_the_format(text: str, pattern: str) -> None:
    error = failure("{{ text | date(existingFormat=pattern) }}", {"text": text, "pattern": pattern})
    assert "could not be parsed" in error.message or "Unknown time-zone" in error.message
