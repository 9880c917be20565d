"""Why an input cannot be used."""

from __future__ import annotations


class InputError(ValueError):
    """A value that is missing, is not of its type, or does not pass its checks.

    `input_id` is the input's id (empty while a value alone is converted), `cause` what is wrong; `str()` is the text
    that a server puts behind `Invalid entity: `.
    """

    def __init__(self, cause: str, input_id: str = "", *, bare: bool = False) -> None:
        self.cause, self.input_id, self.bare = cause, input_id, bare
        super().__init__(cause if bare or not input_id else f"Invalid value for input `{input_id}`. Cause: {cause}")

    def of(self, input_id: str) -> InputError:
        """The same error, of one input."""
        return InputError(self.cause, input_id, bare=self.bare)


def fenced(text: str) -> InputError:
    """An error of a parser: its text in a fence, without the input's name, as a server gives it."""
    return InputError(f" errors:\n```\n{text}\n```", bare=True)
