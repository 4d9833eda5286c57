"""All settings: one documented file (crm_marts.toml), overridden by CRM_MARTS_* variables."""

import datetime
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from orchestration.named_segments import NamedSegment, PlainText, load_named_segments

PROJECT_DIR = Path(__file__).resolve().parent.parent
POSTGRES_VARIABLES = ("PGHOST", "PGUSER", "PGPASSWORD", "PGDATABASE")
SPARK_VARIABLES = ("SPARK_HOST", "SPARK_PORT", "SPARK_USER")
# The engine in this process, which needs no server: what is computed aside is computed on it.
EMBEDDED = "duckdb"
# How DuckDB writes new files of a build, which the pipeline alone reads: text is written in a fifth
# less time than in the storage that all 1.x clients read.
BUILD_STORAGE = {"storage_compatibility_version": "v1.5.0"}
# Schemas of the published relations as dbt builds them, and of all that it builds or reads.
BUILT_SCHEMAS = ("marts", "restricted")
MODEL_SCHEMAS = (
    *("run", "landing", "reference", "staging", "canonical", "intermediate", *BUILT_SCHEMAS),
)
DBT_DIR = PROJECT_DIR / "dbt_project"
STAGING_DIR = DBT_DIR / "models" / "staging"


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not an IANA time zone, such as Europe/Moscow")
    return name


def _plain_characteristic(name: str) -> None:
    if not name.isidentifier() or not name.isascii():
        raise ValueError(f"characteristic {name!r} is not a plain name like client_class")


class Strict(BaseModel):
    """Base of all blocks of the settings file: an unknown key raises."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# Characteristics that the contract has as columns of clients, each with one value at a time.
ClientColumn = Literal[
    "client_kind", "client_class", "region", "city", "industry", "source_channel"
]


class Characteristic(Strict):
    """A further column of a CRM's clients, carried as a characteristic of them."""

    column: str = Field(min_length=1)
    separator: PlainText | None = None


class Source(Strict):
    """One source system: which staging folder reads it and how its files are written."""

    crm: str
    timezone: str = "UTC"
    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    year_offset: Literal[0, 2000] = 0
    closes_on: Literal["complete", "any"] = "complete"
    characteristics: dict[str, Characteristic] = Field(default_factory=dict)

    _zone = field_validator("timezone")(_known_zone)

    @field_validator("characteristics")
    @classmethod
    def _further_names(cls, named: dict[str, Characteristic]) -> dict[str, Characteristic]:
        for name in named:
            if name in get_args(ClientColumn):
                raise ValueError(f"characteristic {name} is a column of the contract's clients")
            _plain_characteristic(name)
        return named

    @field_validator("crm")
    @classmethod
    def _has_folder(cls, crm: str) -> str:
        if crm not in known_crms():
            known = ", ".join(known_crms())
            raise ValueError(f"no staging folder for CRM {crm!r}; there is {known}")
        return crm

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            "".encode(name)
        except LookupError:
            raise ValueError(f"{name!r} is not an encoding, such as utf-8 or cp1251") from None
        return name


class Close(Strict):
    """When a month is closed, in the business time zone."""

    first_month: str = Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    day_of_month: int = Field(default=2, ge=1, le=28)
    time: datetime.time = datetime.time(6, 0)
    max_load_age_days: int = Field(default=45, ge=1)
    max_recomputed_months: int = Field(default=36, ge=1)
    grace_days: int = Field(default=3, ge=0)
    kept_releases: int = Field(default=3, ge=1)


class Alerts(Strict):
    """Who is told of a close that failed or warned; secrets come from the environment."""

    mail_to: list[str] = Field(default_factory=list)
    mail_from: str = "crm-marts@localhost"
    smtp_host: str = "localhost"
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_starttls: bool = False
    smtp_user: str = ""
    on_warnings: bool = True


SchemaName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]


class Postgres(Strict):
    """Publication to a PostgreSQL server too; the environment names the server."""

    publish: bool = False
    marts_schema: SchemaName = "marts"
    serving_schema: SchemaName = "serving"
    restricted_schema: SchemaName | Literal[""] = "restricted"

    @model_validator(mode="after")
    def _apart(self) -> "Postgres":
        names = [self.marts_schema, self.serving_schema, self.restricted_schema]
        if len(set(names)) < len(names):
            raise ValueError("marts, views and personal data need schemas of their own")
        if any(name.startswith("pg_") for name in names):
            raise ValueError("names of schemas that begin with pg_ are PostgreSQL's own")
        return self


class Recipients(Strict):
    """Mail addresses: of the whole pack, and of those of teams (by name) and managers (by id)."""

    company: list[str] = Field(default_factory=list)
    teams: dict[str, list[str]] = Field(default_factory=dict)
    managers: dict[str, list[str]] = Field(default_factory=dict)


