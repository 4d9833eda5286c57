"""Rows of the contract's tables, as the canonical layer hands them to the models."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class ClientVersion:
    client_id: str
    client_name: str
    client_kind: str
    is_client: bool
    parent_client_id: str | None
    registered_at: datetime | None
    archived_at: datetime | None
    responsible_manager_id: str | None
    region: str | None
    city: str | None
    industry: str | None
    client_class: str | None
    source_channel: str | None
    tax_id: str | None
    do_not_contact: bool
    is_test: bool
    is_migrated: bool
    known_from: datetime
    known_to: datetime | None
    is_latest: bool
    is_baseline: bool
    is_deleted: bool
    crm: str = "onec"


@dataclass(frozen=True, kw_only=True)
class Client:
    client_id: str
    client_name: str
    client_kind: str
    is_client: bool
    parent_client_id: str | None
    registered_at: datetime
    archived_at: datetime | None
    responsible_manager_id: str | None
    region: str | None
    city: str | None
    industry: str | None
    client_class: str | None
    source_channel: str | None
    tax_id: str | None
    do_not_contact: bool
    is_test: bool
    is_migrated: bool
    is_deleted: bool


def client_of(versions: list[ClientVersion]) -> Client:
    """Return a client as last known, as the canonical layer takes it from its versions."""
    last = max(versions, key=lambda version: version.known_from)
    cells = {cell.name: getattr(last, cell.name) for cell in fields(Client)}
    cells["registered_at"] = last.registered_at or min(v.known_from for v in versions)
    cells["is_deleted"] = last.is_deleted or last.known_to is not None
    return Client(**cells)


@dataclass(frozen=True, kw_only=True)
class Merge:
    losing_client_id: str
    surviving_client_id: str
    merged_at: datetime
    is_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Characteristic:
    client_id: str
    characteristic: str
    value: str
    valid_from: datetime | None
    valid_to: datetime | None
    is_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Person:
    person_id: str
    full_name: str | None
    email: str | None
    phone: str | None
    is_active: bool
    is_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class ClientPerson:
    client_id: str
    person_id: str
    position: str | None
    role: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    is_primary: bool = False
    is_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Manager:
    manager_id: str
    full_name: str
    team: str | None
    head_manager_id: str | None
    hired_on: date | None
    left_on: date | None
    is_robot: bool = False
    is_deleted: bool = False
    deleted_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Assignment:
    client_id: str
    manager_id: str
    assignment_role: str
    valid_from: datetime | None
    valid_to: datetime | None
    is_inferred: bool = False
    is_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Interaction:
    interaction_id: str
    interaction_kind: str
    raw_type: str
    interaction_group: str | None
    direction: str | None
    subject: str | None
    responsible_manager_id: str | None
    created_by_id: str | None
    client_id: str | None
    created_at: datetime
    planned_start_at: datetime | None
    planned_end_at: datetime | None
    actual_start_at: datetime | None
    actual_end_at: datetime | None
    deadline_at: datetime | None
    deadline_is_date: bool
    completed_at: datetime | None
    cancelled_at: datetime | None
    is_all_day: bool
    answered: bool | None
    talk_seconds: int | None
    duration_seconds: int | None
    duration_source: str
    result: str | None
    result_class: str | None
    is_mass: bool
    is_auto: bool
    is_deleted: bool


@dataclass(frozen=True, kw_only=True)
class InteractionVersion:
    interaction_id: str
    interaction_kind: str
    raw_type: str
    created_at: datetime
    state: str
    known_from: datetime
    known_to: datetime | None
    is_latest: bool
    is_baseline: bool
    is_deleted: bool
    crm: str = "onec"


@dataclass(frozen=True, kw_only=True)
class SourceLoad:
    source: str
    load_id: str
    extracted_at: datetime
    is_complete: bool


@dataclass(frozen=True, kw_only=True)
class Party:
    interaction_id: str
    party_kind: str
    party_id: str
    party_role: str
    attended: bool | None
    is_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    interaction_id: str
    changed_at: datetime
    field: str
    old_value: str | None
    new_value: str | None
    is_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    plan_id: str
    plan_version: int
    approved_at: datetime
    period_start: date
    period_end: date
    manager_id: str
    client_id: str | None
    interaction_kind: str | None
    interaction_group: str | None
    planned_count: int
    is_deleted: bool = False
    deleted_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Absence:
    manager_id: str
    absent_from: date
    absent_to: date
    kind: str | None = None
    is_deleted: bool = False


@dataclass
class Crm:
    """All rows of one or several companies; the fields are the canonical tables."""

    client_versions: list[ClientVersion] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)
    client_merges: list[Merge] = field(default_factory=list)
    client_characteristics: list[Characteristic] = field(default_factory=list)
    contact_persons: list[Person] = field(default_factory=list)
    client_contact_persons: list[ClientPerson] = field(default_factory=list)
    managers: list[Manager] = field(default_factory=list)
    client_assignments: list[Assignment] = field(default_factory=list)
    interactions: list[Interaction] = field(default_factory=list)
    interaction_versions: list[InteractionVersion] = field(default_factory=list)
    interaction_parties: list[Party] = field(default_factory=list)
    interaction_changes: list[Change] = field(default_factory=list)
    contact_plans: list[Plan] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    source_loads: list[SourceLoad] = field(default_factory=list)

    def tables(self) -> Iterator[tuple[str, list[object]]]:
        """Each canonical table's name with its rows."""
        for table in fields(self):
            yield table.name, getattr(self, table.name)

    def extend(self, other: "Crm") -> None:
        """Put the rows of another company beside these."""
        for name, rows in other.tables():
            getattr(self, name).extend(rows)
