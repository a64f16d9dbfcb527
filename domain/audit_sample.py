"""The sampled human audit: which alerts the machine may close alone. Drawn by seed, so that anybody can draw again."""

import hashlib


def drawn(seed: str, alert: int) -> float:
    """A number in [0, 1) that only seed and alert decide: the first 52 bits of SHA-256 of "seed:alert"."""
    digest = hashlib.sha256(f"{seed}:{alert}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 12) / 2.0**52


def human(seed: str, alert: int, machine_share: float) -> bool:
    """Whether a human looks at it, although its rule lets the machine close that share."""
    return drawn(seed, alert) >= machine_share
