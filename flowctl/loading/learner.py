"""Learning of many texts, with a second process where that pays."""

from __future__ import annotations

from collections.abc import Sequence

from flowctl.loading.learned import Learned
from flowctl.model.environment import Dialect

Text = tuple[str, str]


def learn_all(texts: Sequence[Text], dialect: Dialect) -> list[Learned]:
    """What is learned of each text (a pair of text and namespace), in order."""
    if not texts:
        return []
    from flowctl.loading.learning import learn

    return [learn(text, namespace, dialect) for text, namespace in texts]
