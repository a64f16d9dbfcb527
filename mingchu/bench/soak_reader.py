"""Somebody who reads the console all the time of a soak, page after page."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

import httpx

from mingchu.bench.process import BenchError

PAGES = ("/", "/queue", "/map", "/sites", "/risk", "/equipment", "/rules", "/api/v1/alerts", "/api/v1/alerts/counts")


class Reader:
    """`refused`: how many pages did not come."""

    def __init__(self, client: httpx.Client, login: str, password: str) -> None:
        self._client, self._who = client, {"login": login, "password": password}
        self._pages = cycle(PAGES)
        self.refused = 0

    def read(self) -> None:
        """The next page; somebody whose session is over logs in again."""
        page = next(self._pages)
        try:
            answer = self._client.get(page)
            if answer.status_code == httpx.codes.UNAUTHORIZED or answer.is_redirect:
                self.log_in()
            elif not answer.is_success:
                self._refuse(page, str(answer.status_code))
        except httpx.HTTPError as error:
            self._refuse(page, str(error))

    def _refuse(self, page: str, why: str) -> None:
        self.refused += 1
        print(f"soak: {page} did not come: {why}", file=sys.stderr, flush=True)

    def log_in(self) -> None:
        """Raises HTTPError where the console does not answer, or not so."""
        self._client.post("/api/v1/login", json=self._who).raise_for_status()


@contextmanager
def reader(url: str, login: str, password: str) -> Iterator[Reader]:
    """Logged in; raises BenchError where nobody is let in."""
    headers = {"accept": "text/html,application/json"}
    with httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False) as client:
        found = Reader(client, login, password)
        try:
            found.log_in()
        except httpx.HTTPError as error:
            raise BenchError(f"the console at {url} lets nobody in: {error}") from error
        yield found
