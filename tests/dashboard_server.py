"""The dashboard's own server, and its pages in a browser."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from orchestration.settings import PROJECT_DIR

APP = PROJECT_DIR / "dashboard" / "app.py"
SECONDS = 60


@contextmanager
def dashboard_server(environment: Mapping[str, str]) -> Iterator[str]:
    """The dashboard's address while its server runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = Path(sys.executable).with_name("streamlit")
    options = ["--server.address", "127.0.0.1", "--server.port", str(port)]
    options += ["--server.headless", "true", "--client.toolbarMode", "minimal"]
    with subprocess.Popen(
        [command, "run", APP, *options, "--browser.gatherUsageStats", "false"],
        env=dict(environment),
        cwd=PROJECT_DIR,
        stdout=subprocess.DEVNULL,
    ) as server:
        try:
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()
            server.wait(SECONDS)


def drawn_page(browser: Browser, address: str) -> Page:
    """A page, drawn to its end."""
    page = browser.new_page(viewport={"width": 1300, "height": 1200})
    page.set_default_timeout(1000 * SECONDS)
    page.goto(address)
    page.wait_for_selector("h1")
    wait_until_drawn(page)
    return page


def wait_until_drawn(page: Page) -> None:
    """Wait for a page that stands still again."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
