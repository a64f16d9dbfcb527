"""A browser's offer as an edge can use it: where the browser hides its addresses, the one that it asks from stands in.

Browsers name their own addresses only as random `.local` names (mDNS), which resolve in their own network at most, and
after a second. The address that the request came from is often the right one; where it is not, the browser's checks
reach the edge all the same, and the edge learns from them: it only must have one candidate to wait with.
"""

import re
from ipaddress import ip_address

_HIDDEN = re.compile(r"^(a=candidate:\S+ \d+ \S+ \d+ )\S+\.local( \d+ typ host)", re.MULTILINE | re.IGNORECASE)
_NOWHERE = 9  # the discard port


def reachable(sdp: str, address: str) -> str:
    """The offer with `address` for every hidden one, and as a candidate of its own where there is none."""
    try:
        ip_address(address)
    except ValueError:
        return sdp
    shown = _HIDDEN.sub(rf"\g<1>{address}\g<2>", sdp)
    if "a=candidate:" in shown or "m=video" not in shown:
        return shown
    return f"{shown.rstrip()}\r\na=candidate:0 1 udp 1 {address} {_NOWHERE} typ host\r\n"
