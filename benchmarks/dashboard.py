"""How long a filter of the dashboard takes: `python -m benchmarks.dashboard 10000000`.

Serves a release whose newest month has so many interactions, and uses the register's filters in
Chromium by keyboard: from the choice to the page that stands still again.
"""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.large_release import large_release
from orchestration.delivery.words import Words
from orchestration.settings import Settings
from tests.dashboard_server import dashboard_server, drawn_page, wait_until_drawn


def main(rows: int) -> None:
    """Serve, use each filter three times, and print the fewest and the most seconds."""
    settings = Settings()  # type: ignore[call-arg]
    words = Words(settings.pack.language)
    choices = {
        words.page("kinds"): [[*words.value(kind)] for kind in ("meeting", "call", "email")],
        words.text("manager"): [["ArrowDown", "ArrowDown"]] * 3,
    }
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        published = Path(folder) / "published"
        release, month, written = large_release(settings, rows, published)
        (published / "current").symlink_to(release.name, target_is_directory=True)
        print(f"{written:,} interactions in {month}, {os.cpu_count()} cores")
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with dashboard_server({**os.environ, "CRM_MARTS_DATA_DIR": folder}) as address:
            page = drawn_page(browser, f"{address}register")
            for label, keys in choices.items():
                seconds = [_use(page, label, pressed) for pressed in keys]
                print(f"{label}: {min(seconds):.2f} to {max(seconds):.2f} s")


def _use(page: Page, label: str, keys: list[str]) -> float:
    """Press keys in the field of that label, then Enter; the seconds until it is painted."""
    before = page.locator("[data-testid=stMarkdown]").last.inner_text()
    page.get_by_label(label).and_(page.locator("input")).first.focus()
    for key in keys:
        page.keyboard.press(key)
    started = time.monotonic()
    page.keyboard.press("Enter")
    page.wait_for_function(
        """before => [...document.querySelectorAll('[data-testid=stMarkdown]')].at(-1).innerText
            !== before""",
        arg=before,
    )
    wait_until_drawn(page)
    return time.monotonic() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
