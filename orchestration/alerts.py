"""Alerts: who has to know that a close failed or warned, by mail and to a webhook."""

import json
import os
import smtplib
import urllib.request
from email.message import EmailMessage

from dagster import DagsterEvent, DagsterInstance, DagsterRun

from orchestration.checks.result import failed_lines
from orchestration.errors import CrmMartsError
from orchestration.run_report import check_results, error_lines
from orchestration.settings import Alerts, Settings

SECONDS = 30
SMTP_PASSWORD, WEBHOOK_URL = "CRM_MARTS_SMTP_PASSWORD", "CRM_MARTS_WEBHOOK_URL"


def is_configured(settings: Settings) -> bool:
    """Whether there is anybody to be told."""
    return bool(settings.alerts.mail_to) or WEBHOOK_URL in os.environ


def send_alert(settings: Settings, subject: str, text: str) -> list[str]:
    """Send a text to all who are configured and return the ways; one that fails stops no other.

    Raises CrmMartsError that names every way that failed.
    """
    ways = {"mail": bool(settings.alerts.mail_to), "webhook": WEBHOOK_URL in os.environ}
    failed = []
    for name in (name for name, is_used in ways.items() if is_used):
        try:
            if name == "mail":
                _mail(settings.alerts, subject, text)
            else:
                _webhook(os.environ[WEBHOOK_URL], subject, text)
        except (OSError, smtplib.SMTPException) as error:
            failed.append(f"{name}: {mail_fault(error)}")
    if failed:
        raise CrmMartsError(
            f"the alert {subject!r} did not go out by {'; '.join(failed)}",
            place="[alerts] in crm_marts.toml",
            remedy=f"Look at the server's name and port, at {SMTP_PASSWORD} and {WEBHOOK_URL}.",
        )
    return [name for name, is_used in ways.items() if is_used]


def _mail(alerts: Alerts, subject: str, text: str) -> None:
    message = EmailMessage()
    message["Subject"] = subject
    message["To"] = ", ".join(alerts.mail_to)
    message.set_content(text)
    send_mail(alerts, message)


def send_mail(alerts: Alerts, message: EmailMessage) -> None:
    """Hand a message to the mail server of the settings, from their sender.

    Raises OSError or SMTPException when the server does not take it.
    """
    message["From"] = alerts.mail_from
    with smtplib.SMTP(alerts.smtp_host, alerts.smtp_port, timeout=SECONDS) as server:
        if alerts.smtp_starttls:
            server.starttls()
        if alerts.smtp_user:
            server.login(alerts.smtp_user, os.environ.get(SMTP_PASSWORD, ""))
        server.send_message(message)


def mail_fault(error: OSError | smtplib.SMTPException) -> str:
    """What a server refused, without its words: they can hold addresses."""
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{name} {error.smtp_code}"
    if isinstance(error, smtplib.SMTPException):
        return name
    return f"{name} {error.strerror or error}"


def _webhook(url: str, subject: str, text: str) -> None:
    """POST {"text": ...}, as chats' incoming webhooks take it."""
    request = urllib.request.Request(
        url,
        data=json.dumps({"text": f"{subject}\n{text}"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=SECONDS):
        pass


def run_events(instance: DagsterInstance, run: DagsterRun) -> list[DagsterEvent]:
    """All that Dagster noted of a run."""
    logs = instance.all_logs(run.run_id)
    return [entry.dagster_event for entry in logs if entry.dagster_event]


def alert_lines(instance: DagsterInstance, run: DagsterRun) -> list[str]:
    """Failed checks of a run and why it failed; no cell of a row leaves the machine."""
    events = run_events(instance, run)
    return [*failed_lines(check_results(events)), *error_lines(events)]
