"""Unusable rows end up in quarantine with file, line and reason; doubtful ones live on."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.close.period import Month, run_period, write_run_period
from orchestration.errors import CrmMartsError
from orchestration.raw.landing import land, landed_loads
from orchestration.settings import PROJECT_DIR, STAGING_DIR, Settings, Source
from tests.crm_files import (
    CALLS,
    LETTERS,
    MEETINGS,
    PARTICIPANTS,
    PARTNERS,
    USERS,
    settings_environment,
    small_settings,
    write_onec_load,
)

SOURCE = '[sources.demo]\ncrm = "onec"\ntimezone = "Europe/Moscow"\n\n'
OCTOBER = Month(2026, 10)
SEPTEMBERS, OCTOBERS = "20261002T001000Z", "20261102T001000Z"  # loads that close these months
BUILD = """
import json, sys
from orchestration.dbt import run_dbt
from orchestration.settings import Settings
outcome = run_dbt(Settings(), json.loads(sys.argv[1]))
errors = [f"{r.node.name}: {r.message}" for r in outcome.result or [] if r.status == "error"]
if errors or outcome.result is None:
    sys.exit("; ".join(errors) or str(outcome.exception))
print(json.dumps({r.node.name: str(r.status) for r in outcome.result}))
"""

CLIENT = "StandardODATA.Catalog_Партнеры"
ANN = {"Ref_Key": "ann", "Description": "Анна"}
NAMELESS = {"Ref_Key": "nameless", "Description": " "}
SHOP = {
    "Ref_Key": "shop",
    "Description": "Магазин",
    "Клиент": "true",
    "ДатаРегистрации": "2026-01-01T00:00:00",
}
ODD_SHOP = SHOP | {"Ref_Key": "odd", "ДатаРегистрации": "вчера"}
SOUND = {
    "Ref_Key": "sound",
    "Date": "2026-09-20T10:00:00",
    "Состояние": "Запланировано",
    "Ответственный_Key": "ann",
    "Автор_Key": "ann",
}
NO_DAY = SOUND | {"Ref_Key": "no day", "Date": "2026-09-31T10:00:00"}
NO_STATE = SOUND | {"Ref_Key": "no state", "Состояние": "Отложено"}
NO_KEY = SOUND | {"Ref_Key": "00000000-0000-0000-0000-000000000000"}
TWO_FAULTS = SOUND | {"Ref_Key": "two faults", "Состояние": "", "Срок": "01/10/2026"}
DANGLING = SOUND | {"Ref_Key": "dangling", "Ответственный_Key": "ghost", "Автор_Key": "phantom"}
EDITED = SOUND | {"Ref_Key": "edited"}
LETTER = {"Ref_Key": "letter", "Date": "2026-09-20T10:00:00", "СтатусПисьма": "Потеряно"}
CALL = SOUND | {"Ref_Key": "call"}


def place(meeting: str, client: str, line: str = "1") -> dict[str, str]:
    return {"Ref_Key": meeting, "LineNumber": line, "Контакт": client, "Контакт_Type": CLIENT}


NO_NUMBER = place("sound", "shop", "I")
SEPTEMBER = {
    USERS: [ANN, NAMELESS],
    PARTNERS: [SHOP, ODD_SHOP],
    MEETINGS: [
        *(SOUND, NO_DAY, NO_STATE, NO_KEY, TWO_FAULTS, DANGLING),
        *(SOUND, EDITED | {"Тема": "Раз"}, EDITED | {"Тема": "Два"}),
    ],
    PARTICIPANTS: [place("sound", "shop"), place("dangling", "stranger"), NO_NUMBER],
    LETTERS: [LETTER],
    CALLS: [CALL],
}
# A month later: the date and the broken line are mended, the row without a key is gone.
LATER = SEPTEMBER | {
    PARTNERS: [SHOP, ODD_SHOP | {"ДатаРегистрации": "2026-09-01T00:00:00"}],
    MEETINGS: [SOUND, NO_DAY | {"Date": "2026-09-30T10:00:00"}, NO_STATE, TWO_FAULTS, DANGLING],
}
BROKEN_CALL = 'two calls, "of one line'


@dataclass(frozen=True)
class Project:
    """A project of its own below `home`: settings file, drop folder and data folder."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return settings_environment(self.home, SOURCE)

    @property
    def settings(self) -> Settings:
        return small_settings(self.home, demo=Source(crm="onec", timezone="Europe/Moscow"))

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Python in a process of its own: dbt-duckdb keeps the first database it opened."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=PROJECT_DIR,
            env={**os.environ, **self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def dbt(self, *arguments: str, **variables: str) -> dict[str, str]:
        """Status of each node that a dbt command ran."""
        done = self.run("-c", BUILD, json.dumps(arguments), **variables)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        statuses: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        return statuses


@dataclass(frozen=True)
class Built:
    """The bad loads, landed and built up to the canonical layer."""

    statuses: dict[str, str]
    strict_statuses: dict[str, str]
    db: duckdb.DuckDBPyConnection

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self.db.execute(sql).fetchall()
        return rows


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("bad_input"))


