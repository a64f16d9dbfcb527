"""The console's menu: four entries that a role needs most, and the rest behind "more" where the screen is small."""

from dataclasses import dataclass

from domain.alert import Role
from domain.permission import Permission
from store.people import Person


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: where it leads, its icon, and the beginnings of the ways that are its own."""

    code: str  # of its text, in the table `nav`
    way: str
    icon: str
    within: tuple[str, ...] = ()
    right: Permission | None = None  # who has not this permission does not see it
    office: bool = False  # not for operators
    operator: bool = False  # for operators only


_ENTRIES = (
    Entry("supply", "/supply", "device", right=Permission.SUPPLY_READ),
    Entry("letters", "/supply/letters", "bell", right=Permission.SUPPLY_READ),
    Entry("conformance", "/supply/reports", "check", right=Permission.SUPPLY_READ),
    Entry("upkeep", "/upkeep", "elevator", right=Permission.UPKEEP_READ),
    Entry("home", "/home", "photo", operator=True),
    Entry("queue", "/", "bell", ("/alerts", "/views")),
    Entry("sites", "/sites", "pin", ("/devices", "/cameras", "/map", "/wall", "/tours", "/licences")),
    Entry("risk", "/risk", "shield", ("/draws",), office=True),
    Entry("operations", "/operations", "pulse", right=Permission.OPERATE),
    Entry("inspections", "/inspections", "check"),
    Entry("equipment", "/equipment", "elevator", ("/complaints",)),
    Entry("reports", "/reports", "report", ("/holds",)),
    Entry("campaigns", "/campaigns", "flag", office=True),
    Entry("channels", "/channels", "send", ("/webhooks",)),
    Entry("edges", "/edges", "gateway", office=True),
    Entry("rules", "/rules", "rule", office=True),
    Entry("people", "/people", "person", ("/roles",), right=Permission.PEOPLE_MANAGE),
    Entry("audit", "/audit", "clock", right=Permission.AUDIT_READ),
    Entry(
        "provision", "/vendors", "device", ("/profiles", "/devices/import", "/claim"), right=Permission.DEVICE_PROVISION
    ),
)
_MAIN = 4


@dataclass(frozen=True, slots=True)
class Menu:
    """What a person sees, in order; `current` is the entry that the page belongs to."""

    main: tuple[Entry, ...]
    more: tuple[Entry, ...]
    current: Entry | None


def menu(person: Person, path: str) -> Menu:
    """The person's menu on the page at that path."""
    seen = tuple(entry for entry in _ENTRIES if _shown(entry, person))
    nearest = max(seen, key=lambda entry: _fit(entry, path))
    return Menu(seen[:_MAIN], seen[_MAIN:], nearest if _fit(nearest, path) else None)


def _shown(entry: Entry, person: Person) -> bool:
    if person.outside and entry.right is None:
        return False
    if (entry.office and person.role is Role.OPERATOR) or (entry.operator and person.role is not Role.OPERATOR):
        return False
    return entry.right is None or person.may(entry.right)


def _fit(entry: Entry, path: str) -> int:
    """How much of the path is the entry's, in characters: the longest beginning wins."""
    ways = (entry.way, *entry.within)
    return max((len(way) for way in ways if path == way or (way != "/" and path.startswith(f"{way}/"))), default=0)
