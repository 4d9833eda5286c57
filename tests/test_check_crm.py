"""The conformance kit names each fault of a source's loads and the remedy; a sound one passes."""

import re
from pathlib import Path

import pytest

from orchestration.checks.conformance import NEEDS, REPORTS
from orchestration.settings import DBT_DIR
from tests.conftest import Installation
from tests.crm_files import CALLS, MEETINGS, PARTICIPANTS, PARTNERS, USERS, settings_environment
from tests.dolibarr_samples import SHOP, deliver
from tests.samples import write_config, write_load

SOURCE = """[sources.office]
crm = "onec"
timezone = "Europe/Moscow"
characteristics = {loyalty = {column = "Лояльность"}}

"""
ANN = {"Ref_Key": "ann", "Description": "Анна"}
BOB = {"Ref_Key": "bob", "Description": " "}
CLIENT = {"Description": "Магазин", "Клиент": "true", "ОсновнойМенеджер_Key": "ann"}
POSITION = "ДолжностьПоВизитке"
PERSONS = "Catalog_КонтактныеЛицаПартнеров"
DONE = {"Date": "2026-10-05T10:00:00", "Ответственный_Key": "ann", "Состояние": "Завершено"}
FAULTY = {
    USERS: [ANN, BOB],
    PARTNERS: [
        {**CLIENT, "Ref_Key": "a", "ОбъединенС_Key": "b", "ДатаОбъединения": "2026-10-01T00:00:00"},
        {**CLIENT, "Ref_Key": "b", "ОбъединенС_Key": "a", "ДатаОбъединения": "2026-10-02T00:00:00"},
        {**CLIENT, "Ref_Key": "c", "ДатаРегистрации": "2027-05-01T00:00:00"},
        {**CLIENT, "Ref_Key": "d"},
    ],
    PERSONS: [{"Ref_Key": "p", "Description": "Ева", "Owner_Key": "d", POSITION: "Маг"}],
    MEETINGS: [
        {
            **DONE,
            "Ref_Key": "m1",
            "ВидВзаимодействия": "Тайная вечеря",
            "ФактическоеНачало": "2026-10-05T10:00:00",
            "ФактическоеОкончание": "2026-10-05T09:00:00",
            "Результат": "Ничья",
        },
        {**DONE, "Ref_Key": "m2", "Состояние": "Почти"},
    ],
    CALLS: [
        {
            **DONE,
            "Ref_Key": "k1",
            "ВидВзаимодействия": "Консультация",
            "АбонентКонтакт": "stranger",
            "АбонентКонтакт_Type": "StandardODATA.Catalog_Партнеры",
        }
    ],
}
# By check: what the kit says of the faulty company.
FAULTS = {
    "types mapped": ("FIX", "Тайная вечеря: 1 rows, such as office:m1", "interaction_types.csv"),
    "statuses mapped": (
        "look",
        f"office/{MEETINGS}: Состояние is unknown: 1 rows, such as {MEETINGS}.csv line 3",
        "interaction_statuses.csv",
    ),
    "results mapped": ("look", "Ничья: 1 rows, such as office:m1", "interaction_results.csv"),
    "positions mapped": ("look", "Маг: 1 rows, such as office:p", "positions.csv"),
    "references": (
        "look",
        "interactions.dangling_client_id not in clients: 1 rows, such as office:stranger",
        "Export the tables that hold these rows whole",
    ),
    "times": (
        "look",
        "interactions.actual_end_at before actual_start_at: 1 rows, such as office:m1",
        "a wrong time zone of the source",
    ),
    "merges": (
        "FIX",
        "clients that are merged in a circle: 2 rows, such as office:a, office:b",
        "Undo one of the merges",
    ),
    "characteristic loyalty of office: 0 values": ("look", "", "really named 'Лояльность'"),
    "quarantined share": ("FIX", "quarantine", "crm-marts quarantine"),
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the kit prints of the faulty company, in which no quarantined row is allowed."""
    home = tmp_path_factory.mktemp("faulty")
    office = Installation(home, settings_environment(home, SOURCE))
    write_load(office.raw, "office", "2026-11-02T00:10:00Z", FAULTY, crm="onec")
    checked = office.run("check-crm", "onec", CRM_MARTS_CHECKS__QUARANTINE_BLOCK_ROWS="0")
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert not (office.data / "warehouse").exists()  # the warehouse is left alone
    return checked.stdout


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_named_with_its_rows_and_remedy(faulty: str, name: str) -> None:
    state, detail, remedy = FAULTS[name]
    title = rf"^  {state} +{name}(?: \(.*?\))?(?:, .*)?\n"
    [lines] = re.findall(rf"{title}((?:       .*\n)+)", faulty, re.M)
    assert detail in lines
    assert remedy in lines


def test_the_delivery_adds_up(faulty: str) -> None:
    assert f"  office/{MEETINGS}: 2 = 0 + 1 + 0 + 1\n" in faulty
    assert f"  office/{USERS}: 2 = 0 + 1 + 0 + 1\n" in faulty
    assert f"  quarantined in office/{USERS}: 1 x Description is empty\n" in faulty
    assert re.search(r"^  ok   delivery identity$", faulty, re.M)


def test_reports_say_why_they_are_empty(faulty: str) -> None:
    assert "Reports of 2026-10" in faulty
    assert re.search(r"empty  rpt_plan_fulfilment: contact_plans is empty: the plan is", faulty)
    assert re.search(r"partly rpt_interaction_kpis: \d+ rows; no call has a talk time", faulty)
    assert re.search(r"filled rpt_contact_persons: \d+ rows", faulty)


def test_the_last_line_says_what_to_do(faulty: str) -> None:
    to_fix = "quarantined share, types mapped (1 of 2, 50.0%), merges"
    assert f"\nTo fix before a close: {to_fix}.\n" in faulty
    assert "would hold" not in faulty


def test_a_circle_of_merges_is_refused_by_the_close(tmp_path: Path) -> None:
    office = Installation(tmp_path, settings_environment(tmp_path, SOURCE))
    merged = {PARTNERS: FAULTY[PARTNERS], USERS: [ANN]}
    write_load(office.raw, "office", "2026-11-02T00:10:00Z", merged, crm="onec")
    closed = office.run("close", "2026-10")
    assert closed.returncode == 1, closed.stdout + closed.stderr
    assert "merges_form_no_cycle" in closed.stderr
    assert "nothing was published" in closed.stderr


def test_a_sound_source_passes(tmp_path: Path) -> None:
    shop = Installation(tmp_path, {"CRM_MARTS_CONFIG": str(write_config(tmp_path, SHOP))})
    deliver(shop.raw, "csv_v9.0.0", "2018-07-15T00:00:00Z")
    checked = shop.run("check-crm", "dolibarr")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Reports of 2018-06" not in checked.stdout  # nothing was done in June
    assert checked.stdout.endswith("A close of these loads would hold.\n")


def test_reports_and_needs_are_those_of_the_project() -> None:
    reports = {path.stem for path in (DBT_DIR / "models" / "marts").rglob("rpt_*.sql")}
    assert set(REPORTS) == reports
    assert {need for needed, wanted in REPORTS.values() for need in needed + wanted} == set(NEEDS)


@pytest.mark.parametrize(
    ("crm", "problem", "remedy"),
    [
        ("dolibarr", "crm_marts.toml has no source of crm 'dolibarr'", "Add a block [sources."),
        ("outlook", "there is no folder models/staging/outlook", "docs/add-a-crm.md"),
        ("onec", "source office has no folder", "Deliver its loads there"),
    ],
)
def test_what_cannot_be_checked(tmp_path: Path, crm: str, problem: str, remedy: str) -> None:
    office = Installation(tmp_path, settings_environment(tmp_path, SOURCE))
    refused = office.run("check-crm", crm)
    assert refused.returncode == 2
    assert problem in refused.stderr
    assert remedy in refused.stderr
    assert PARTICIPANTS not in refused.stderr