class Pack(Strict):
    """The monthly pack: its language, whether clients stand in it by name, who gets which."""

    language: Literal["en", "ru"] = "en"
    client_names: bool = True
    at_close: bool = True
    per_team: bool = False
    per_manager: bool = False
    mail_to: Recipients = Recipients()


class Rules(Strict):
    """Thresholds that decide figures; handed to dbt as vars of the same names."""

    segment_characteristics: list[str] = Field(min_length=1, max_length=8)
    contact_person_characteristics: list[ClientColumn] = Field(max_length=6)
    growth_characteristics: list[ClientColumn | Literal["main_manager"]] = Field(max_length=7)
    talk_threshold_seconds: int = Field(ge=0)
    max_duration_minutes: int = Field(gt=0)
    active_days: int = Field(gt=0)
    active_days_by_class: dict[PlainText, PositiveInt] = Field(default_factory=dict)
    inactive_warning_days: int = Field(gt=0)
    contact_norms: Literal["off", "where no plan"]
    ranking_min_planned: int = Field(ge=1)
    ranking_min_working_days: int = Field(ge=0)
    ranking_draws: int = Field(ge=1, le=10_000)
    ranking_seed: int = Field(ge=0)

    @field_validator("contact_person_characteristics", "growth_characteristics")
    @classmethod
    def _once_each(cls, names: list[str]) -> list[str]:
        return sorted(set(names))

    @field_validator("segment_characteristics")
    @classmethod
    def _plain_names(cls, names: list[str]) -> list[str]:
        for name in names:
            _plain_characteristic(name)
        return sorted(set(names))


class Checks(Strict):
    """Thresholds that decide whether a month is published, and none of its figures."""

    unclassified_share: float = Field(ge=0, le=1)
    quarantine_block_share: float = Field(ge=0, le=1)
    quarantine_block_rows: int = Field(ge=0)
    small_table_rows: int = Field(ge=0)
    volume_drop_share: float = Field(ge=0, le=1)
    compared_months: int = Field(ge=1, le=36)
    volume_rise_share: float = Field(ge=0)
    empty_rise_share: float = Field(ge=0, le=1)
    distribution_shift_share: float = Field(ge=0, le=1)


