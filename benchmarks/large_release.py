"""A copy of the published release whose newest month has as many interactions as are asked for."""

import shutil
import sys
from pathlib import Path

import duckdb

from orchestration.close.period import Month
from orchestration.close.release import SERVING, current_release, published_editions
from orchestration.delivery.registers import MART, REGISTER
from orchestration.settings import Settings


def large_release(settings: Settings, rows: int, folder: Path) -> tuple[Path, Month, int]:
    """Copy the release into the folder and multiply its register; its path, month and rows."""
    release = current_release(settings)
    if release is None:
        sys.exit("nothing is published yet: make run")
    month = Month.parse(max(published_editions(release)))
    large = Path(shutil.copytree(release, folder / release.name))
    with duckdb.connect(str(large / SERVING)) as db:
        db.execute(
            f"create temp table one as from marts.{MART} where close_month = ?", [month.first_day]
        )
        [(count,)] = db.execute("select count(*) from one").fetchall()
        copies = -(-rows // count)
        db.execute(f"delete from marts.{MART} where close_month = ?", [month.first_day])
        db.execute(
            f"""insert into marts.{MART}
                select report.* replace (interaction_id || '-' || copy as interaction_id)
                from one as report cross join range(?) as copies (copy)
                order by {REGISTER.order}""",
            [copies],
        )
    return large, month, copies * count
