"""What the public may write of a site or of its equipment, and how much of it."""

from enum import StrEnum

MAX_WORDS = 2000
MAX_PHONE = 40
MAX_PHOTOS = 3
MAX_A_DAY = 60  # of one subject; beyond, somebody plays


class Topic(StrEnum):
    """What it is about. TRAPPED and FAULT are of equipment, HYGIENE is of kitchens."""

    TRAPPED = "trapped"
    FAULT = "fault"
    HYGIENE = "hygiene"
    FEEDBACK = "feedback"


OF_EQUIPMENT = (Topic.TRAPPED, Topic.FAULT, Topic.FEEDBACK)
OF_SITE = (Topic.HYGIENE, Topic.FEEDBACK)
