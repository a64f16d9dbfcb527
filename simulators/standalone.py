"""A simulator that runs by itself, outside the supervisor: its end and its log."""

import argparse
import asyncio
import signal
import sys

import structlog


def port_number(text: str) -> int:
    """A port from the command line; uvloop would take a larger number modulo 65,536."""
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 to 65535")
    return int(text)


async def interrupted() -> None:
    """Wait for Ctrl-C or a termination."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    await over.wait()


def log_to_stderr() -> None:
    """JSON lines, as the other processes write them; standard output is for what the user asked for."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
