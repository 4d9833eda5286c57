"""Plan lines of a month: versions in force, norms, and their split by days owned."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tests.oracle.base import Base
from tests.oracle.contract import Plan
from tests.oracle.world import Period, World, in_force, seed


@dataclass(frozen=True)
class Line:
    """A plan line, or the part of one that a manager has."""

    plan_id: str
    version: int
    manager_id: str
    client_id: str | None
    kind: str | None
    group: str | None
    first: date
    after: date
    planned: int

    @property
    def cell(self) -> tuple[str, str, str, str]:
        return (
            self.manager_id,
            self.client_id or "any",
            self.kind or "any",
            self.group or "any",
        )


def versions_of(world: World) -> dict[str, list[Plan]]:
    found: dict[str, list[Plan]] = defaultdict(list)
    for row in sorted(world.crm.contact_plans, key=lambda row: row.plan_version):
        found[row.plan_id].append(row)
    return found


def lines(world: World, base: Base, month: Period) -> list[Line]:
    """Lines of the sheet and by norms, split among owners."""
    whole = sheet(world, base, month)
    if world.rules.contact_norms == "where no plan":
        with_plan = {line.manager_id for line, _ in whole}
        whole += [(line, month.start) for line in norms(world, base, month, with_plan)]
    return [part for line, approved in whole for part in _split(world, base, line, approved)]


def norms(world: World, base: Base, month: Period, with_plan: set[str]) -> list[Line]:
    """Contacts due by class with the clients of managers without any line."""
    employed = {
        row.manager_id
        for row in world.crm.managers
        if not row.is_robot and month.first <= (row.left_on or date.max)
    }
    found = []
    for client in base.members(month.start):
        version, owner = base.version(client, month.start), base.owner_at(client, month.start)
        if version.do_not_contact or owner not in employed - with_plan or owner is None:
            continue
        for row in seed("contact_norms"):
            of_class = row["client_class"] == (version.client_class or "unknown")
            if not of_class or not in_force(row, month.first):
                continue
            kind, group = row["interaction_kind"] or None, row["interaction_group"] or None
            found.append(
                Line(
                    plan_id=f"norm:{client}:{kind or 'any'}:{group or 'any'}",
                    version=0,
                    manager_id=owner,
                    client_id=base.survivor(client, month.end),
                    kind=kind,
                    group=group,
                    first=month.first,
                    after=month.after,
                    planned=int(row["contacts_per_month"]),
                )
            )
    return found


def sheet(world: World, base: Base, month: Period) -> list[tuple[Line, datetime]]:
    """Lines of the sheet with their approval: of each plan the version in force at the start."""
    found = []
    for versions in versions_of(world).values():
        in_force = [
            row
            for row in versions
            if row.approved_at <= month.start
            and not (row.is_deleted and row.deleted_at and row.deleted_at <= month.start)
        ]
        if not in_force:
            continue
        row = in_force[-1]
        if month.first <= row.period_start and row.period_end <= month.after:
            line = Line(
                plan_id=row.plan_id,
                version=row.plan_version,
                manager_id=row.manager_id,
                client_id=row.client_id and base.survivor(row.client_id, month.end),
                kind=row.interaction_kind,
                group=row.interaction_group,
                first=row.period_start,
                after=row.period_end,
                planned=row.planned_count,
            )
            found.append((line, row.approved_at))
    return found


def _split(world: World, base: Base, line: Line, approved: datetime) -> list[Line]:
    """Split a line among the main managers of its client by days; a day is its end's owner's."""
    if line.client_id is None:
        return [line]
    days = Counter[str]()
    for number in range((line.after - line.first).days):
        end = world.start_of(line.first + timedelta(days=number + 1))
        owner = base.owner_before(line.client_id, end)
        if owner:
            days[owner] += 1
    owners = {*days, base.owner_at(line.client_id, approved)}
    if line.manager_id not in owners or not days:
        return [line]
    total = sum(days.values())
    shares = {owner: line.planned * count // total for owner, count in days.items()}
    # A Counter keeps the order of first days; sorting is stable, so a tie goes to the earlier.
    by_rest = sorted(days, key=lambda owner: -(line.planned * days[owner] % total))
    for owner in by_rest[: line.planned - sum(shares.values())]:
        shares[owner] += 1
    return [
        replace(line, manager_id=owner, planned=share)
        for owner, share in shares.items()
        if share or not line.planned
    ]
