"""E-mails of the demo: letters in and out, and mass mailings."""

from datetime import datetime, timedelta

from orchestration.demo.clients import Client
from orchestration.demo.company import Manager
from orchestration.demo.journal import Journal, Pair
from orchestration.demo.record import EMPTY_DATE, PARTNER, reference, stamp
from orchestration.demo.season import clock, working_day

INCOMING = "Document_ЭлектронноеПисьмоВходящее"
OUTGOING = "Document_ЭлектронноеПисьмоИсходящее"
DRAFT_SHARE = 0.02
BATCH = 6


def receive_letter(journal: Journal, pair: Pair, at: datetime) -> None:
    """A letter from the client; seldom from an address that nobody knows."""
    key, key_type = journal.party(pair.client, at, unknown=0.04)
    record = journal.add(
        INCOMING,
        at + timedelta(seconds=journal.rng.randrange(30, 1200)),
        pair.manager,
        "mail_in",
        ДатаПолучения=stamp(at),
        ОтправительКонтакт=key,
        ОтправительКонтакт_Type=key_type,
    )
    del record.row["Автор_Key"]


def send_letter(journal: Journal, pair: Pair, at: datetime, subject: str = "mail_out") -> None:
    """A letter to the client or one of its persons; a few remain drafts."""
    rng = journal.rng
    draft = rng.random() < DRAFT_SHARE
    queued = not draft and rng.random() < 0.01
    sent = EMPTY_DATE if draft or queued else stamp(at + timedelta(minutes=rng.randrange(1, 40)))
    record = journal.add(
        OUTGOING,
        at,
        pair.manager,
        subject,
        ДатаОтправления=sent,
        СтатусПисьма="Черновик" if draft else "Исходящее" if queued else "Отправлено",
        МассоваяРассылка=False,
    )
    record.lines = [reference(1, *journal.party(pair.client, at))]


def send_mailing(
    journal: Journal, clients: list[Client], manager: Manager, month: datetime
) -> None:
    """One month's mailing: a letter for each important client, one for several others."""
    day = working_day(month + timedelta(days=journal.rng.randrange(6, 18)))
    at = clock(journal.rng, day)
    single = [client for client in clients if client.grade != "C"]
    others = [client for client in clients if client.grade == "C"]
    groups = [[client] for client in single]
    groups += [others[index : index + BATCH] for index in range(0, len(others), BATCH)]
    for index, group in enumerate(groups):
        written = at + timedelta(seconds=7 * index)
        record = journal.add(
            OUTGOING,
            written,
            manager,
            "mailing",
            ДатаОтправления=stamp(written + timedelta(minutes=30)),
            СтатусПисьма="Отправлено",
            МассоваяРассылка=True,
        )
        record.lines = [
            reference(line, client.key, PARTNER) for line, client in enumerate(group, start=1)
        ]
