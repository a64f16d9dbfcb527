"""An alert that a person makes, as REST takes it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class AlertByHand(BaseModel):
    """Of which class, how long people have to act (without it, the class's own time), and in which words."""

    model_config = ConfigDict(extra="forbid")
    severity: Literal[1, 2, 3] = Field(examples=[2])
    hours: float | None = Field(
        default=None, gt=0, le=720, examples=[48.0], description="II: at most 72, III: 720; I has its own half hour"
    )
    words: str = Field(default="", max_length=2000, examples=["后门敞开，无防鼠挡板。"], description="else those found")

    @property
    def typed(self) -> dict[str, str]:
        """As a form has it."""
        hours = "" if self.hours is None else str(self.hours)
        return {"severity": str(self.severity), "hours": hours, "words": self.words}
