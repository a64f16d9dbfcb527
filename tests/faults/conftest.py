"""Faults (PROMISES): everyday they are injected a few times, with MINGCHU_FULL_FAULTS=1 as often as promised."""

import os

import pytest


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether the full figures are wanted (`make faults`)."""
    return bool(os.environ.get("MINGCHU_FULL_FAULTS"))
