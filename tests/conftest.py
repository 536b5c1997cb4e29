"""Every test stands alone: no user's cache, no user's git, no colour that somebody asked for."""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import driftcheck

if TYPE_CHECKING:
    from collections.abc import Iterator

sys.path.insert(0, str(Path(__file__).parent))

# The same examples every time, so that a change alone turns a test red; .ci/compat asks for --hypothesis-profile=random.
settings.register_profile("random", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile(
    "same", parent=settings.get_profile("random"), derandomize=True, database=None, max_examples=50
)
settings.load_profile("same")

# Some tests start processes, and each would compile driftcheck anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

_STRAY = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "DRIFTCHECK_CACHE_DIR", "DRIFTCHECK_DEBUG", "TERM", "PAGER")


@contextmanager
def _unmeasured() -> Iterator[None]:
    """Without coverage, which doubles the time of what runs."""
    trace = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(trace)


def pytest_sessionstart(session: pytest.Session) -> None:
    """With ``-n`` this process hands out the tests that others run: there is nothing to measure here."""
    if session.config.getoption("numprocesses", None) and not hasattr(session.config, "workerinput"):
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]  # as sys.settrace() takes it


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Tests are collected without coverage: it is asked about the package, whose modules are all loaded before."""
    if sys.gettrace() is not None:
        for module in pkgutil.walk_packages(driftcheck.__path__, "driftcheck."):
            if module.name != "driftcheck.__main__":
                importlib.import_module(module.name)
    with _unmeasured():
        return (yield)


def pytest_collection_finish() -> None:
    """Most of what is loaded by now stays: the collector of garbage need not look at it so often."""
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Properties, and what is marked so, take lines that other tests take: they run without coverage.

    (pytest-cov's own marker, no_cover, does nothing under xdist.)
    """
    if item.get_closest_marker("unmeasured") is None and not hasattr(getattr(item, "obj", None), "hypothesis"):
        return (yield)
    with _unmeasured():
        return (yield)


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    for name in [*_STRAY, *(name for name in os.environ if name.startswith("GIT_"))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
