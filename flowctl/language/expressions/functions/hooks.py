"""Functions that touch the world, through the callables that the environment carries."""

from __future__ import annotations

from flowctl.language.expressions.environment import Dialect
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.specs import AFTER_1, EVERYWHERE, LENIENT, Function, FunctionSpec, Given

HOOK_FUNCTIONS: dict[str, FunctionSpec] = {}


def _hooked(name: str, required: str | None, otherwise: Function | None) -> Function:
    def call(run: Run, given: Given) -> object:
        if required and given.get(required) is None:
            raise ExpressionError(f"The '{name}' function expects an argument '{required}'.")
        hook = run.environment.hooks.get(name)
        if hook is None and otherwise is not None:
            return otherwise(run, given)
        if hook is None:
            raise ExpressionError(f"The '{name}' function is not available here")
        try:
            return hook(**given)
        except ExpressionError:
            raise
        except Exception as error:
            # A hook reaches files, stores and networks; whatever fails there fails this expression, with its text.
            raise ExpressionError(str(error) or type(error).__name__) from error

    return call


def _add(
    name: str,
    *parameters: str,
    required: str | None = None,
    otherwise: Function | None = None,
    dialects: frozenset[Dialect] = EVERYWHERE,
) -> None:
    HOOK_FUNCTIONS[name] = FunctionSpec(_hooked(name, required, otherwise), parameters or None, dialects)


def _only_for_inputs(run: Run, given: Given) -> object:
    raise ExpressionError(
        "The 'subflow' function can only be used at flow-input render time (e.g. an input's 'values'); "
        "it is not supported inside task or trigger properties."
    )


def _env_default(run: Run, given: Given) -> object:
    return given.get("default")


_add("secret", "key", "namespace", "subkey", "full", required="key")
_add("kv", "key", "namespace", "errorOnMissing", required="key")
_add("read", "path", required="path")
_add("fileURI", "path", "revision", required="path")
_add("fileSize", "path", required="path")
_add("fileExists", "path", required="path")
_add("isFileEmpty", "path", required="path")
_add("errorLogs")
_add("tasksWithState", "state", required="state")
_add("loopOutputs", "outputs", "name", dialects=AFTER_1)
_add("iterationOutput", "outputs", "iteration", required="outputs", dialects=LENIENT)
_add("http", "uri", "method", "query", "body", "contentType", "headers", "options", "accept", required="uri")
_add("env", "name", "default", required="name", otherwise=_env_default, dialects=AFTER_1)
_add("randomPort")
_add(
    "subflow",
    "namespace",
    "id",
    "inputs",
    "revision",
    "labels",
    "timeout",
    otherwise=_only_for_inputs,
    dialects=AFTER_1,
)
