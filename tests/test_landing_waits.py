"""A load that is still being delivered waits, and with it the later ones of its source."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.close.status import status_lines
from orchestration.errors import CrmMartsError
from orchestration.raw import compare, landing
from orchestration.raw.declared import RawTable
from orchestration.raw.landing import LandedLoad, land, landed_loads
from orchestration.raw.raw_file import RawFile
from orchestration.settings import Source
from tests.crm_files import small_settings
from tests.sheets import ANN, BOB, FIRST, SECOND, THIRD, Sheets


@pytest.fixture
def settling(sheets: Sheets) -> Sheets:
    """Loads without a manifest are whole when nothing changed for a minute."""
    return Sheets(sheets.settings.model_copy(update={"settle_seconds": 60}))


def grow_old(folder: Path, seconds: float) -> None:
    """Say that a load and its files were last modified so long ago."""
    for path in [*folder.iterdir(), folder]:
        os.utime(path, (time.time() - seconds,) * 2)


def ids(loads: list[LandedLoad]) -> list[str]:
    return [load.load_id.removeprefix("sheets/") for load in loads]


def test_a_load_settles_or_has_a_manifest(settling: Sheets) -> None:
    path = settling.deliver(FIRST, ANN)
    grow_old(path.parent, 50)
    assert settling.land() == []
    since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    assert settling.reported == [
        f"load sheets/{FIRST} waits: it has no _load.json, and settles for 60 seconds, "
        f"since {since:%Y-%m-%d %H:%M:%S} UTC"
    ]
    grow_old(path.parent, 70)
    assert ids(settling.land()) == [FIRST]
    settling.deliver(SECOND, ANN, complete=None)
    assert ids(settling.land()) == [SECOND]


def test_a_file_among_old_ones_is_news(settling: Sheets) -> None:
    folder = settling.deliver(FIRST, ANN).parent
    grow_old(folder, 70)
    os.utime(folder / "absences.csv")
    assert settling.land() == []
    grow_old(folder, 70)
    os.utime(folder)  # a file was taken away, or renamed
    assert settling.land() == []
    # A copy may carry a time to come; when it was written still says whether it settles.
    grow_old(folder, -3_600)
    assert settling.land() == []
    assert ids(land(settling.settings.model_copy(update={"settle_seconds": 0}))) == [FIRST]


@pytest.mark.parametrize("suffix", ["part", "partial", "tmp", "filepart", "crdownload"])
def test_an_unfinished_file_says_more_than_the_manifest(sheets: Sheets, suffix: str) -> None:
    folder = sheets.deliver(FIRST, ANN, complete=True).parent
    unfinished = sheets.deliver_file(f"contact_plans.csv.{suffix}", "plan_id,")
    assert sheets.land() == []
    (line,) = sheets.reported
    assert f"waits: contact_plans.csv.{suffix} is being delivered, since 20" in line
    unfinished.unlink()
    assert ids(sheets.land()) == [folder.name]


@pytest.mark.parametrize("names", [[], ["_notes.txt"], ["_load.json"]])
def test_an_empty_load_waits(sheets: Sheets, names: list[str]) -> None:
    for name in names:
        sheets.deliver_file(name, "")
    folder = sheets.folder(FIRST)
    grow_old(folder, 10_000)
    assert sheets.land() == []
    assert f"load sheets/{FIRST} waits: it is empty, since" in sheets.reported[0]


def test_later_loads_of_the_source_wait_behind(tmp_path: Path) -> None:
    settings = small_settings(tmp_path, sheets=Source(crm="files"), plans=Source(crm="files"))
    sheets = Sheets(settings)
    for load in (FIRST, SECOND, THIRD):
        sheets.deliver(load, ANN)
    sheets.deliver_file("absences.csv.part", "", load=SECOND)
    other = settings.raw_dir / "plans" / THIRD
    other.mkdir(parents=True)
    (other / "absences.csv").write_text((sheets.folder() / "absences.csv").read_text())
    assert [load.load_id for load in sheets.land()] == [f"sheets/{FIRST}", f"plans/{THIRD}"]
    assert [line for line in sheets.reported if "waits" in line][1:] == [
        f"load sheets/{THIRD} waits: sheets/{SECOND} comes before it and is not whole yet"
    ]
    (sheets.folder(SECOND) / "absences.csv.part").unlink()
    assert ids(sheets.land()) == [SECOND, THIRD]


def test_a_load_that_does_not_say_its_time_yet_keeps_all_waiting(settling: Sheets) -> None:
    settling.deliver("october", ANN)
    settling.deliver(FIRST, ANN, complete=True)
    assert settling.land() == []
    settling.folder("october", extracted_at="2026-10-15")
    assert ids(settling.land()) == [FIRST, "october"]


def test_a_landed_load_waits_for_nothing(settling: Sheets) -> None:
    folder = settling.deliver(FIRST, ANN, complete=True).parent
    settling.land()
    (folder / "_load.json").unlink()
    settling.deliver(SECOND, BOB, complete=True)
    assert ids(settling.land()) == [SECOND]


def test_status_names_what_waits(settling: Sheets) -> None:
    settling.deliver(FIRST, ANN)
    lines = list(status_lines(settling.settings))
    assert lines[0] == "source sheets: no load landed yet"
    assert lines[1].startswith(f"  load sheets/{FIRST} waits: it has no _load.json")


@pytest.mark.parametrize("grows", [True, False])
def test_a_file_changed_while_it_is_read_is_refused(
    sheets: Sheets, monkeypatch: pytest.MonkeyPatch, grows: bool
) -> None:
    path = sheets.deliver(FIRST, ANN)
    read = compare.read_delivered

    def disturbed(db: object, table: RawTable, parts: list[RawFile]) -> object:
        delivered = read(db, table, parts)
        path.write_text(path.read_text() + (BOB if grows else ""))
        os.utime(path, ns=(0, path.stat().st_mtime_ns + (0 if grows else 1)))
        return delivered

    monkeypatch.setattr(landing, "read_delivered", disturbed)
    with pytest.raises(CrmMartsError, match=r"absences\.csv: the file was changed while it was"):
        sheets.land()
    assert landed_loads(sheets.settings) == []
    assert not list(sheets.settings.history_dir.rglob("*.p*"))
