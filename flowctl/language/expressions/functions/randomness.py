"""Functions with chance in them; the randomness is the environment's."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.specs import Functions, Given, text, whole
from flowctl.language.expressions.values import Long

RANDOM_FUNCTIONS = Functions()
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
NANO_ID = "_-" + BASE62
KSUID_EPOCH = 1_400_000_000


def base62(value: int, length: int) -> str:
    """The number in base 62 with leading zeros."""
    digits = ""
    while value:
        value, rest = divmod(value, 62)
        digits = BASE62[rest] + digits
    return digits.rjust(length, "0")


@RANDOM_FUNCTIONS.add("uuid")
def uuid4(run: Run, given: Given) -> object:
    """A random UUID."""
    return str(uuid.UUID(bytes=run.environment.randomness.randbytes(16), version=4))


@RANDOM_FUNCTIONS.add("id")
def short_id(run: Run, given: Given) -> object:
    """A random id as executions have: 22 characters of base 62."""
    return base62(run.environment.randomness.getrandbits(128), 22)


@RANDOM_FUNCTIONS.add("ksuid")
def ksuid(run: Run, given: Given) -> object:
    """A sortable random id: 27 characters of base 62, the seconds of its making in front."""
    clock = run.environment.clock
    now = clock() if clock else datetime.fromtimestamp(KSUID_EPOCH, UTC)
    seconds = max(0, int(now.timestamp()) - KSUID_EPOCH) & 0xFFFFFFFF
    return base62(seconds << 128 | run.environment.randomness.getrandbits(128), 27)


@RANDOM_FUNCTIONS.add("nanoId", "length", "alphabet")
def nano_id(run: Run, given: Given) -> object:
    """A random id of `length` characters of `alphabet`."""
    length, alphabet = whole(given, "length", 21), text(given, "alphabet", NANO_ID)
    if length < 0 or not alphabet:
        raise ExpressionError("The 'nanoId' function takes a length of at least 0 and an alphabet that is not empty")
    run.check_text(length)
    run.tick(length // 100)
    return "".join(run.environment.randomness.choices(alphabet, k=length))


def _bound(given: Given, name: str) -> int:
    value = given.get(name)
    if value is None:
        raise ExpressionError(f"The 'randomInt()' function expects an argument {name}")
    # The argument is a long; a whole number within 32 bits from a variable is an int, which the language refuses.
    if not isinstance(value, Long):
        raise ExpressionError(f"The 'randomInt()' function expects an argument {name} of type Long.")
    return int(value)


@RANDOM_FUNCTIONS.add("randomInt", "lower", "upper")
def random_int(run: Run, given: Given) -> object:
    """A random whole number from `lower` up to before `upper`; the bound itself when both are equal."""
    lower, upper = _bound(given, "lower"), _bound(given, "upper")
    if upper < lower:
        raise ExpressionError("In 'randomInt()' upper is less than lower")
    return lower if lower == upper else run.environment.randomness.randrange(lower, upper)
