"""A dirty load: nothing is published, the alert arrives, and the mended load goes through."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest

from orchestration.alerts import SMTP_PASSWORD, WEBHOOK_URL, alert_lines, run_events, send_alert
from orchestration.errors import CrmMartsError
from orchestration.run_report import failed_outcome
from orchestration.sensors import tell
from orchestration.settings import Alerts, Settings
from tests.conftest import Installation
from tests.crm_files import (
    CALLS,
    ONE_CLIENT,
    project_settings,
    settings_environment,
    write_onec_load,
)
from tests.mail_server import Mails, mail_server

SOURCE = '[sources.demo]\ncrm = "onec"\ntimezone = "Europe/Moscow"\n\n'


@pytest.fixture
def mails() -> Iterator[tuple[Alerts, Mails]]:
    with mail_server() as server:
        yield server


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, str]]]:
    """What a web server on this machine, named by the environment, was sent."""
    received: list[dict[str, str]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            received.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(WEBHOOK_URL, f"http://127.0.0.1:{server.server_port}/hook")
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()


def _settings(alerts: Alerts) -> Settings:
    return project_settings().model_copy(update={"alerts": alerts})


def test_mail_and_webhook_get_the_text(
    mails: tuple[Alerts, Mails], posts: list[dict[str, str]]
) -> None:
    alerts, inbox = mails
    assert send_alert(_settings(alerts), "Закрытие октября", "причина") == ["mail", "webhook"]
    [mail] = inbox.messages
    assert mail["Subject"] == "Закрытие октября"
    assert mail["To"] == "head@example.com"
    assert mail.get_content().strip() == "причина"
    assert posts == [{"text": "Закрытие октября\nпричина"}]


def test_a_way_that_fails_stops_no_other_and_is_named(posts: list[dict[str, str]]) -> None:
    nobody = Alerts(mail_to=["head@example.com"], smtp_host="127.0.0.1", smtp_port=1)
    with pytest.raises(CrmMartsError, match=f"(?s)by mail: .*{SMTP_PASSWORD}"):
        send_alert(_settings(nobody), "subject", "text")
    assert len(posts) == 1


def _calls(count: int, month: str = "2026-04", **changed: str) -> list[dict[str, str]]:
    return [
        {
            "Ref_Key": f"call {month} {number}",
            "Date": f"{month}-10T11:{number // 60:02d}:{number % 60:02d}",
            "Состояние": "Завершено",
            "ВидВзаимодействия": "Контрольный звонок",
            "Ответственный_Key": "anna",
            "АбонентКонтакт": "romashka",
            "АбонентКонтакт_Type": "StandardODATA.Catalog_Партнеры",
            "ФактическоеНачало": f"{month}-10T11:00:00",
            "ДатаЗавершения": f"{month}-10T11:05:00",
            **changed,
        }
        for number in range(count)
    ]


MARCH = _calls(120, "2026-03")
# What each dirty load has of calls, the check that stops the close, and what it names.
DIRTY = {
    "a lost half": (
        MARCH[:50],
        "raw/onec / volume failed",
        f"demo/20260502T000000Z/{CALLS}",
    ),
    "rows without a key": (
        [*MARCH, *_calls(6, Ref_Key="")],
        "raw/onec / keys failed",
        f"demo/{CALLS}",
    ),
    "an unknown status": (
        [*MARCH, *_calls(6, Состояние="неясно")],
        "canonical/quarantine / quarantined_share_is_small failed",
        f"source demo, table_name {CALLS}, unusable_count 6, delivered_count 126",
    ),
    "an unknown type": (
        [*MARCH, *_calls(100, ВидВзаимодействия="Неведомое")],
        "marts/fct_interactions / few_interactions_are_unclassified failed",
        "unclassified_count 100",
    ),
    "a part of the month": (
        [*MARCH, *_calls(10)],
        "published/audit / volume failed",
        "fct_interactions",
    ),
}


@pytest.mark.slow
def test_each_dirty_load_is_told_and_the_mended_one_goes_through(
    tmp_path: Path, mails: tuple[Alerts, Mails], posts: list[dict[str, str]]
) -> None:
    company = Installation(tmp_path, settings_environment(tmp_path, SOURCE))
    raw, pointer = company.raw / "demo", company.data / "published" / "current"
    write_onec_load(raw / "20260402T000000Z", ONE_CLIENT | {CALLS: MARCH})
    company.close("2026-03")
    release = pointer.readlink()
    page = company.data / "quality" / "2026-04.html"
    for day, (calls, check, named) in enumerate(DIRTY.values(), start=2):
        write_onec_load(raw / f"202605{day:02d}T000000Z", ONE_CLIENT | {CALLS: calls})
        red = company.run("close", "2026-04", "--known-until", f"2026-05-{day:02d}T06:00:00Z")
        assert red.returncode == 1, red.stdout + red.stderr
        status = company.run("status").stdout
        assert "2026-04: the last close was red" in status
        told = _told(company, mails[0])
        for text in (red.stderr, status, told):
            assert check in text
            assert named in text
        assert named in page.read_text(encoding="utf-8")
        assert f"all checks: {page}" in red.stderr
        assert pointer.readlink() == release
        mail = mails[1].messages[-1]
        assert mail["Subject"] == "crm-marts: 2026-04 failed, nothing was published"
        assert check in mail.get_content()
        assert posts[-1] == {"text": f"{mail['Subject']}\n{told}"}
        assert "Каренина" not in told
    assert len(mails[1].messages) == len(posts) == len(DIRTY)

    write_onec_load(raw / "20260520T000000Z", ONE_CLIENT | {CALLS: [*MARCH, *_calls(100)]})
    green = company.run("close", "2026-04", "--known-until", "2026-05-20T06:00:00Z")
    assert green.returncode == 0, green.stdout + green.stderr
    assert pointer.readlink() != release
    assert "red" not in company.run("status").stdout
    assert "not closed" not in page.read_text(encoding="utf-8")


def _told(company: Installation, alerts: Alerts) -> str:
    """What the sensor tells of the last run, after it was sent."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(company.data / "dagster"))
        with dg.DagsterInstance.get() as instance:
            [record] = instance.get_run_records(limit=1)
            run = record.dagster_run
            [failure] = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
            assert failure.dagster_event is not None
            context = dg.build_run_status_sensor_context(
                sensor_name="close_failed",
                dagster_instance=instance,
                dagster_run=run,
                dagster_event=failure.dagster_event,
            )
            outcome = failed_outcome(run_events(instance, run))
            assert tell(_settings(alerts), context, outcome) is None
            return "\n".join(alert_lines(instance, run))


@pytest.mark.slow
def test_a_refused_load_is_shown_by_status(tmp_path: Path) -> None:
    company = Installation(tmp_path, settings_environment(tmp_path, SOURCE))
    load = company.raw / "demo" / "20260402T000000Z"
    write_onec_load(load, ONE_CLIENT)
    (load / f"{CALLS}.csv").write_text("Ref_Key,Ref_Key\n1,2\n", encoding="utf-8")
    refused = company.run("close", "2026-03")
    assert refused.returncode == 2
    status = company.run("status").stdout
    assert "2026-03: the last close was red" in status
    assert f"{CALLS}.csv" in status
