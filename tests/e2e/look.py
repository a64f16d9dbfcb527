"""A look at a page as a person would take it: nothing sticks out, and a picture where somebody wants one."""

import os
from pathlib import Path

from playwright.async_api import Page


async def look(page: Page, name: str) -> None:
    """Nothing sticks out of the page, or of the one that is just coming; a picture is kept where the environment names
    a folder for it."""
    await page.wait_for_function("document.documentElement?.scrollWidth <= innerWidth")
    folder = os.environ.get("MINGCHU_TEST_PICTURES")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
