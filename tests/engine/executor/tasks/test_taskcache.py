"""`taskCache`, with the real executor, store and storage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flowctl.engine.executor.records.storage import Storage
from flowctl.engine.executor.tasks.taskcache import MOST_ENTRIES, TaskCache, cached
from tests.engine.running import Engine, flow, output, states

SHELL = "io.kestra.plugin.scripts.shell.Commands"
PROCESS = "taskRunner: {type: io.kestra.plugin.core.runner.Process}"
TAKEN = "the task is not run: its outputs of "
HOUR = 3_600_000_000


def counted(tally: Path, more: str = "taskCache: {enabled: true}", word: str = "{{ inputs.word }}") -> str:
    """A flow whose task leaves a line in a file each time that it is really run."""
    inputs = "inputs:\n  - {id: word, type: STRING, defaults: a}\n"
    lines = [f"echo '{word}' >> {tally}", f"""echo '::{{"outputs": {{"word": "{word}"}}}}::'"""]
    listed = "".join(f"      - |\n        {line}\n" for line in lines)
    return flow(f"  - id: t\n    type: {SHELL}\n    {PROCESS}\n    {more}\n    commands:\n{listed}", inputs)


def runs(tally: Path) -> list[str]:
    return tally.read_text().splitlines()


def test_the_outputs_of_a_run_with_the_same_properties_are_taken(running: Engine, tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    first = running.run(counted(tally))
    second = running.run(counted(tally))
    assert runs(tally) == ["a"]
    assert states(second) == {"t": "SUCCESS"}
    assert output(second, "t") == output(first, "t") == {"exitCode": 0, "vars": {"word": "a"}, "outputFiles": {}}
    (run,) = second.runs.values()
    assert [attempt.state for attempt in run.attempts] == ["SUCCESS"]
    (line,) = running.messages(second.id)
    assert line.startswith(f"INFO t: {TAKEN}")


def test_other_properties_are_other_work(running: Engine, tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    for word in ("a", "b", "a", "b"):
        ended = running.run(counted(tally), word=word)
        assert output(ended, "t")["vars"] == {"word": word}
    assert runs(tally) == ["a", "b"]


def test_what_says_when_to_run_is_not_part_of_the_work(running: Engine, tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    running.run(counted(tally))
    more = "taskCache: {enabled: true, ttl: PT1H}\n    description: better\n    timeout: PT1M\n    allowFailure: true"
    running.run(counted(tally, more))
    assert runs(tally) == ["a"]


@pytest.mark.parametrize("more", ["taskCache: {enabled: false}", "description: none"])
def test_without_the_wish_every_run_works(running: Engine, tmp_path: Path, more: str) -> None:
    tally = tmp_path / "tally"
    for _ in range(2):
        running.run(counted(tally, more))
    assert runs(tally) == ["a", "a"]


def test_a_failure_is_not_kept(running: Engine, tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    for _ in range(2):
        assert running.run(counted(tally) + "      - exit 3\n").state == "FAILED"
    assert runs(tally) == ["a", "a"]


def test_a_task_that_is_done_within_the_turn_is_cached_too(running: Engine) -> None:
    task = (
        "  - id: t\n    type: io.kestra.plugin.core.log.Log\n    taskCache: {enabled: true}\n    message: hello\n"
        "  - id: r\n    type: io.kestra.plugin.core.debug.Return\n    taskCache: {enabled: true}\n    format: same\n"
    )
    first, second = running.run(flow(task)), running.run(flow(task))
    assert running.messages(first.id)[0] == "INFO t: hello"
    assert [line[: len(TAKEN) + 8] for line in running.messages(second.id)] == [f"INFO t: {TAKEN}", f"INFO r: {TAKEN}"]
    assert output(second, "r") == {"value": "same"}


def test_items_of_a_loop_have_outputs_of_their_own(running: Engine) -> None:
    source = flow(
        "  - id: each\n    type: io.kestra.plugin.core.flow.ForEach\n    values: [x, y]\n    tasks:\n"
        "      - id: r\n        type: io.kestra.plugin.core.debug.Return\n        taskCache: {enabled: true}\n"
        "        format: '{{ taskrun.value }}'\n"
    )
    for _ in range(2):
        ended = running.run(source)
        values = [run.outputs for run in ended.runs.values() if run.task_id == "r"]
        assert values == [{"value": "x"}, {"value": "y"}]


def test_the_working_directory_makes_no_difference(running: Engine, tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    for _ in range(2):
        running.run(counted(tally, word="{{ workingDir ? 'in' : 'no' }}{{ outputDir ? '' : 'no' }}"))
    assert len(runs(tally)) == 1


def test_a_file_that_is_gone_is_made_again(running: Engine) -> None:
    source = flow(
        f"  - id: t\n    type: {SHELL}\n    {PROCESS}\n    taskCache: {{enabled: true}}\n"
        "    outputFiles: [a]\n    commands: ['echo hi > a']\n"
        '  - {id: r, type: io.kestra.plugin.core.debug.Return, format: "{{ read(outputs.t.outputFiles.a) }}"}\n'
    )
    first, second = running.run(source), running.run(source)
    assert output(first, "t") == output(second, "t")
    uri = output(first, "t")["outputFiles"]["a"]  # type: ignore[index]
    assert running.executor.services.storage.delete(uri)
    third = running.run(source)
    assert output(third, "r") == {"value": "hi\n"}
    assert output(third, "t") != output(first, "t")


def test_a_property_that_only_the_task_can_render_is_never_taken_for_the_same(running: Engine) -> None:
    source = flow(
        "  - id: t\n    type: io.kestra.plugin.core.debug.Return\n    taskCache: {enabled: true}\n"
        '    format: "{{ nobody.knows }}"\n'
    )
    ended = running.run(source)
    assert ended.state == "FAILED"
    assert "`taskCache` has no effect on this run" in running.messages(ended.id, "WARN")[0]


def test_a_bad_ttl_fails_the_task(running: Engine) -> None:
    source = flow(
        "  - {id: t, type: io.kestra.plugin.core.debug.Return, format: x, taskCache: {enabled: true, ttl: soon}}\n"
    )
    ended = running.run(source)
    assert states(ended) == {"t": "FAILED"}
    assert "`ttl`" in running.messages(ended.id, "ERROR")[0]


def kept(root: Path, clock: Callable[[], int], ttl: int | None, name: str = "n") -> TaskCache:
    return TaskCache(Storage(root), "a/f/t/cache", name, ttl, clock)


@pytest.mark.parametrize(
    ("ttl", "age", "found"), [(None, 10**15, True), (HOUR, HOUR - 1, True), (HOUR, HOUR, False), (0, 0, False)]
)
def test_outputs_are_taken_until_their_time_is_over(tmp_path: Path, ttl: int | None, age: int, found: bool) -> None:
    now = [5]
    cache = kept(tmp_path, lambda: now[0], ttl)
    cache.keep({"value": 1})
    now[0] += age
    assert cache.earlier() == ((5, {"value": 1}) if found else None)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"at": 1}', '{"at": "x", "outputs": {}}', '{"at": 1, "outputs": 3}']
)
def test_what_cannot_be_read_is_not_there(tmp_path: Path, content: str) -> None:
    cache = kept(tmp_path, lambda: 2, None)
    cache.storage.put(cache.folder, cache.name, content.encode())
    assert cache.earlier() is None


def test_the_number_of_kept_outputs_has_a_bound(tmp_path: Path) -> None:
    for index in range(MOST_ENTRIES + 3):
        kept(tmp_path, lambda: 1, None, f"n{index}").keep({})
    assert len(list((tmp_path / "a/f/t/cache").iterdir())) == MOST_ENTRIES


def test_a_full_disk_is_no_failure(tmp_path: Path) -> None:
    from flowctl.engine.executor.tasks.outcomes import Outcome

    (tmp_path / "a").write_text("in the way")
    said: list[str] = []
    outcome = cached(
        lambda: Outcome(outputs={"x": 1}), kept(tmp_path, lambda: 1, None), lambda level, text: said.append(level)
    )
    assert outcome.outputs == {"x": 1}
    assert said == ["WARN"]