class Settings(BaseSettings):
    """Everything that a run depends on besides raw data and code."""

    model_config = SettingsConfigDict(
        env_prefix="CRM_MARTS_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    engine: Literal["duckdb", "postgres", "spark"] = "duckdb"
    business_timezone: str
    raw_dir: Path
    data_dir: Path
    settle_seconds: int = Field(default=60, ge=0)
    memory_limit: str = Field(default="", pattern=r"^(\d+(\.\d+)? ?(MB|GB|MiB|GiB))?$")
    threads: int = Field(default=0, ge=0)
    named_segments_file: Path = PROJECT_DIR / "seeds" / "named_segments.yml"
    # Of a replay, which has a warehouse of its own; never configured.
    scratch_dir: Path | None = Field(default=None, exclude=True)
    sources: dict[str, Source] = Field(min_length=1)
    close: Close
    alerts: Alerts = Alerts()
    postgres: Postgres = Postgres()
    pack: Pack = Pack()
    rules: Rules
    checks: Checks

    _zone = field_validator("business_timezone")(_known_zone)

    @field_validator("raw_dir", "data_dir", "named_segments_file")
    @classmethod
    def _from_project(cls, path: Path) -> Path:
        if set("*?[]'") & set(str(path)):
            raise ValueError(f"the path {path} has one of *?[]' in it, which file patterns use")
        return path if path.is_absolute() else PROJECT_DIR / path

    @model_validator(mode="after")
    def _plain_source_names(self) -> "Settings":
        for name in self.sources:
            if not name.isidentifier() or not name.isascii():
                raise ValueError(f"source name {name!r} is not a plain name like head_office")
        return self

    @model_validator(mode="after")
    def _server_is_named(self) -> "Settings":
        absent = [name for name in POSTGRES_VARIABLES if name not in os.environ]
        users = {
            "engine postgres": self.engine == "postgres",
            "postgres.publish": self.postgres.publish,
        }
        for user in (name for name, is_used in users.items() if is_used):
            if absent:
                raise ValueError(f"{user} needs {', '.join(absent)} in the environment")
            if find_spec("psycopg2") is None:
                raise ValueError(
                    f"{user} needs the driver psycopg2: .venv/bin/pip install psycopg2-binary"
                )
        if self.engine == "postgres" and find_spec("dbt.adapters.postgres") is None:
            raise ValueError(
                "engine postgres needs dbt's adapter: .venv/bin/pip install 'dbt-postgres<1.12'"
            )
        return self

    @model_validator(mode="after")
    def _spark_can_be_reached(self) -> "Settings":
        if self.engine != "spark":
            return self
        if absent := [name for name in SPARK_VARIABLES if name not in os.environ]:
            raise ValueError(f"engine spark needs {', '.join(absent)} in the environment")
        if find_spec("dbt.adapters.spark") is None:
            raise ValueError(
                "engine spark needs dbt's adapter: .venv/bin/pip install 'dbt-spark[PyHive]<1.12'"
            )
        profiles = yaml.safe_load((self.dbt_project / "profiles.yml").read_text("utf-8"))
        method = profiles["crm_marts"]["outputs"]["spark"]["method"]
        if method != "thrift":
            raise ValueError(
                f"profiles.yml reaches Spark by method {method}: thrift is the one that is offered "
                "(session turns nulls into the text None)"
            )
        return self

    @model_validator(mode="after")
    def _built_apart_from_published(self) -> "Settings":
        names = self.postgres
        shown = {names.marts_schema, names.serving_schema, names.restricted_schema}
        taken = sorted(s for s in shown if s in MODEL_SCHEMAS or s.startswith(("raw_", "ends_")))
        if self.engine == "postgres" and names.publish and taken:
            raise ValueError(
                "engine postgres builds in the database that postgres.publish shows marts in: give "
                f"the publication schemas of other names than {', '.join(taken)}"
            )
        return self

    @model_validator(mode="after")
    def _readable_segments(self) -> "Settings":
        assert self.named_segments is not None  # read at once: an error belongs to the start
        return self

    @classmethod
    def settings_customise_sources(  # noqa: D102
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = Path(os.environ.get("CRM_MARTS_CONFIG", PROJECT_DIR / "crm_marts.toml"))
        if not file.is_file():
            raise FileNotFoundError(f"settings file {file} does not exist (CRM_MARTS_CONFIG)")
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)

    def beside(self, folder: Path) -> "Settings":
        """Settings under which months are computed aside, in a warehouse of its own in a folder.

        On the embedded engine, whichever builds the months that are closed: all give the same rows.
        """
        return self.model_copy(update={"scratch_dir": folder, "engine": EMBEDDED})

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.business_timezone)

    @property
    def history_dir(self) -> Path:
        """Kept raw loads: <source>/<load>/<table>.parquet with changed and gone rows."""
        return self.data_dir / "history"

    @property
    def warehouse_dir(self) -> Path:
        """The DuckDB files of the one writer, or of a replay beside it."""
        return (self.scratch_dir or self.data_dir) / "warehouse"

    @property
    def dbt_project(self) -> Path:
        """The dbt project that is run."""
        return DBT_DIR

    @property
    def reference_dir(self) -> Path:
        """The reference lists, which the dbt project loads as its seeds."""
        return self.dbt_project.parent / "seeds" / "reference"

    @property
    def dbt_dir(self) -> Path:
        """What dbt writes: the parsed project and its logs, of each engine apart."""
        return self.data_dir / ("dbt" if self.engine == EMBEDDED else f"dbt_{self.engine}")

    @property
    def restatements_dir(self) -> Path:
        """Pending restatements, each the month's next edition: <month>/<mart>.parquet."""
        return self.data_dir / "restatements"

    @property
    def history_db(self) -> Path:
        """DuckDB file with views over the kept raw loads."""
        return self.warehouse_dir / "history.duckdb"

    @property
    def work_db(self) -> Path:
        """DuckDB file of staging, canonical and intermediate relations."""
        return self.warehouse_dir / "work.duckdb"

    @property
    def built_note(self) -> Path:
        """What the work database holds of its last build; gone while that is not certain."""
        return self.work_db.with_suffix(".built.json")

    @property
    def build_plan(self) -> Path:
        """What a close builds, and from where: written when loads are landed."""
        return self.work_db.with_suffix(".plan.json")

    @property
    def building_db(self) -> Path:
        """DuckDB file of the marts being built; readers never see it."""
        return self.warehouse_dir / "building.duckdb"

    @property
    def editions_dir(self) -> Path:
        """Immutable editions: <month>/<number>/<mart>.parquet and manifest.json."""
        return self.data_dir / "editions"

    @property
    def quality_dir(self) -> Path:
        """What each month's last close said of its data: <month>.json and <month>.html."""
        return self.data_dir / "quality"

    @property
    def published_dir(self) -> Path:
        """Releases for readers and the pointer `current`."""
        return self.data_dir / "published"

    @property
    def packs_dir(self) -> Path:
        """Monthly packs, readable by their owner alone."""
        return self.data_dir / "packs"

    def pack_dir(self, month: str, edition: int) -> Path:
        """The pack of a month's edition."""
        return self.packs_dir / month / f"edition-{edition}"

    # Not cached: a copy with other sources would keep what it no longer says.
    @property
    def crms(self) -> list[str]:
        """Names of the staging folders in use."""
        return sorted({source.crm for source in self.sources.values()})

    @property
    def named_segments(self) -> list[NamedSegment]:
        """Named segments of clients, checked."""
        return load_named_segments(self.named_segments_file, self.rules.segment_characteristics)

    def dbt_vars(self) -> dict[str, Any]:
        """Variables of the dbt project: rules, sources and the contract tables each CRM yields."""
        return {
            **self._engine_vars(),
            "business_timezone": self.business_timezone,
            "sources": {
                name: source.model_dump(exclude_none=True) for name, source in self.sources.items()
            },
            "contract_tables": {crm: contract_tables(crm) for crm in self.crms},
            "crms_that_tell_changes": [crm for crm in self.crms if tells_changes(crm)],
            "staging_config": self._staging_config(),
            "data_start": f"{self.close.first_month}-01",
            "named_segments": [s.model_dump(mode="json") for s in self.named_segments],
            **self.rules.model_dump(),
            **self.checks.model_dump(),
        }

    def _engine_vars(self) -> dict[str, str]:
        """Where raw history and marts lie, and what text is called.

        DuckDB has files for them, PostgreSQL one database with schemas, Spark schemas alone.
        """
        history, marts, text = "history", "building", "text"
        if self.engine == "postgres":
            history = marts = os.environ["PGDATABASE"]
        if self.engine == "spark":
            history, marts, text = "", "", "string"
        return {"raw_database": history, "marts_database": marts, "text_type": text}

    def _staging_config(self) -> dict[str, Any]:
        """dbt's configuration of models/staging: folders of CRMs that are not in use are off.

        What only the contract reads is a view, which saves a copy of every row. A server plans by
        statistics, which views have none of.
        """
        folders: dict[str, dict[str, Any]] = {
            crm: {"+enabled": crm in self.crms} for crm in known_crms()
        }
        if self.engine == EMBEDDED:
            for crm in self.crms:
                views = _read_by_the_contract_alone(crm)
                folders[crm] |= {name: {"+materialized": "view"} for name in views}
        return {"+materialized": "table", "+schema": "staging", **folders}

    def dbt_env(self) -> dict[str, str]:
        """Environment that profiles.yml reads."""
        config = self.build_config()
        return {
            "CRM_MARTS_HISTORY_DB": str(self.history_db),
            "CRM_MARTS_WORK_DB": str(self.work_db),
            "CRM_MARTS_BUILDING_DB": str(self.building_db),
            "CRM_MARTS_BUILD_MEMORY": config["memory_limit"],
            "CRM_MARTS_BUILD_THREADS": config["threads"],
            "CRM_MARTS_BUILD_STORAGE": config["storage_compatibility_version"],
        }

    def build_config(self) -> dict[str, str]:
        """DuckDB's settings for a build: what it may take, and how it writes new files."""
        return {
            **BUILD_STORAGE,
            "memory_limit": self.memory_limit or _duckdbs_own("memory_limit"),
            "threads": str(self.threads or _duckdbs_own("threads")),
        }


