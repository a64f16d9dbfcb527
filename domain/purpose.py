"""Purposes: why somebody may see faces, and which role may state which (ADR 20)."""

from datetime import timedelta
from enum import StrEnum

from domain.alert import Role

RIGHT = "evidence.unblurred"  # what a stated purpose gives, in the audit log
GRANTED = timedelta(minutes=30)


class Purpose(StrEnum):
    """What a person wants to see unblurred pictures for."""

    REVIEW = "review"  # to judge an alert or its rectification
    ENFORCEMENT = "enforcement"  # a case against the operator
    COMPLAINT = "complaint"  # somebody's complaint is looked into
    RECTIFY = "rectify"  # to find and instruct whom it concerns
    APPEAL = "appeal"  # to dispute an alert
    SAFETY = "safety"  # danger on site
    OTHER = "other"  # in words


# An admin keeps machines and people: nothing of that needs a face.
_MAY_STATE: dict[Role, tuple[Purpose, ...]] = {
    Role.REGULATOR: (Purpose.REVIEW, Purpose.ENFORCEMENT, Purpose.COMPLAINT, Purpose.SAFETY, Purpose.OTHER),
    Role.OPERATOR: (Purpose.RECTIFY, Purpose.APPEAL, Purpose.SAFETY, Purpose.OTHER),
    Role.ADMIN: (),
    Role.VENDOR: (),
    Role.MAINTAINER: (),
}


def purposes(role: Role) -> tuple[Purpose, ...]:
    """What the role may state; a role with none has not the right."""
    return _MAY_STATE[role]
