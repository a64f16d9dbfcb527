"""Permissions: what a role is made of, and who may give what (ADR 38)."""

from collections.abc import Collection, Set
from enum import StrEnum

from domain.alert import Role


class Permission(StrEnum):
    """One thing that a person may do within the scope; the scope itself is row-level security's."""

    READ = "data.read"  # everybody's who has a scope
    ALERT_HANDLE = "alert.handle"  # the operator's moves
    ALERT_REVIEW = "alert.review"  # the regulator's moves, and lifting a card
    EVIDENCE_UNBLURRED = "evidence.unblurred"
    EVIDENCE_EXPORT = "evidence.export"
    CAMERA_CONFIGURE = "camera.configure"  # cameras and edges
    DEVICE_PROVISION = "device.provision"
    RULE_EDIT = "rule.edit"  # of an admin over the whole tree
    CHANNEL_MANAGE = "channel.manage"
    OPERATE = "operations.manage"  # how the house does; dead letters
    AUDIT_READ = "audit.read"
    PEOPLE_MANAGE = "people.manage"
    SUPPLY_READ = "supply.read"  # a vendor's: its own devices
    SUPPLY_ROTATE = "supply.rotate"  # their credentials
    UPKEEP_READ = "upkeep.read"  # a maintenance firm's: its lifts and equipment
    UPKEEP_RECORD = "upkeep.record"  # maintenance that was done
    UPKEEP_RESCUE = "upkeep.rescue"  # answers for people who are trapped


Permissions = frozenset[Permission]

_OPERATOR: Permissions = frozenset({
    Permission.READ, Permission.ALERT_HANDLE, Permission.EVIDENCE_UNBLURRED, Permission.CHANNEL_MANAGE,
})  # fmt: skip
_REGULATOR: Permissions = frozenset({
    Permission.READ, Permission.ALERT_REVIEW, Permission.EVIDENCE_UNBLURRED, Permission.EVIDENCE_EXPORT,
    Permission.CAMERA_CONFIGURE, Permission.CHANNEL_MANAGE,
})  # fmt: skip
_ADMIN: Permissions = frozenset({
    Permission.READ, Permission.CAMERA_CONFIGURE, Permission.DEVICE_PROVISION, Permission.OPERATE,
    Permission.AUDIT_READ, Permission.PEOPLE_MANAGE, Permission.RULE_EDIT, Permission.CHANNEL_MANAGE,
})  # fmt: skip

_VENDOR: Permissions = frozenset({Permission.SUPPLY_READ, Permission.SUPPLY_ROTATE})
_MAINTAINER: Permissions = frozenset({Permission.UPKEEP_READ, Permission.UPKEEP_RECORD, Permission.UPKEEP_RESCUE})

BUILT_IN: dict[Role, Permissions] = {
    Role.OPERATOR: _OPERATOR, Role.REGULATOR: _REGULATOR, Role.ADMIN: _ADMIN, Role.VENDOR: _VENDOR,
    Role.MAINTAINER: _MAINTAINER,
}  # fmt: skip
# What a role of one's own may be made of, by the built-in one that it stands on.
MAY_HAVE: dict[Role, Permissions] = {
    Role.OPERATOR: _OPERATOR | {Permission.PEOPLE_MANAGE},
    Role.REGULATOR: (_REGULATOR | _ADMIN) - {Permission.RULE_EDIT},
    Role.ADMIN: _ADMIN,
    Role.VENDOR: _VENDOR,
    Role.MAINTAINER: _MAINTAINER,
}
_FLOOR: dict[Role, Permission] = {Role.VENDOR: Permission.SUPPLY_READ, Role.MAINTAINER: Permission.UPKEEP_READ}
# The duties of operators, regulators and outsiders: who manages people appoints them to these without having them.
_DUTIES: Permissions = frozenset({
    Permission.READ, Permission.ALERT_HANDLE, Permission.ALERT_REVIEW, Permission.EVIDENCE_UNBLURRED,
    Permission.EVIDENCE_EXPORT, Permission.CHANNEL_MANAGE,
}) | _VENDOR | _MAINTAINER  # fmt: skip
# What a person of an authority who only looks (`configures` false) has not.
_CONFIGURING: Permissions = frozenset({
    Permission.CAMERA_CONFIGURE, Permission.DEVICE_PROVISION, Permission.RULE_EDIT, Permission.CHANNEL_MANAGE,
})  # fmt: skip


def known(codes: Collection[str]) -> Permissions:
    """Those of the codes that this release knows."""
    return frozenset(one for one in Permission if one in codes)


def floor(role: Role) -> Permissions:
    """What everybody of that role may, whatever else is taken away: to read what is his."""
    return frozenset({_FLOOR.get(role, Permission.READ)})


def held(role: Role, own: Collection[str] | None, *, configures: bool) -> Permissions:
    """What somebody of that role may: all of the built-in one's, or those of a role of one's own (`own`)."""
    wanted = BUILT_IN[role] if own is None else known(own) & MAY_HAVE[role] | floor(role)
    return wanted if configures or role is Role.OPERATOR else wanted - _CONFIGURING


def giveable(mine: Set[Permission]) -> Permissions:
    """What somebody may give to others: what he has himself, and the duties; nothing without `people.manage`."""
    return frozenset(mine) | _DUTIES if Permission.PEOPLE_MANAGE in mine else frozenset()
