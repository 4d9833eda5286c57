"""October 2026 of the demo, closed once a test run for all modules that look at it."""

import fcntl
import json
import os
import shutil
from pathlib import Path

import pytest

from orchestration.cli import EXIT_LATER
from orchestration.delivery.pack import PRINTED
from orchestration.demo import write_demo
from tests.conftest import Installation

MONTH = "2026-10"
# What the demo's people call a client, and what is made of it: live in a careless workbook or page.
FORMULA, MARKUP = "=СУММ(А1:А9)", "</script><img src=x onerror=alert(1)>"


def closed_october(factory: pytest.TempPathFactory) -> Installation:
    """The demo CRM with its two newest loads, October closed; nobody may close more in it."""
    folder = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # the run's, not the worker's
    installation = Installation(folder / "october")
    with (folder / "october.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not pack_folder(installation).is_dir():
            _close(installation)
    return installation


def _close(installation: Installation) -> None:
    write_demo(installation.raw)
    for source in ("demo", "plans"):
        for load in (installation.raw / source).iterdir():
            if not load.name.startswith(("20261002", "20261102")):
                shutil.rmtree(load)
    replaced = 0
    for file in installation.raw.glob("demo/*/*.csv"):
        text = file.read_text(encoding="utf-8")
        replaced += text.count(FORMULA)
        file.write_text(text.replace(FORMULA, FORMULA + MARKUP), encoding="utf-8")
    assert replaced
    # Nobody listens at this port: the pack is written, and not sent.
    done = installation.run("close", MONTH, **mailed(port=1), CRM_MARTS_PACK__AT_CLOSE="true")
    assert done.returncode == EXIT_LATER, done.stdout + done.stderr
    assert f"{MONTH} is published, but its pack is not done" in done.stderr
    assert f"crm-marts pack {MONTH} --send" in done.stderr
    assert f"{MONTH}: edition 1, published" in installation.run("status").stdout
    assert (pack_folder(installation) / PRINTED).is_file()


def mailed(port: int, **recipients: dict[str, list[str]]) -> dict[str, str]:
    """Settings that send the whole pack to a head, and others to these."""
    mail_to = {"company": ["head@example.com"], **recipients}
    return {
        "CRM_MARTS_ALERTS__SMTP_HOST": "127.0.0.1",
        "CRM_MARTS_ALERTS__SMTP_PORT": str(port),
        "CRM_MARTS_PACK__MAIL_TO": json.dumps(mail_to),
    }


def pack_folder(closed: Installation) -> Path:
    """Where the pack of October stands."""
    return closed.data / "packs" / MONTH / "edition-1"
