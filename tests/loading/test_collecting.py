"""Collection is put off inside and as before outside."""

from __future__ import annotations

import gc

import pytest

from flowctl.loading.collecting import collection_put_off


@pytest.mark.parametrize("enabled", [True, False])
def test_collection_is_as_before_afterwards_even_after_an_error(enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        with pytest.raises(KeyError), collection_put_off():
            assert not gc.isenabled()
            raise KeyError
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
