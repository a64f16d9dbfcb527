"""What somebody of the public may write."""

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from api.equipment_model import SomeWords
from domain.complaint import MAX_PHONE, Topic


class ComplaintOrder(BaseModel):
    """Feedback or a complaint; the phone is optional."""

    topic: Topic
    words: SomeWords
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_PHONE, pattern=r"^[0-9+() -]*$")] = ""
