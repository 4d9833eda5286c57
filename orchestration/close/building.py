"""The marts being built: months side by side, all by one version of the models."""

from orchestration.close.edition import code_version
from orchestration.settings import Settings


def forget_other_code(settings: Settings) -> None:
    """Remove marts that another version of the models built; editions hold what they showed.

    Their tables keep that version's columns, types and constraints, which would round or refuse
    the rows of the present one.
    """
    built = settings.building_db
    stamp, version = built.with_suffix(".version"), code_version()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == version:
        return
    for path in (built, built.with_suffix(".duckdb.wal")):
        path.unlink(missing_ok=True)
    built.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(version, encoding="utf-8")