@pytest.fixture(scope="module")
def built(project: Project) -> Iterator[Built]:
    settings = project.settings
    for load, tables in ((SEPTEMBERS, SEPTEMBER), (OCTOBERS, LATER)):
        folder = settings.raw_dir / "demo" / load
        write_onec_load(folder, tables)
        if load == SEPTEMBERS:
            with (folder / f"{CALLS}.csv").open("a", encoding="utf-8") as file:
                file.write(f"{BROKEN_CALL}\n")
    land(settings)
    write_run_period(settings, run_period(settings, OCTOBER, landed_loads(settings)))
    statuses = project.dbt(
        *("build", "--select", "+path:models/canonical", "--indirect-selection", "buildable")
    )
    strict = project.dbt(
        *("test", "--select", "quarantined_share_is_small"),
        CRM_MARTS_CHECKS__QUARANTINE_BLOCK_ROWS="1",
    )
    with duckdb.connect() as db:
        db.execute("set TimeZone = 'UTC'")
        db.execute(f"attach '{settings.work_db}' as work (read_only)")
        db.execute("use work.canonical")
        yield Built(statuses, strict, db)


@pytest.mark.parametrize(
    ("table", "line", "reason", "row", "has_left"),
    [
        pytest.param(USERS, 3, "Description is empty", NAMELESS, False, id="no name"),
        pytest.param(PARTNERS, 3, "ДатаРегистрации is not a date", ODD_SHOP, True, id="no date"),
        pytest.param(MEETINGS, 3, "Date is not a date", NO_DAY, True, id="no day of the calendar"),
        pytest.param(MEETINGS, 4, "Состояние is unknown", NO_STATE, False, id="unknown state"),
        pytest.param(MEETINGS, 5, "Ref_Key is empty", NO_KEY, True, id="missing key"),
        pytest.param(
            MEETINGS,
            6,
            "Состояние is unknown; Срок is not a date",
            TWO_FAULTS,
            False,
            id="every reason",
        ),
        pytest.param(
            MEETINGS, 9, "duplicate key", EDITED | {"Тема": "Раз"}, True, id="duplicate key"
        ),
        pytest.param(
            PARTICIPANTS, 4, "LineNumber is not a number", NO_NUMBER, False, id="no number"
        ),
        pytest.param(LETTERS, 2, "СтатусПисьма is unknown", LETTER, False, id="unknown status"),
    ],
)
def test_unusable_row_is_in_quarantine(  # noqa: PLR0913, PLR0917
    built: Built, table: str, line: int, reason: str, row: dict[str, str], has_left: bool
) -> None:
    ((load_id, file, why, raw, left_at),) = built.query(
        f"""select load_id, file_name, reason, raw_row, left_at::varchar from quarantine
            where table_name = '{table}' and line_number = {line}"""
    )
    assert (load_id, file, why) == (f"demo/{SEPTEMBERS}", f"{table}.csv", reason)
    assert {name: cell for name, cell in json.loads(raw).items() if cell} == {
        name: cell for name, cell in row.items() if cell
    }
    assert left_at == ("2026-11-02 00:10:00" if has_left else None)


def test_broken_line_is_in_quarantine_as_it_stands(built: Built) -> None:
    assert built.query(
        f"""select file_name, line_number, reason, raw_row, left_at::varchar from quarantine
            where table_name = '{CALLS}'"""
    ) == [
        (
            f"{CALLS}.csv",
            3,
            "broken line: 2 cells where the header has 20",
            BROKEN_CALL,
            "2026-11-02 00:10:00",
        )
    ]


def test_nothing_else_is_in_quarantine(built: Built) -> None:
    assert built.query("select count(*) from quarantine") == [(10,)]


def test_delivered_rows_add_up(built: Built) -> None:
    read_by = {
        match[1]: path.stem
        for path in STAGING_DIR.glob("onec/stg_*.sql")
        if (match := re.search(r"raw_versions\('onec', '(\w+)'\)", path.read_text("utf-8")))
    }
    loads = built.query(
        """select load_id, table_name, delivered_count,
               unchanged_count + exact_duplicate_count + rejected_count
           from work.staging.stg_landing__loads"""
    )
    assert len(loads) == 2 * len(read_by) == 30
    for load_id, table, delivered, not_staged in loads:
        ((staged,),) = built.query(
            f"select count(*) from work.staging.{read_by[table]} where _load_id = '{load_id}'"
        )
        assert delivered == not_staged + staged, (load_id, table)


def test_quarantined_rows_are_in_no_report(built: Built) -> None:
    assert built.query(
        "select interaction_id, created_at::varchar, is_deleted from interactions order by 1"
    ) == [
        ("demo:call", "2026-09-20 07:00:00", False),
        ("demo:dangling", "2026-09-20 07:00:00", False),
        ("demo:edited", "2026-09-20 07:00:00", True),
        ("demo:no day", "2026-09-30 07:00:00", False),
        ("demo:sound", "2026-09-20 07:00:00", False),
    ]
    assert built.query("select manager_id from managers") == [("demo:ann",)]