@cache
def _duckdbs_own(setting: str) -> str:
    """What DuckDB takes of this machine: four fifths of its memory, all cores."""
    import duckdb

    (own,) = duckdb.execute(f"select current_setting('{setting}')").fetchone() or ("",)
    return str(own)


def known_crms() -> list[str]:
    """Staging folders that read a CRM: those that declare its raw tables."""
    return sorted(
        path.parent.name
        for path in STAGING_DIR.glob("*/_*__sources.yml")
        if path.name == f"_{path.parent.name}__sources.yml" and path.parent.name != "run"
    )


@cache
def _read_by_the_contract_alone(crm: str) -> tuple[str, ...]:
    """Models <crm>__<table> that no other model of the folder names."""
    texts = [path.read_text(encoding="utf-8") for path in (STAGING_DIR / crm).glob("*.sql")]
    models = (f"{crm}__{table}" for table in contract_tables(crm))
    return tuple(name for name in models if not any(f"'{name}'" in text for text in texts))


def contract_tables(crm: str) -> list[str]:
    """Contract tables that a CRM's folder yields: its files <crm>__<table>.sql."""
    prefix = f"{crm}__"
    return sorted(p.stem.removeprefix(prefix) for p in (STAGING_DIR / crm).glob(f"{prefix}*.sql"))


def tells_changes(crm: str) -> bool:
    """Whether a CRM's folder says which interactions a load changes."""
    return (STAGING_DIR / crm / f"int_{crm}__changed_interactions.sql").is_file()
