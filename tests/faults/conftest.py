"""Faults in full, or scaled down as they are every day."""

import os

import pytest


@pytest.fixture(scope="session")
def full() -> bool:
    """True where MINGCHU_FULL_FAULTS is set: the figures of PROMISES, which take hours."""
    return bool(os.environ.get("MINGCHU_FULL_FAULTS"))
