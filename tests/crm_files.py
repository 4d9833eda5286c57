"""Writes small loads for tests, and the settings that read them."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from orchestration.raw.declared import declared_tables
from orchestration.settings import Settings, Source
from tests.samples import Rows, write_config, write_csv

PARTNERS, USERS = "Catalog_Партнеры", "Catalog_Пользователи"
MEETINGS, PARTICIPANTS = "Document_Встреча", "Document_Встреча_Участники"
CALLS, LETTERS = "Document_ТелефонныйЗвонок", "Document_ЭлектронноеПисьмоИсходящее"

# A manager and her client, from whom small companies begin.
ONE_CLIENT: dict[str, Rows] = {
    USERS: [{"Ref_Key": "anna", "Description": "Анна Каренина"}],
    PARTNERS: [
        {
            "Ref_Key": "romashka",
            "Description": "Ромашка",
            "Клиент": "true",
            "ДатаРегистрации": "2026-01-12T09:00:00",
            "ОсновнойМенеджер_Key": "anna",
        }
    ],
}


@cache
def project_settings() -> Settings:
    """The settings as they stand in the project's file."""
    return Settings()  # type: ignore[call-arg]


def small_settings(home: Path, **sources: Source) -> Settings:
    """Return the project's settings with these sources only and all folders below `home`."""
    folders = {"raw_dir": home / "raw", "data_dir": home / "data"}
    own = {**folders, "settle_seconds": 0, "sources": sources}
    return project_settings().model_copy(update=own)


def settings_environment(home: Path, sources: str) -> dict[str, str]:
    """Write a settings file with these TOML blocks of sources; the environment that names it."""
    return {
        "CRM_MARTS_CONFIG": str(write_config(home, sources)),
        "CRM_MARTS_RAW_DIR": str(home / "raw"),
        "CRM_MARTS_DATA_DIR": str(home / "data"),
        "CRM_MARTS_SETTLE_SECONDS": "0",
        "CRM_MARTS_PACK__AT_CLOSE": "false",
    }


def write_onec_load(folder: Path, tables: Mapping[str, Rows], *, complete: bool = True) -> None:
    """Write every table of 1C:CRM, of a header alone where no rows are given."""
    folder.mkdir(parents=True)
    for table in declared_tables("onec").values():
        write_csv(folder / f"{table.name}.csv", table.columns, tables.get(table.name, []))
    (folder / "_load.json").write_text(json.dumps({"complete": complete}), encoding="utf-8")
