"""Optuna's own contract tests for storages, against the database as this project configures it."""

import gc
import warnings
from collections.abc import Iterator

import pytest
from optuna.storages import RDBStorage
from optuna.testing.pytest_storages import StorageTestCase

from sweep.store import open_store


class TestStorage(StorageTestCase):
    @pytest.fixture
    def storage(self, url: str, request: pytest.FixtureRequest) -> Iterator[RDBStorage]:
        with open_store(url, create=True) as store:
            storage = store.optuna_storage()
            yield storage
            storage.remove_session()
            storage.engine.dispose()
        if "pickle" in request.node.name:  # it leaves one open
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)
                gc.collect()
