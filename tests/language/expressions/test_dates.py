from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from flowctl.language.expressions.environment import Environment
from flowctl.language.expressions.values import Instant
from tests.language.expressions.render import failure, render

AT = "2024-03-05T14:07:09.123456789Z"


@pytest.mark.parametrize(
    ("pattern", "printed"),
    [
        ("G y yy yyyy u", "AD 2024 24 2024 2024"),
        ("M MM MMM MMMM MMMMM L", "3 03 Mar March M 3"),
        ("d dd D DDD", "5 05 65 065"),
        ("E EEEE EEEEE e c", "Tue Tuesday T 3 3"),
        ("Q QQQ QQQQ", "1 Q1 1st quarter"),
        ("h hh H k K a B", "2 02 14 14 2 PM in the afternoon"),
        ("m mm s ss", "7 07 9 09"),
        ("S SSS SSSSSSSSS", "1 123 123456789"),
        ("A n N", "50829123 123456789 50829123456789"),
        ("Y w W F", "2024 10 2 1"),
        ("ppH|ppm", "14| 7"),
        ("X XX XXX x xx xxx", "Z Z Z +00 +0000 +00:00"),
        ("Z ZZZZ ZZZZZ O OOOO", "+0000 GMT Z GMT GMT"),
        ("VV z zzzz", "Etc/UTC UTC Coordinated Universal Time"),
        ("'at' HH ''", "at 14 '"),
        ("[yyyy]", "2024"),
    ],
)
def test_pattern_letters(pattern: str, printed: str) -> None:
    assert render("{{ at | date(p) }}", {"at": AT, "p": pattern}) == printed


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{{ at | date('X XXX xx ZZZZ O z', timeZone='Asia/Kolkata') }}", "+0530 +05:30 +0530 GMT+05:30 GMT+5:30 IST"),
        ("{{ at | date('EEEE d MMMM', locale='fr') }}", "mardi 5 mars"),
        ("{{ at | date('MMM', locale='de-DE') }}", "März"),
        ("{{ at | date('iso_zoned_date_time', timeZone='+02:00') }}", "2024-03-05T16:07:09.123456789+02:00"),
        ("{{ at | date('rfc_1123_date_time', timeZone='Europe/Paris') }}", "Tue, 5 Mar 2024 15:07:09 +0100"),
        ("{{ typed | date }}", "2024-02-29T12:00:00.000000Z"),
        ("{{ instant | date('iso_instant') }}", "1970-01-01T00:00:00.000000001Z"),
        ("{{ local | date(timeZone='Europe/Paris') }}", "2024-01-01T10:00:00.000000+01:00"),
        ("{{ '2024-01-01T10:00' | date('HH:mm') }}", "10:00"),
        ("{{ '2024-01-01T10:00:00+01:00[Europe/Paris]' | date('HH') }}", "09"),
        ("{{ '20240305' | date('iso_date', existingFormat='yyyyMMdd') }}", "2024-03-05Z"),
        ("{{ '05-Mar-24 2 PM' | date('iso_sec', existingFormat='dd-MMM-yy h a') }}", "2024-03-05T14:00:00Z"),
        ("{{ '2023-02-31' | date('dd', existingFormat='yyyy-MM-dd') }}", "28"),
        ("{{ '1.5.2024' | date('iso_date', existingFormat='d.M.yyyy[ HH:mm]') }}", "2024-05-01Z"),
        ("{{ '2024-01-01T00:00:00.25' | date('SS', existingFormat=\"yyyy-MM-dd'T'HH:mm:ss.SS\") }}", "25"),
        ("{{ '2024-01-31' | dateAdd(-1, 'CENTURIES', 'yyyy') }}", "1924"),
        ("{{ '2024-01-01T00:00:00Z' | dateAdd(-1, 'MICROS') }}", "2023-12-31T23:59:59.999999Z"),
        ("{{ at | timestampMicro }} {{ at | timestampNano }}", "1709647629123456 1709647629123456789"),
        ("{{ '2024-01-01' | timestamp(timeZone='Europe/Paris') }}", "1704063600"),
        ("{{ isWeekend('2026-01-04') }} {{ isDayWeekInMonth('2024-02-29', 'thursday', 'last') }}", "true true"),
        ("{{ isLastWorkingDay('2024-03-30', 'SATURDAY') }}", "true"),
        ("{{ dayOfWeek(typed) }} {{ hourOfDay(local) }}", "THURSDAY 10"),
    ],
)
def test_dates(template: str, printed: str) -> None:
    context = {"at": AT, "typed": date(2024, 2, 29), "instant": Instant(0, 1), "local": datetime(2024, 1, 1, 10)}
    assert render(template, context) == printed


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ 'x' | date }}", "Text 'x' could not be parsed at index 0"),
        ("{{ '2024-13-01' | date }}", "Text '2024-13-01' could not be parsed: month must be in 1..12"),
        ("{{ '2024-01-01 10:00:00' | date }}", "Text '2024-01-01 10:00:00' could not be parsed at index 10"),
        ("{{ '2024-01-01' | date('b') }}", "Unknown pattern letter: b"),
        ("{{ '2024-01-01' | date('MMMMMM') }}", "Too many pattern letters: M"),
        ("{{ '2024-01-01' | date(\"'open\") }}", "Pattern ends with an incomplete string literal: 'open"),
        ("{{ '2024-01-01' | date('V') }}", "Pattern letter count must be 2: V"),
        ("{{ '10:00' | date(existingFormat='HH:mm') }}", "Text '10:00' could not be parsed: it has no year"),
        ("{{ '2024-01-01' | dateAdd(1, 'days') }}", "Unknown unit 'days'"),
        ("{{ '2024-01-01' | dateAdd('x', 'DAYS') }}", "The argument 'amount' must be a number, not 'x'"),
        ("{{ '2024-01-01' | dateAdd(99999, 'YEARS') }}", "99999 YEARS lead outside of the years 1 to 9999"),
        ("{{ true | date }}", "A date is needed. Actual type was: java.lang.Boolean"),
        ("{{ '2024-01-01' | date(timeZone='+19:00') }}", "Zone offset not in valid range: +19:00"),
        ("{{ isWeekend() }}", "The 'isWeekend()' function expects a 'date' argument."),
    ],
)
def test_dates_that_do_not_fit(template: str, message: str) -> None:
    assert failure(template).message == message


def test_the_name_sql_seq_is_known_before_2_0_only() -> None:
    template = "{{ '2024-03-05T14:07:09Z' | date('sql_seq') }}"
    assert render(template) == "2024-03-05 14:07:09"
    assert failure(template, {}, Environment(dialect="2.0")).message == "Unknown pattern letter: l"


def test_the_default_zone_is_the_environments() -> None:
    environment = Environment(timezone="America/New_York", clock=lambda: datetime(2024, 7, 1, tzinfo=UTC))
    assert render("{{ '2024-07-01' | date('XXX') }} {{ now('HH') }}", {}, environment) == "-04:00 20"
