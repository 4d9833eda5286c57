"""A mail server on this machine, which keeps what it is sent."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

from orchestration.settings import Alerts


class Mails:
    """Handler of the mail server: keeps what arrives."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[tuple[Alerts, Mails]]:
    """A mail server on this machine, and the settings that name it."""
    handler = Mails()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield (
            Alerts(mail_to=["head@example.com"], smtp_host="127.0.0.1", smtp_port=port),
            handler,
        )
    finally:
        server.stop()
