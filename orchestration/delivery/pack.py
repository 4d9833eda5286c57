"""The monthly pack: what a head of sales opens on the second of the month.

<packs_dir>/<month>/edition-<n>/ has report.html, report.xlsx, report.pdf, a workbook per manager in
registers/, and the same for each team in teams/<team>/ and each manager in managers/<manager>/
where the settings ask for them. `pack.json` says of which editions it was made.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.close.period import Month
from orchestration.delivery.content import Content, content_of
from orchestration.delivery.printed import write_printed
from orchestration.delivery.published_month import Audience, PublishedMonth, published_month
from orchestration.delivery.registers import file_names, write_registers
from orchestration.delivery.report import write_report
from orchestration.delivery.words import Words
from orchestration.delivery.workbook import write_workbook
from orchestration.durable import new_folder
from orchestration.errors import CrmMartsError
from orchestration.settings import Settings

WORKBOOK, REPORT, PRINTED = "report.xlsx", "report.html", "report.pdf"
REGISTERS, MADE_OF = "registers", "pack.json"


@dataclass(frozen=True)
class Written:
    """A pack that was written: for whom (`company`, `teams` or `managers`, and which of them)."""

    kind: str
    key: str
    content: Content
    folder: Path

    @property
    def files(self) -> list[Path]:
        """The files for people, but the registers."""
        return [self.folder / name for name in (REPORT, PRINTED, WORKBOOK)]

    @property
    def registers(self) -> list[Path]:
        """A register per manager."""
        return sorted((self.folder / REGISTERS).iterdir())


def write_pack(settings: Settings, month: Month) -> list[Written]:
    """Write the packs of a month as readers see it, that of the whole company first.

    An edition's pack is written anew when it is asked for again. Raises CrmMartsError when the
    month is not published, or the settings name a team or manager that there is not.
    """
    words = Words(settings.pack.language)
    with published_month(settings, month) as published:
        final = settings.pack_dir(str(month), published.edition)
        with new_folder(final, replaces=True) as folder:
            folder.chmod(0o700)  # before anything in it names a client
            written = list(_write_all(published, words, folder))
            made_of = dict(published.db.execute("select month, edition from editions").fetchall())
            (folder / MADE_OF).write_text(json.dumps({"editions": made_of}, indent=1))
            for path in folder.rglob("*"):
                path.chmod(0o700 if path.is_dir() else 0o600)
    return [replace(one, folder=final / one.folder.relative_to(folder)) for one in written]


def _write_all(month: PublishedMonth, words: Words, folder: Path) -> Iterator[Written]:
    before = _shown_before(month)
    whole = content_of(month, words, before)
    _write(whole, folder)
    registers = write_registers(month, words, folder / REGISTERS)
    yield Written("company", "", whole, folder)
    for kind, audiences in _audiences(month).items():
        names = file_names({key: audience.name for key, audience in audiences.items()})
        for key, audience in audiences.items():
            content = content_of(month.of(audience), words, before)
            if content.is_empty:
                continue
            place = folder / kind / names[key]
            (place / REGISTERS).mkdir(parents=True)
            _write(content, place)
            for manager in sorted((audience.managers or frozenset()) & registers.keys()):
                shutil.copy2(registers[manager], place / REGISTERS)
            yield Written(kind, key, content, place)


def _write(content: Content, folder: Path) -> None:
    write_report(content, folder / REPORT)
    write_printed(content, folder / PRINTED)
    write_workbook(content, folder / WORKBOOK)


def _audiences(month: PublishedMonth) -> dict[str, dict[str, Audience]]:
    """Teams and managers that the settings ask for, by key."""
    pack, people = month.settings.pack, month.managers()
    teams: dict[str, Audience] = {}
    for team in sorted({team for _, team in people.values() if team}):
        members = frozenset(key for key, (_, of) in people.items() if of == team)
        teams[team] = Audience(team, members)
    managers = {key: Audience(name, frozenset([key])) for key, (name, _) in people.items()}
    found = {}
    for kind, known, is_for_each, mail_to in (
        ("teams", teams, pack.per_team, pack.mail_to.teams),
        ("managers", managers, pack.per_manager, pack.mail_to.managers),
    ):
        unknown = sorted(mail_to.keys() - known.keys())
        if unknown:
            raise CrmMartsError(
                f"there is nobody of the name {', '.join(unknown)} among the {kind}",
                place=f"[pack.mail_to] {kind} in crm_marts.toml",
                remedy=f"Known are: {', '.join(known) or 'none'}.",
            )
        found[kind] = known if is_for_each else {key: known[key] for key in mail_to}
    return found


def _shown_before(month: PublishedMonth) -> dict[str, int]:
    """Editions of closed months that the newest pack of the month before was made of."""
    packs = sorted(
        (month.settings.packs_dir / str(month.month.previous())).glob(f"edition-*/{MADE_OF}"),
        key=lambda path: path.stat().st_mtime_ns,
    )
    if not packs:
        return {}
    found: dict[str, int] = json.loads(packs[-1].read_text())["editions"]
    return found
