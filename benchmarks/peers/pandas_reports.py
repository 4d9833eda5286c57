"""The five main reports of the month as an analyst writes them in pandas.

`pandas_<report>(load)` reads a full load's folder and gives the rows of rpt_<report>, without the
columns that are the same in all rows; ids are the CRM's own. Ratios and minutes are not rounded.
What several reports need is computed once in a process, as in a notebook.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.peers.month import (
    ACTIVE,
    CHARACTERISTICS,
    CONTACTS,
    END,
    KPI_KEY,
    MAX_SECONDS,
    MEETINGS,
    NEXT_END,
    OUTCOME_KINDS,
    PREVIOUS_START,
    ROLLUPS,
    SCHEDULED_CLOSE,
    START,
    TALK_SECONDS,
    WARNING_DAYS,
    WRITTEN,
    groups_of_kinds,
    serve,
)

# All but subject and status, which no report needs.
INTERACTION_COLUMNS = [
    "interaction_id",
    "interaction_kind",
    "interaction_group",
    "direction",
    "responsible_manager_id",
    "client_id",
    "created_at",
    "planned_start_at",
    "planned_end_at",
    "actual_start_at",
    "deadline_at",
    "completed_at",
    "cancelled_at",
    "answered",
    "talk_seconds",
    "duration_seconds",
]


def read(load: Path, table: str, columns: list[str] | None = None) -> pd.DataFrame:
    """A table of the load."""
    return pd.read_parquet(load / f"{table}.parquet", columns=columns)


@cache
def interactions(load: Path) -> pd.DataFrame:
    """Interactions, each with its date, its deadline and what it counts as."""
    found = read(load, "interactions", INTERACTION_COLUMNS)
    kind, done = found["interaction_kind"], found["completed_at"].notna()
    is_call, is_meeting = kind.eq("call"), kind.isin(MEETINGS)
    unanswered = found["answered"].eq(False) | found["talk_seconds"].lt(TALK_SECONDS)
    attempt = done & is_call & unanswered
    conversation = done & is_call & ~attempt
    received = done & kind.isin(WRITTEN) & found["direction"].eq("in")
    planned = (found["planned_end_at"] - found["planned_start_at"]).dt.total_seconds()
    has_plan = done & kind.isin(CONTACTS) & planned.between(0, MAX_SECONDS)
    return found.assign(
        interaction_group=found["interaction_group"].fillna(kind.map(groups_of_kinds())),
        manager_id=found["responsible_manager_id"].fillna("no manager"),
        event_at=found["actual_start_at"].fillna(found["completed_at"]).where(done),
        closed_at=found["cancelled_at"].fillna(found["completed_at"]),
        deadline_at=found["deadline_at"]
        .fillna(found["planned_end_at"])
        .fillna(found["planned_start_at"]),
        is_attempt=attempt,
        is_conversation=conversation,
        is_meeting=is_meeting,
        has_duration=conversation | (done & is_meeting),
        is_contact=conversation | (done & is_meeting) | received,
        spent_seconds=found["talk_seconds"].where(is_call).fillna(found["duration_seconds"]),
        planned_seconds=planned.where(has_plan),
    )


@cache
def parties(load: Path) -> pd.DataFrame:
    """Interactions and the clients that take part, themselves or by a contact person."""
    listed = read(load, "interaction_parties").query("party_kind == 'person'")
    persons = read(load, "client_contact_persons", ["person_id", "client_id"])
    by_person = listed.merge(persons, left_on="party_id", right_on="person_id")
    pairs = [interactions(load), by_person]
    return pd.concat(each[["interaction_id", "client_id"]] for each in pairs).drop_duplicates()


@cache
def touches(load: Path) -> pd.DataFrame:
    """Contacts and attempts before the month's end, with the clients that took part."""
    found = interactions(load)
    columns = ["interaction_id", "event_at", "responsible_manager_id", "is_contact", "is_attempt"]
    rows = (found["is_contact"] | found["is_attempt"]) & found["event_at"].lt(END)
    return found.loc[rows, columns].merge(parties(load), on="interaction_id")


