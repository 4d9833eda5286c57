"""The monthly pack: what a head of sales opens on the second of the month."""

from pathlib import Path

from orchestration.close.period import Month
from orchestration.delivery.published_month import published_month
from orchestration.delivery.report import write_report
from orchestration.delivery.words import Words
from orchestration.delivery.workbook import write_workbook
from orchestration.durable import new_folder
from orchestration.settings import Settings

WORKBOOK, REPORT = "report.xlsx", "report.html"


def write_pack(settings: Settings, month: Month) -> Path:
    """Write the pack of a month as readers see it; the folder of its edition.

    An edition's pack is written anew when it is asked for again. Raises CrmMartsError when the
    month is not published.
    """
    words = Words(settings.pack.language)
    with published_month(settings, month) as published:
        final = settings.packs_dir / str(month) / f"edition-{published.edition}"
        with new_folder(final, replaces=True) as folder:
            folder.chmod(0o700)  # before anything in it names a client
            write_report(published, words, folder / REPORT)
            write_workbook(published, words, folder / WORKBOOK)
            for path in folder.iterdir():
                path.chmod(0o600)
    return final
