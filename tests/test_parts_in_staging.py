"""Rows of two parts stand on the same lines; staging and quarantine keep them apart."""

from tests.conftest import Installation
from tests.samples import write_config
from tests.sheets import COLUMNS

LOAD = "20261102T001000Z"


def test_rows_on_the_same_line_of_two_parts_are_two(installation: Installation) -> None:
    config = write_config(installation.home, '[sources.sheets]\ncrm = "files"\n\n')
    installation.variables["CRM_MARTS_CONFIG"] = str(config)
    folder = installation.raw / "sheets" / LOAD
    folder.mkdir(parents=True)
    for number, manager in enumerate(("bob", "eve"), start=1):
        good = f"{manager},2026-10-05,2026-10-09,"
        lines = [COLUMNS, f"ann,day {number},2026-10-09,ill", "broken", good]
        (folder / f"absences.{number}.csv").write_text("\n".join(lines), encoding="utf-8")
    installation.build("2026-10")
    with installation.canonical() as db:
        rows = db.execute(
            "select file_name, line_number, reason from quarantine order by 1, 2"
        ).fetchall()
        absences = db.execute("select manager_id from absences order by 1").fetchall()
    assert rows == [
        (f"absences.{part}.csv", line, reason)
        for part in (1, 2)
        for line, reason in (
            (2, "absent_from is not a date"),
            (3, "broken line: 1 cells where the header has 4"),
        )
    ]
    assert absences == [("bob",), ("eve",)]
