"""What tests of several folders share: the demo shop, whole, built once a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    import app


# What a machine does beside the tests decides how long an example takes; it is no fault of what is tested.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[app.Service]:
    """The demo shop without a model. Its conversations are the tests' own; nothing else of it may be changed."""
    # Imported here: it brings the whole application, for which the tests of a single file should not wait.
    from app import close
    from tests.end_to_end import quick_service, settings_for

    service = quick_service(settings_for(tmp_path_factory.mktemp("demo")))
    yield service
    close(service)
