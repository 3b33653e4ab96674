"""For users' own tests: proof that nothing goes past the factory."""

from __future__ import annotations

import contextlib
import threading
from typing import Any, Iterator, List

from openai import _base_client

from ._tracker import is_tracked

_LOCK = threading.Lock()


@contextlib.contextmanager
def assert_no_untracked() -> Iterator[List[str]]:
    """Fails if any client of the SDK builds a request inside that would not be tracked.

    As a pytest fixture: `@pytest.fixture(autouse=True)` around `with assert_no_untracked(): yield`.
    """
    untracked: List[str] = []
    base: Any = _base_client.BaseClient
    with _LOCK:
        plain = base._build_request

        def watched(self: Any, options: Any, *args: Any, **kwargs: Any) -> Any:
            if not is_tracked(self._client):
                untracked.append(f"{options.method.upper()} {options.url} by {type(self).__qualname__}")
            return plain(self, options, *args, **kwargs)

        base._build_request = watched
        try:
            yield untracked
        finally:
            base._build_request = plain
    if untracked:
        raise AssertionError("calls that go past the factory: " + "; ".join(untracked))