def test_mended_row_is_used_again(built: Built) -> None:
    assert built.query("select client_id, registered_at::varchar from clients order by 1") == [
        ("demo:odd", "2026-08-31 21:00:00"),
        ("demo:shop", "2025-12-31 21:00:00"),
    ]


def test_dangling_references_are_counted_and_the_row_lives_on(built: Built) -> None:
    assert built.query(
        """select client_id, dangling_client_id, responsible_manager_id,
               dangling_responsible_manager_id, created_by_id, dangling_created_by_id
           from interactions where interaction_id in ('demo:dangling', 'demo:sound') order by 2"""
    ) == [
        (None, "demo:stranger", None, "demo:ghost", None, "demo:phantom"),
        ("demo:shop", None, "demo:ann", None, "demo:ann", None),
    ]


def test_bad_input_warns(built: Built) -> None:
    warned = {name for name, status in built.statuses.items() if status == "warn"}
    assert {"quarantine_is_empty", "references_find_their_target"} <= warned
    assert built.statuses["quarantined_share_is_small"] == "pass"


def test_too_much_of_it_fails(built: Built) -> None:
    assert built.strict_statuses == {"quarantined_share_is_small": "fail"}


def test_a_part_is_measured_with_the_whole_before_it(tmp_path: Path) -> None:
    # Ten of a thousand rows are few; they stay so when a load brings three rows more.
    project = Project(tmp_path)
    clients = [SHOP | {"Ref_Key": f"c{n}", "Description": "Магазин"} for n in range(990)]
    broken = [SHOP | {"Ref_Key": f"b{n}", "ДатаРегистрации": "вчера"} for n in range(10)]
    folder = project.settings.raw_dir / "demo"
    write_onec_load(folder / OCTOBERS, {PARTNERS: clients + broken})
    write_onec_load(folder / "20261103T001000Z", {PARTNERS: clients[:3]}, complete=False)
    land(project.settings)
    loads = landed_loads(project.settings)
    whole = run_period(project.settings, OCTOBER, loads, loads[-1].extracted_at)
    write_run_period(project.settings, whole)
    select = ("--select", "+quarantine", "quarantined_share_is_small")
    for limit, status in (("0.02", "pass"), ("0.005", "fail")):
        found = project.dbt(
            "build",
            *select,
            *("--indirect-selection", "buildable"),
            CRM_MARTS_CHECKS__QUARANTINE_BLOCK_SHARE=limit,
        )
        assert found["quarantined_share_is_small"] == status


def test_the_command_shows_them(built: Built, project: Project) -> None:
    shown = project.run("-m", "orchestration.cli", "quarantine", "--table", MEETINGS)
    assert shown.returncode == 0, shown.stderr
    assert f"      1  demo/{MEETINGS}: Date is not a date" not in shown.stdout  # mended since
    assert f"      1  demo/{MEETINGS}: Состояние is unknown\n" in shown.stdout
    both = f"      1  demo/{MEETINGS}: Состояние is unknown; Срок is not a date\n"
    assert both in shown.stdout
    assert f"demo/{SEPTEMBERS}/{MEETINGS}.csv, line 4: Состояние is unknown\n  {{" in shown.stdout
    assert '"Ref_Key":"no state"' in shown.stdout
    assert PARTNERS not in shown.stdout
    everything = project.run("-m", "orchestration.cli", "quarantine", "--all", "--limit", "1")
    assert f"demo/{MEETINGS}: Date is not a date, 1 of them mended or gone" in everything.stdout
    assert re.search(r"\n\d+ more: --limit \d+\n$", everything.stdout)


# A month without rows.

QUIET = {USERS: [ANN], PARTNERS: [SHOP], MEETINGS: [SOUND], PARTICIPANTS: [place("sound", "shop")]}


@pytest.mark.slow
def test_month_without_rows_closes_with_a_warning(tmp_path: Path) -> None:
    project = Project(tmp_path)
    write_onec_load(project.settings.raw_dir / "demo" / OCTOBERS, QUIET)
    done = project.run("-m", "orchestration.cli", "close", str(OCTOBER))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert re.search(r"warning: .*month_has_rows \(2026-10\)", done.stdout)
    assert (project.settings.editions_dir / str(OCTOBER) / "001" / "manifest.json").exists()


def test_month_that_no_complete_load_covers_stays_open(tmp_path: Path) -> None:
    settings = Project(tmp_path).settings
    write_onec_load(settings.raw_dir / "demo" / SEPTEMBERS, QUIET)
    write_onec_load(settings.raw_dir / "demo" / OCTOBERS, {}, complete=False)
    land(settings)
    with pytest.raises(
        CrmMartsError, match="2026-10 cannot be closed: source demo has no complete"
    ):
        run_period(settings, OCTOBER, landed_loads(settings))
