"""Ports of the simulators, and the sentence for one that cannot be had."""

import errno
import socket

TRIES = 64


class ListeningError(Exception):
    """The address cannot be listened on; the message says why and what to do."""


def listening_error(host: str, port: int, error: OSError) -> ListeningError:
    """The sentence for a failed bind."""
    if error.errno == errno.EADDRINUSE:
        return ListeningError(f"Port {port} on {host} is in use; stop the program that has it or choose another port.")
    if error.errno == errno.EACCES:
        return ListeningError(f"Port {port} on {host} may not be opened by this user; choose one above 1023.")
    return ListeningError(f"Cannot listen on {host}, port {port}: {error.strerror or error}.")


def bind_udp_pair(host: str) -> tuple[socket.socket, socket.socket]:
    """Non-blocking UDP sockets on an even port and the next, for RTP and RTCP (RFC 3550 §11). Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(TRIES):
        first = socket.socket(family, socket.SOCK_DGRAM)
        second = socket.socket(family, socket.SOCK_DGRAM)
        try:
            first.bind((host, 0))
            port = first.getsockname()[1]
            if port % 2 == 0:
                second.bind((host, port + 1))
                first.setblocking(False)
                second.setblocking(False)
                return first, second
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                first.close()
                second.close()
                raise
        first.close()
        second.close()
    raise OSError(errno.EADDRINUSE, "no free pair of UDP ports")
