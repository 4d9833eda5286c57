"""How long a filter of the dashboard takes: `python -m benchmarks.dashboard 10000000`.

Serves a release whose newest month has so many interactions, and uses the register's filters in
Chromium: from the choice to the page that stands still again.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.large_release import large_release
from orchestration.delivery.words import Words
from orchestration.settings import PROJECT_DIR, Settings

MILLISECONDS = 120_000


def main(rows: int) -> None:
    """Serve, filter, and print the seconds of each filter."""
    settings = Settings()  # type: ignore[call-arg]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        published = data / "published"
        release, month, written = large_release(settings, rows, published)
        (published / "current").symlink_to(release.name, target_is_directory=True)
        print(f"{written:,} interactions in {month}, {os.cpu_count()} cores")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        streamlit = Path(sys.executable).with_name("streamlit")
        options = ["--server.address", "127.0.0.1", "--server.port", str(port)]
        command = [str(streamlit), "run", str(PROJECT_DIR / "dashboard" / "app.py"), *options]
        with subprocess.Popen(
            [*command, "--server.headless", "true", "--browser.gatherUsageStats", "false"],
            env={**os.environ, "CRM_MARTS_DATA_DIR": str(data)},
            cwd=PROJECT_DIR,
            stdout=subprocess.DEVNULL,
        ) as server:
            try:
                _filter(f"http://127.0.0.1:{port}/register", Words(settings.pack.language))
            finally:
                server.terminate()


def _filter(address: str, words: Words) -> None:
    """Use each filter three times, by keyboard; the fastest and the slowest count."""
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(MILLISECONDS)
        until = time.monotonic() + MILLISECONDS / 1000
        while time.monotonic() < until:
            try:
                page.goto(address)
                break
            except Exception:
                time.sleep(0.3)
        page.wait_for_selector("[data-testid=stDataFrame] canvas")
        _stands_still(page)
        kinds = [[*words.value(kind)] for kind in ("meeting", "call", "email")]
        for label, choices in (
            (words.page("kinds"), kinds),
            (words.text("manager"), [["ArrowDown", "ArrowDown"]] * 3),
        ):
            seconds = [_use(page, label, keys) for keys in choices]
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
    _stands_still(page)
    return time.monotonic() - started


def _stands_still(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
