"""Learning of many texts, with further processes where that pays.

A process costs about as much as learning several hundred texts, so few texts are learned here. With more, this
process works from the front and the others from the back, until they meet. If the others cannot be started, or die,
this one does it all: the result is the same.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flowctl.loading.knowledge.learned import Learned
from flowctl.model.environment import Dialect

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

Text = tuple[str, str]
Chunk = tuple[int, Sequence[Text]]
CHUNK = 200
WORTH_A_PROCESS = 2500
MOST_PROCESSES = 8


def learn_all(texts: Sequence[Text], dialect: Dialect, processes: int | None = None) -> list[Learned]:
    """What is learned of each text (a pair of text and namespace), in order.

    `processes` is how many to use, this one included; None decides by the number of texts and processors.
    """
    if not texts:
        return []
    count = _sensible(len(texts)) if processes is None else processes
    if count < 2:
        return learn_chunk(texts, dialect)
    chunks = deque((at, texts[at : at + CHUNK]) for at in range(0, len(texts), CHUNK))
    results = _share(chunks, dialect, count - 1)
    return [learned for at in sorted(results) for learned in results[at]]


def learn_chunk(texts: Sequence[Text], dialect: Dialect) -> list[Learned]:
    """What is learned of each text, in this process."""
    from flowctl.loading.knowledge.learning import learn

    return [learn(text, namespace, dialect) for text, namespace in texts]


def _sensible(texts: int) -> int:
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(processors, 1 + texts // WORTH_A_PROCESS, MOST_PROCESSES)


def _share(chunks: deque[Chunk], dialect: Dialect, helpers: int) -> dict[int, list[Learned]]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    results: dict[int, list[Learned]] = {}
    given: dict[Future[list[Learned]], Chunk] = {}
    with ProcessPoolExecutor(helpers, get_context("spawn"), _leave_interrupts_alone) as pool:
        while chunks or given:
            _collect(given, chunks, results)
            while chunks and len(given) < helpers * 2 and _give(pool, chunks, given, dialect):
                pass
            if chunks:
                at, texts = chunks.popleft()
                results[at] = learn_chunk(texts, dialect)
            elif given:
                next(iter(given)).exception()
    return results


def _give(
    pool: ProcessPoolExecutor, chunks: deque[Chunk], given: dict[Future[list[Learned]], Chunk], dialect: Dialect
) -> bool:
    """Hand the last chunk to the others; False when they are gone."""
    from concurrent.futures.process import BrokenProcessPool

    chunk = chunks.pop()
    try:
        given[pool.submit(learn_chunk, chunk[1], dialect)] = chunk
    except (BrokenProcessPool, OSError, RuntimeError):
        chunks.append(chunk)
        return False
    return True


def _collect(
    given: dict[Future[list[Learned]], Chunk], chunks: deque[Chunk], results: dict[int, list[Learned]]
) -> None:
    """Take what the others have finished, and take back what they failed to do."""
    for future in [future for future in given if future.done()]:
        chunk = given.pop(future)
        if future.exception() is None:
            results[chunk[0]] = future.result()
        else:
            chunks.append(chunk)


def _leave_interrupts_alone() -> None:
    """Ctrl-C reaches every process of the terminal; only the first one may speak."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
