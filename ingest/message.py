"""One message as the broker delivered it, and the keys by which a repeat is known."""

from hashlib import blake2b

import msgspec


class Message(msgspec.Struct, frozen=True, gc=False):
    """`session` counts our connections: an acknowledgement is valid only within its own. `received` in µs."""

    topic: str
    payload: bytes
    received: int
    qos: int = 1
    mid: int = 0
    session: int = 0
    retained: bool = False


def message_key(topic: str, payload: bytes) -> bytes:
    """The same for the same message, whether it came from the device itself or through an edge (16 bytes)."""
    return blake2b(topic.encode("utf-8", "surrogatepass") + b"\0" + payload, digest_size=16).digest()


def item_key(spool: str, seq: int) -> bytes:
    """An edge's own items are known by their place in its spool (16 bytes)."""
    return blake2b(f"{spool}\0{seq}".encode(), digest_size=16, person=b"edge item").digest()
