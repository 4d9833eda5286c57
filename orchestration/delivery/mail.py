"""Packs by mail: each edition's goes once to whom the settings name."""

import json
import mimetypes
import smtplib
from email.message import EmailMessage
from pathlib import Path

from orchestration.alerts import SMTP_PASSWORD, mail_fault, send_mail
from orchestration.close.period import Month
from orchestration.delivery.content import Content
from orchestration.delivery.pack import Written
from orchestration.durable import write_text
from orchestration.errors import CrmMartsError
from orchestration.settings import Settings

SENT = "sent.json"


def send_packs(settings: Settings, month: Month, packs: list[Written]) -> int:
    """Send packs to their recipients, those that have been sent before left out; how many went.

    Raises CrmMartsError when the mail server does not take one; what went before it stays noted.
    """
    record = settings.packs_dir / str(month) / SENT
    sent: list[str] = json.loads(record.read_text("utf-8")) if record.exists() else []
    count = 0
    for pack in packs:
        recipients = _recipients(settings, pack)
        name = f"{pack.content.month.edition} {pack.kind} {pack.key}"
        if not recipients or name in sent:
            continue
        try:
            send_mail(settings.alerts, _message(pack, recipients))
        except (OSError, smtplib.SMTPException) as error:
            raise CrmMartsError(
                f"the pack of {month} was written, but not sent: {mail_fault(error)}",
                place="[alerts] and [pack.mail_to] in crm_marts.toml",
                remedy=f"Look at the server's name and port and at {SMTP_PASSWORD}; then send what "
                f"is left: crm-marts pack {month} --send.",
            ) from None
        sent.append(name)
        write_text(record, json.dumps(sent, ensure_ascii=False, indent=1))
        count += 1
    return count


def _recipients(settings: Settings, pack: Written) -> list[str]:
    mail_to = settings.pack.mail_to
    if pack.kind == "company":
        return mail_to.company
    return {"teams": mail_to.teams, "managers": mail_to.managers}[pack.kind].get(pack.key, [])


def _message(pack: Written, recipients: list[str]) -> EmailMessage:
    """Headlines as text, the pack's files attached."""
    message, title = EmailMessage(), pack.content.month.title(pack.content.words)
    # A name that the CRM gave a team may hold line breaks, which no header takes.
    message["Subject"] = " ".join(title.split())
    message["To"] = ", ".join(recipients)
    message.set_content("\n".join([title, "", *_lines(pack.content)]))
    for file in pack.files:
        _attach(message, file)
    return message


def _lines(content: Content) -> list[str]:
    words = content.words
    against = words.text("against_month")
    return [
        f"{words.column(value.headline.label)}: {value.shown(value.month, words)} "
        f"({value.shown_change(value.change, words)} {against})"
        for value in content.headlines
    ]


def _attach(message: EmailMessage, path: Path) -> None:
    kind, _ = mimetypes.guess_type(path.name)
    main, _, sub = (kind or "application/octet-stream").partition("/")
    message.add_attachment(path.read_bytes(), maintype=main, subtype=sub, filename=path.name)
