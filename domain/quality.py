"""What is known about a stored reading's trustworthiness: flags, 0 is good."""

from enum import IntFlag


class Quality(IntFlag):
    """Bits of `quality` in the tables. A reading out of range counts as not measured for every rule."""

    GOOD = 0
    RANGE = 1  # outside what the profile calls believable
    CLOCK = 2  # the sender's clock was wrong: `time` is the server's
    HISTORICAL = 4  # kept somewhere and told late: trustworthy, but it says nothing about now (as in Sparkplug B)