@cache
def planned_ahead(load: Path) -> pd.DataFrame:
    """By client: when the next contact is planned after the month, and how many in the next one."""
    found = interactions(load)
    is_open = ~found["completed_at"].lt(SCHEDULED_CLOSE)
    # Planned for the days until the close and held in them: ahead of the month's end all the same.
    held = found["planned_start_at"].lt(SCHEDULED_CLOSE) & found["event_at"].ge(END)
    ahead = found[
        found["interaction_kind"].isin(CONTACTS)
        & found["created_at"].lt(SCHEDULED_CLOSE)
        & found["planned_start_at"].ge(END)
        & ~found["cancelled_at"].lt(SCHEDULED_CLOSE)
        & (is_open | held)
    ]
    pairs = ahead[["interaction_id", "planned_start_at"]].merge(parties(load), on="interaction_id")
    pairs["is_in_next_month"] = pairs["planned_start_at"].lt(NEXT_END)
    return pairs.groupby("client_id").agg(
        next_planned_at=("planned_start_at", "min"),
        planned_next_month_count=("is_in_next_month", "sum"),
    )


@cache
def clients(load: Path) -> pd.DataFrame:
    """Clients that were ever in the base, and whether each is active and reactivated."""
    found = read(load, "clients")
    found = found[~found["archived_at"].le(found["registered_at"])]
    contacts = touches(load).query("is_contact")
    before = contacts[contacts["event_at"].lt(START)]
    last_at = found["client_id"].map(contacts.groupby("client_id")["event_at"].max())
    last_before_at = found["client_id"].map(before.groupby("client_id")["event_at"].max())
    is_active = last_at.ge(END - ACTIVE)
    was_active = last_before_at.ge(START - ACTIVE)
    was_in_base = found["registered_at"].lt(START) & ~found["archived_at"].lt(START)
    return found.assign(is_active=is_active, is_reactivated=is_active & was_in_base & ~was_active)


@cache
def base(load: Path) -> pd.DataFrame:
    """Clients in the base at the month's end, with their main managers then."""
    found = clients(load)
    found = found[found["registered_at"].lt(END) & ~found["archived_at"].lt(END)]
    assignments = read(load, "client_assignments")
    held = assignments[assignments["valid_from"].lt(END) & ~assignments["valid_to"].lt(END)]
    owners = held.set_index("client_id")["manager_id"]
    return found.assign(owner_manager_id=found["client_id"].map(owners))


def owner_spans(load: Path) -> pd.DataFrame:
    """Clients with the times in which one manager has them."""
    found = read(load, "client_assignments").sort_values(["client_id", "valid_from"])
    of_client = found.groupby("client_id")
    found = found[found["manager_id"].ne(of_client["manager_id"].shift())]
    found = found.assign(valid_to=found.groupby("client_id")["valid_from"].shift(-1))
    return found[["client_id", "manager_id", "valid_from", "valid_to"]]


def pandas_client_growth(load: Path) -> pd.DataFrame:
    """Clients that came, went and moved, by characteristic and value.

    Left out: migrated, restored and merged clients, of which one load without merges has none.
    """
    found = clients(load)
    owned = found.merge(owner_spans(load), on="client_id", how="left")
    spans = pd.concat(
        [
            found.assign(characteristic="all", value="all"),
            *(
                found.assign(characteristic=name, value=found[name].fillna("unknown"))
                for name in CHARACTERISTICS
            ),
            owned.assign(
                characteristic="main_manager", value=owned["manager_id"].fillna("no manager")
            ),
        ]
    )
    entered_at = spans[["registered_at", "valid_from"]].max(axis=1)
    left_at = spans[["archived_at", "valid_to"]].min(axis=1)
    moved_in = spans["valid_from"].gt(spans["registered_at"])
    moved_out = spans["valid_to"].notna() & ~spans["archived_at"].le(spans["valid_to"])
    opening, closing = entered_at.lt(START), ~left_at.lt(END)
    flags = {
        "opening_client_count": opening,
        "new_client_count": ~opening & ~moved_in,
        "moved_in_client_count": ~opening & moved_in,
        "lost_client_count": ~closing & ~moved_out,
        "moved_out_client_count": ~closing & moved_out,
        "closing_client_count": closing,
        "active_client_count": closing & spans["is_active"],
        "reactivated_client_count": closing & spans["is_reactivated"],
    }
    members = entered_at.lt(END) & ~left_at.lt(START) & ~left_at.le(entered_at)
    counts = spans[["characteristic", "value"]].assign(**flags)[members]
    growth = counts.groupby(["characteristic", "value"]).sum()
    growth["growth_client_count"] = growth["closing_client_count"] - growth["opening_client_count"]
    growth["growth_share"] = growth["growth_client_count"].div(
        growth["opening_client_count"].replace(0, np.nan)
    )
    growth["dormant_client_count"] = growth["closing_client_count"] - growth["active_client_count"]
    return growth.reset_index()


