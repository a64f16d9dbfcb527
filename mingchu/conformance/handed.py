"""A report that a vendor hands in: read, its signature checked, as the tables keep it."""

import hashlib

import msgspec

from mingchu.conformance import report
from mingchu.conformance.finding import Verdict
from store.supply import KitReport


def read(written: bytes) -> KitReport | None:
    """What a report, or its page, vouches for; None where it is none or was changed."""
    try:
        found = report.verify(written)
    except report.ReportError:
        return None
    said = found.report
    return KitReport(
        sha256=hashlib.sha256(msgspec.json.encode(said)).hexdigest(),
        profile=said.profile,
        version=said.profile_version,
        device=f"{said.site}/{said.device}",
        conforms=said.conforms,
        failed=sum(one.verdict is Verdict.FAIL for one in said.findings),
        made=said.made,
        key=found.key,
        page=written,
    )