def attendee_counts(load: Path, events: pd.DataFrame) -> pd.Series:
    """By interaction: how many of ours took part, the responsible among them."""
    listed = read(load, "interaction_parties").query("party_kind == 'manager'")
    listed = listed[listed["interaction_id"].isin(events["interaction_id"])]
    performers = events[["interaction_id", "responsible_manager_id"]].dropna()
    performers = performers.rename(columns={"responsible_manager_id": "party_id"})
    return pd.concat([listed, performers]).groupby("interaction_id")["party_id"].nunique()


def rolled_up(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows once for each grouping of the report, with `all` in what it rolls up."""
    return pd.concat(rows.assign(**dict.fromkeys(columns, "all")) for columns in ROLLUPS)


def pandas_interaction_kpis(load: Path) -> pd.DataFrame:
    """Counts, minutes and clients of completed interactions by performer, kind and group."""
    found = interactions(load)
    events = found[found["event_at"].ge(START) & found["event_at"].lt(END)]
    seconds = events["spent_seconds"].where(events["has_duration"])
    is_known = seconds.between(0, MAX_SECONDS)
    known = seconds.where(is_known)
    attendees = events["interaction_id"].map(attendee_counts(load, events)).fillna(1)
    measures = events[["interaction_id", *KPI_KEY, "is_conversation", "is_attempt"]].assign(
        call_minutes=known.where(events["is_conversation"]) / 60,
        meeting_minutes=known.where(events["is_meeting"]) / 60,
        person_minutes=known.where(events["is_meeting"]) * attendees / 60,
        planned_minutes=events["planned_seconds"] / 60,
        known_minutes=known / 60,
        is_known=is_known,
        is_unknown=events["has_duration"] & seconds.isna(),
        is_invalid=seconds.notna() & ~is_known,
    )
    groups = rolled_up(measures).groupby(KPI_KEY)
    report = groups.agg(
        interaction_count=("interaction_id", "size"),
        conversation_count=("is_conversation", "sum"),
        attempt_count=("is_attempt", "sum"),
        call_minutes=("call_minutes", "sum"),
        meeting_minutes=("meeting_minutes", "sum"),
        person_minutes=("person_minutes", "sum"),
        planned_minutes=("planned_minutes", "sum"),
        known_duration_count=("is_known", "sum"),
        unknown_duration_count=("is_unknown", "sum"),
        invalid_duration_count=("is_invalid", "sum"),
    )
    pairs = events[["interaction_id", *KPI_KEY]].merge(parties(load), on="interaction_id")
    report["client_count"] = rolled_up(pairs).groupby(KPI_KEY)["client_id"].nunique()
    # Managers without a row of their own still stand in the report.
    managers = [*read(load, "managers")["manager_id"], "all"]
    everyone = pd.MultiIndex.from_product([managers, ["all"], ["all"]], names=KPI_KEY)
    report = report.reindex(report.index.union(everyone), fill_value=0)
    report["client_count"] = report["client_count"].fillna(0)
    minutes = groups["known_minutes"]
    report["mean_minutes"] = minutes.mean()
    report["median_minutes"] = minutes.median()
    report["p90_minutes"] = minutes.quantile(0.9)
    return report.reset_index()


def pandas_interaction_outcomes(load: Path) -> pd.DataFrame:
    """How what was closed in the month or open at its end turned out, by manager and kind.

    Left out: overdue items that changed hands, as one load keeps no former responsibles.
    """
    found = interactions(load)
    deadline_at, closed_at = found["deadline_at"], found["closed_at"]
    is_closed = closed_at.ge(START) & closed_at.lt(END)
    is_open = found["created_at"].lt(END) & ~closed_at.lt(END)
    is_completed = is_closed & found["cancelled_at"].isna()
    is_overdue = is_open & deadline_at.lt(END)
    days = (END - deadline_at.dt.normalize()).dt.days.where(is_overdue)
    overdue_from = pd.concat([deadline_at, found["created_at"]], axis=1).max(axis=1)
    overdue_from = overdue_from.where(deadline_at.notna() & ~closed_at.le(overdue_from))
    was_overdue = overdue_from.lt(END) & ~closed_at.lt(START)
    flags = {
        "cancelled_count": is_closed & found["cancelled_at"].notna(),
        "completed_on_time_count": is_completed & closed_at.le(deadline_at),
        "completed_late_count": is_completed & closed_at.gt(deadline_at),
        "completed_without_deadline_count": is_completed & deadline_at.isna(),
        "overdue_count": is_overdue,
        "open_due_later_count": is_open & deadline_at.ge(END),
        "open_without_deadline_count": is_open & deadline_at.isna(),
        "interaction_count": is_closed | is_open,
        "overdue_opening_count": was_overdue & overdue_from.lt(START),
        "overdue_inflow_count": was_overdue & overdue_from.ge(START),
        "overdue_outflow_count": was_overdue & closed_at.lt(END),
        "overdue_1_to_7_days_count": days.le(7),
        "overdue_8_to_30_days_count": days.between(8, 30),
        "overdue_31_to_90_days_count": days.between(31, 90),
        "overdue_over_90_days_count": days.gt(90),
    }
    key = ["manager_id", "interaction_kind"]
    counted = found[key].assign(**flags)[is_closed | is_open | was_overdue]
    report = counted.groupby(key).sum()
    managers = read(load, "managers")["manager_id"]
    everyone = pd.MultiIndex.from_product([managers, OUTCOME_KINDS], names=key)
    report = report.reindex(report.index.union(everyone), fill_value=0)
    due = report["completed_on_time_count"] + report["completed_late_count"]
    report["completed_on_time_share"] = report["completed_on_time_count"].div(
        due.replace(0, np.nan)
    )
    return report.reset_index()


def contact_state(load: Path) -> pd.DataFrame:
    """By client: contacts and attempts in the month, the last contact and the month's first one."""
    found = touches(load)
    in_month = found["event_at"].ge(START)
    in_previous = found["event_at"].ge(PREVIOUS_START) & ~in_month
    counts = found[["client_id"]].assign(
        contact_count=in_month & found["is_contact"],
        attempt_count=in_month & found["is_attempt"],
        previous_contact_count=in_previous & found["is_contact"],
    )
    contacts = found[found["is_contact"]].sort_values(["event_at", "interaction_id"])
    last = contacts.drop_duplicates("client_id", keep="last").set_index("client_id")
    first = contacts[contacts["event_at"].ge(START)].drop_duplicates("client_id")
    return (
        counts.groupby("client_id")
        .sum()
        .assign(
            last_contact_at=last["event_at"],
            last_contact_manager_id=last["responsible_manager_id"],
            last_contact_interaction_id=last["interaction_id"],
            first_manager_id=first.set_index("client_id")["responsible_manager_id"],
        )
    )


def pandas_no_contact_clients(load: Path) -> pd.DataFrame:
    """Each client in the base at the month's end: contacted or not, since when, why, how urgent."""
    found = base(load).join(contact_state(load), on="client_id")
    found = found.join(planned_ahead(load), on="client_id").reset_index(drop=True)
    counts = ["contact_count", "attempt_count", "previous_contact_count"]
    found[counts] = found[counts].fillna(0)
    status = np.select(
        [
            found["do_not_contact"],
            found["registered_at"].ge(START),
            found["contact_count"].gt(0),
        ],
        ["do not contact", "entered", "contacted"],
        "no contact",
    )
    never, planned_soon = found["last_contact_at"].isna(), found["planned_next_month_count"].gt(0)
    days = (END - found["last_contact_at"].dt.normalize()).dt.days - 1
    reason = np.select(
        [never & found["attempt_count"].eq(0), found["attempt_count"].gt(0), planned_soon],
        ["never contacted", "attempts only", "planned soon"],
        "silent",
    )
    priority = 3 - (days.gt(WARNING_DAYS) | never).astype(int) - (~planned_soon).astype(int)
    silent, contacted = pd.Series(status == "no contact"), pd.Series(status == "contacted")
    resumed = contacted & found["previous_contact_count"].eq(0)
    kept = ["client_id", "owner_manager_id", "client_class", "contact_count", "attempt_count"]
    last = ["last_contact_at", "last_contact_manager_id", "last_contact_interaction_id"]
    return found[[*kept, *last, "next_planned_at"]].assign(
        contact_status=status,
        days_since_last_contact=days,
        is_never_contacted=never,
        is_planned_in_grace_days=found["next_planned_at"].lt(SCHEDULED_CLOSE),
        no_contact_reason=pd.Series(reason).where(silent),
        priority=priority.where(silent),
        is_slipped=silent & found["previous_contact_count"].gt(0),
        is_resumed=resumed,
        resumed_by_manager_id=found["first_manager_id"].where(resumed),
    )


def pandas_manager_load(load: Path) -> pd.DataFrame:
    """Clients of each manager by class, their share, and where the manager stands among all.

    Left out: second managers' clients, of which the generated CRM has none.
    """
    found = base(load).join(planned_ahead(load), on="client_id")
    found["client_class"] = found["client_class"].fillna("unknown")
    found["manager_id"] = found["owner_manager_id"].fillna("no manager")
    key = ["manager_id", "client_class"]
    counts = (
        pd.concat([found, found.assign(client_class="all")])
        .groupby(key)
        .agg(
            main_client_count=("client_id", "size"),
            active_client_count=("is_active", "sum"),
            planned_next_month_count=("planned_next_month_count", "sum"),
        )
    )
    managers = [*read(load, "managers")["manager_id"], "no manager", "manager left"]
    classes = ["all", *found["client_class"].unique()]
    everyone = pd.MultiIndex.from_product([managers, classes], names=key)
    report = counts.reindex(everyone, fill_value=0).reset_index()
    is_rest = report["manager_id"].isin(["no manager", "manager left"])
    report["row_kind"] = report["manager_id"].where(is_rest, "manager")
    by_class = report.groupby("client_class")["main_client_count"]
    of_managers = report[~is_rest].groupby("client_class")["main_client_count"]
    total = by_class.transform("sum")
    report["base_client_count"] = total
    report["main_client_share"] = report["main_client_count"] / total.replace(0, np.nan)
    places = ["least", "lower_quartile", "median", "upper_quartile", "most"]
    for place, quantile in zip(places, [0, 0.25, 0.5, 0.75, 1], strict=True):
        report[f"{place}_main_client_count"] = report["client_class"].map(
            of_managers.quantile(quantile)
        )
    report["silent_client_count"] = report["main_client_count"] - report["active_client_count"]
    return report


REPORTS = {
    "rpt_client_growth": pandas_client_growth,
    "rpt_interaction_kpis": pandas_interaction_kpis,
    "rpt_interaction_outcomes": pandas_interaction_outcomes,
    "rpt_no_contact_clients": pandas_no_contact_clients,
    "rpt_manager_load": pandas_manager_load,
}


def write(load: Path, out: Path, reports: list[str]) -> None:
    """Write each report as Parquet."""
    for report in reports:
        REPORTS[report](load).to_parquet(out / f"{report}.parquet")


if __name__ == "__main__":
    serve(write)
