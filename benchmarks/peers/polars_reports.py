"""The five main reports of the month as an analyst writes them in Polars, lazily.

`polars_<report>(load)` plans the rows of rpt_<report> from a full load's folder, without the
columns that are the same in all rows; ids are the CRM's own. Ratios and minutes are not rounded.
What several reports need is collected once in a process: left to the optimizer, which finds what
plans have in common, all five take three times the CPU and a sixth less memory.
"""

from datetime import datetime
from functools import cache
from pathlib import Path

import polars as pl

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


def read(load: Path, table: str) -> pl.LazyFrame:
    """A table of the load."""
    return pl.scan_parquet(load / f"{table}.parquet")


def before(column: str, moment: datetime | pl.Expr) -> pl.Expr:
    """Whether the column's moment is filled and before this one."""
    return (pl.col(column) < moment).fill_null(False)


def in_month(column: str) -> pl.Expr:
    """Whether the column's moment lies in the month."""
    return pl.col(column).is_between(START, END, closed="left").fill_null(False)


@cache
def interactions(load: Path) -> pl.LazyFrame:
    """Interactions, each with its date, its deadline and what it counts as."""
    kind, done = pl.col("interaction_kind"), pl.col("completed_at").is_not_null()
    planned = (pl.col("planned_end_at") - pl.col("planned_start_at")).dt.total_seconds()
    has_plan = done & kind.is_in(CONTACTS) & planned.is_between(0, MAX_SECONDS)
    unanswered = ~pl.col("answered") | (pl.col("talk_seconds") < TALK_SECONDS)
    return (
        read(load, "interactions")
        .drop("subject", "status")
        .with_columns(
            pl.col("interaction_group").fill_null(
                kind.replace_strict(groups_of_kinds(), default=None)
            ),
            manager_id=pl.col("responsible_manager_id").fill_null("no manager"),
            event_at=pl.when(done).then(pl.coalesce("actual_start_at", "completed_at")),
            closed_at=pl.coalesce("cancelled_at", "completed_at"),
            deadline_at=pl.coalesce("deadline_at", "planned_end_at", "planned_start_at"),
            is_attempt=done & (kind == "call") & unanswered.fill_null(False),
            is_meeting=kind.is_in(MEETINGS),
            is_received=done & kind.is_in(WRITTEN) & (pl.col("direction") == "in").fill_null(False),
            spent_seconds=pl.when(kind == "call")
            .then(pl.coalesce("talk_seconds", "duration_seconds"))
            .otherwise("duration_seconds"),
            planned_seconds=pl.when(has_plan).then(planned),
        )
        .with_columns(is_conversation=done & (kind == "call") & ~pl.col("is_attempt"))
        .with_columns(has_duration=pl.col("is_conversation") | (done & pl.col("is_meeting")))
        .with_columns(is_contact=pl.col("has_duration") | pl.col("is_received"))
        .collect()
        .lazy()
    )


@cache
def parties(load: Path) -> pl.LazyFrame:
    """Interactions and the clients that take part, themselves or by a contact person."""
    listed = read(load, "interaction_parties").filter(pl.col("party_kind") == "person")
    persons = read(load, "client_contact_persons").select("person_id", "client_id")
    by_person = listed.join(persons, left_on="party_id", right_on="person_id")
    pairs = [interactions(load), by_person]
    both = pl.concat([each.select("interaction_id", "client_id") for each in pairs])
    return both.unique().collect().lazy()


@cache
def touches(load: Path) -> pl.LazyFrame:
    """Contacts and attempts before the month's end, with the clients that took part."""
    return (
        interactions(load)
        .filter(pl.col("is_contact") | pl.col("is_attempt"), pl.col("event_at") < END)
        .select("interaction_id", "event_at", "responsible_manager_id", "is_contact", "is_attempt")
        .join(parties(load), on="interaction_id")
        .collect()
        .lazy()
    )


@cache
def planned_ahead(load: Path) -> pl.LazyFrame:
    """By client: when the next contact is planned after the month, and how many in the next one."""
    is_open = ~before("completed_at", SCHEDULED_CLOSE)
    # Planned for the days until the close and held in them: ahead of the month's end all the same.
    held = before("planned_start_at", SCHEDULED_CLOSE) & (pl.col("event_at") >= END)
    ahead = interactions(load).filter(
        pl.col("interaction_kind").is_in(CONTACTS),
        pl.col("created_at") < SCHEDULED_CLOSE,
        pl.col("planned_start_at") >= END,
        ~before("cancelled_at", SCHEDULED_CLOSE),
        is_open | held,
    )
    return (
        ahead.select("interaction_id", "planned_start_at")
        .join(parties(load), on="interaction_id")
        .group_by("client_id")
        .agg(
            next_planned_at=pl.col("planned_start_at").min(),
            planned_next_month_count=(pl.col("planned_start_at") < NEXT_END).sum(),
        )
    )


@cache
def clients(load: Path) -> pl.LazyFrame:
    """Clients that were ever in the base, and whether each is active and reactivated."""
    event_at = pl.col("event_at")
    contacts = touches(load).filter("is_contact").group_by("client_id")
    last = contacts.agg(
        last_at=event_at.max(),
        last_before_at=event_at.filter(event_at < START).max(),
    )
    was_in_base = before("registered_at", START) & ~before("archived_at", START)
    was_active = (pl.col("last_before_at") >= START - ACTIVE).fill_null(False)
    return (
        read(load, "clients")
        .filter(~(pl.col("archived_at") <= pl.col("registered_at")).fill_null(False))
        .join(last, on="client_id", how="left")
        .with_columns(is_active=(pl.col("last_at") >= END - ACTIVE).fill_null(False))
        .with_columns(is_reactivated=pl.col("is_active") & was_in_base & ~was_active)
    )


@cache
def base(load: Path) -> pl.LazyFrame:
    """Clients in the base at the month's end, with their main managers then."""
    owners = (
        read(load, "client_assignments")
        .filter(pl.col("valid_from") < END, ~before("valid_to", END))
        .select("client_id", owner_manager_id="manager_id")
    )
    return (
        clients(load)
        .filter(pl.col("registered_at") < END, ~before("archived_at", END))
        .join(owners, on="client_id", how="left")
    )


def owner_spans(load: Path) -> pl.LazyFrame:
    """Clients with the times in which one manager has them."""
    manager_id = pl.col("manager_id")
    return (
        read(load, "client_assignments")
        .sort("client_id", "valid_from")
        .filter(manager_id.ne_missing(manager_id.shift().over("client_id")))
        .select(
            "client_id",
            "manager_id",
            "valid_from",
            valid_to=pl.col("valid_from").shift(-1).over("client_id"),
        )
    )


def polars_client_growth(load: Path) -> pl.LazyFrame:
    """Clients that came, went and moved, by characteristic and value.

    Left out: migrated, restored and merged clients, of which one load without merges has none.
    """
    found = clients(load)
    owned = found.join(owner_spans(load), on="client_id", how="left")
    spans = pl.concat(
        [
            found.with_columns(characteristic=pl.lit("all"), value=pl.lit("all")),
            *(
                found.with_columns(
                    characteristic=pl.lit(name), value=pl.col(name).fill_null("unknown")
                )
                for name in CHARACTERISTICS
            ),
            owned.with_columns(
                characteristic=pl.lit("main_manager"),
                value=pl.col("manager_id").fill_null("no manager"),
            ),
        ],
        how="diagonal",
    ).with_columns(
        entered_at=pl.max_horizontal("registered_at", "valid_from"),
        left_at=pl.min_horizontal("archived_at", "valid_to"),
    )
    moved_in = before("registered_at", pl.col("valid_from"))
    moved_out = pl.col("valid_to").is_not_null() & (
        pl.col("archived_at") > pl.col("valid_to")
    ).fill_null(True)
    opening, closing = pl.col("entered_at") < START, ~before("left_at", END)
    members = spans.filter(
        pl.col("entered_at") < END,
        ~before("left_at", START),
        (pl.col("left_at") > pl.col("entered_at")).fill_null(True),
    )
    counts = members.group_by("characteristic", "value").agg(
        opening_client_count=opening.sum(),
        new_client_count=(~opening & ~moved_in).sum(),
        moved_in_client_count=(~opening & moved_in).sum(),
        lost_client_count=(~closing & ~moved_out).sum(),
        moved_out_client_count=(~closing & moved_out).sum(),
        closing_client_count=closing.sum(),
        active_client_count=(closing & pl.col("is_active")).sum(),
        reactivated_client_count=(closing & pl.col("is_reactivated")).sum(),
    )
    # Polars counts without a sign.
    opened = pl.col("opening_client_count").cast(pl.Int64)
    closed = pl.col("closing_client_count").cast(pl.Int64)
    return counts.with_columns(
        growth_client_count=closed - opened,
        growth_share=pl.when(opened > 0).then((closed - opened) / opened),
        dormant_client_count=closed - pl.col("active_client_count"),
    )


def attendee_counts(load: Path, events: pl.LazyFrame) -> pl.LazyFrame:
    """By interaction: how many of ours took part, the responsible among them."""
    listed = read(load, "interaction_parties").filter(pl.col("party_kind") == "manager")
    performers = events.select("interaction_id", party_id="responsible_manager_id").drop_nulls()
    return (
        pl.concat(
            [
                listed.join(events, on="interaction_id", how="semi").select(
                    "interaction_id", "party_id"
                ),
                performers,
            ]
        )
        .group_by("interaction_id")
        .agg(attendee_count=pl.col("party_id").n_unique())
    )


def rolled_up(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows once for each grouping of the report, with `all` in what it rolls up."""
    return pl.concat(
        rows.with_columns(pl.lit("all").alias(name) for name in columns) for columns in ROLLUPS
    )


def polars_interaction_kpis(load: Path) -> pl.LazyFrame:
    """Counts, minutes and clients of completed interactions by performer, kind and group."""
    events = interactions(load).filter(in_month("event_at"))
    seconds = pl.when("has_duration").then("spent_seconds")
    is_known = seconds.is_between(0, MAX_SECONDS)
    minutes = pl.when(is_known).then(seconds / 60)
    attendees = pl.col("attendee_count").fill_null(1)
    measures = events.join(attendee_counts(load, events), on="interaction_id", how="left").select(
        *KPI_KEY,
        "is_conversation",
        "is_attempt",
        known_minutes=minutes,
        call_minutes=pl.when("is_conversation").then(minutes),
        meeting_minutes=pl.when("is_meeting").then(minutes),
        person_minutes=pl.when("is_meeting").then(minutes * attendees),
        planned_minutes=pl.col("planned_seconds") / 60,
        is_unknown=pl.col("has_duration") & seconds.is_null(),
        is_invalid=~is_known,
    )
    known = pl.col("known_minutes")
    counts = (
        rolled_up(measures)
        .group_by(KPI_KEY)
        .agg(
            pl.col("call_minutes", "meeting_minutes", "person_minutes", "planned_minutes").sum(),
            interaction_count=pl.len(),
            conversation_count=pl.col("is_conversation").sum(),
            attempt_count=pl.col("is_attempt").sum(),
            known_duration_count=known.count(),
            unknown_duration_count=pl.col("is_unknown").sum(),
            invalid_duration_count=pl.col("is_invalid").sum(),
            mean_minutes=known.mean(),
            median_minutes=known.median(),
            p90_minutes=known.quantile(0.9, "linear"),
        )
    )
    pairs = events.select("interaction_id", *KPI_KEY).join(parties(load), on="interaction_id")
    client_counts = (
        rolled_up(pairs).group_by(KPI_KEY).agg(client_count=pl.col("client_id").n_unique())
    )
    # Managers without a row of their own still stand in the report.
    everyone = pl.concat([read(load, "managers").select("manager_id"), _one("manager_id", "all")])
    spine = everyone.with_columns(interaction_kind=pl.lit("all"), interaction_group=pl.lit("all"))
    keys = pl.concat([counts.select(KPI_KEY), spine]).unique()
    measured = ["mean_minutes", "median_minutes", "p90_minutes"]
    return (
        keys.join(counts, on=KPI_KEY, how="left")
        .join(client_counts, on=KPI_KEY, how="left")
        .with_columns(pl.exclude(*KPI_KEY, *measured).fill_null(0))
    )


def _one(name: str, value: str) -> pl.LazyFrame:
    return pl.LazyFrame({name: [value]})


def polars_interaction_outcomes(load: Path) -> pl.LazyFrame:
    """How what was closed in the month or open at its end turned out, by manager and kind.

    Left out: overdue items that changed hands, as one load keeps no former responsibles.
    """
    key = ["manager_id", "interaction_kind"]
    deadline_at, closed_at = pl.col("deadline_at"), pl.col("closed_at")
    overdue_from = pl.max_horizontal("deadline_at", "created_at")
    is_ever_overdue = deadline_at.is_not_null() & (closed_at > overdue_from).fill_null(True)
    days = (pl.lit(END) - deadline_at.dt.truncate("1d")).dt.total_days()
    states = (
        interactions(load)
        .select(
            *key,
            "deadline_at",
            "closed_at",
            is_cancelled=in_month("cancelled_at"),
            is_completed=in_month("closed_at") & pl.col("cancelled_at").is_null(),
            is_open=(pl.col("created_at") < END) & ~before("closed_at", END),
            overdue_from=pl.when(is_ever_overdue).then(overdue_from),
        )
        .with_columns(
            is_counted=pl.col("is_cancelled") | pl.col("is_completed") | pl.col("is_open"),
            is_overdue=pl.col("is_open") & before("deadline_at", END),
            was_overdue=before("overdue_from", END) & ~before("closed_at", START),
        )
        .filter(pl.col("is_counted") | pl.col("was_overdue"))
        .with_columns(days_overdue=pl.when("is_overdue").then(days))
    )
    completed, is_open, was_overdue = map(pl.col, ["is_completed", "is_open", "was_overdue"])
    days_overdue = pl.col("days_overdue")
    counts = states.group_by(key).agg(
        cancelled_count=pl.col("is_cancelled").sum(),
        completed_on_time_count=(completed & (closed_at <= deadline_at)).sum(),
        completed_late_count=(completed & (closed_at > deadline_at)).sum(),
        completed_without_deadline_count=(completed & deadline_at.is_null()).sum(),
        overdue_count=pl.col("is_overdue").sum(),
        open_due_later_count=(is_open & (deadline_at >= END)).sum(),
        open_without_deadline_count=(is_open & deadline_at.is_null()).sum(),
        interaction_count=pl.col("is_counted").sum(),
        overdue_opening_count=(was_overdue & before("overdue_from", START)).sum(),
        overdue_inflow_count=(was_overdue & (pl.col("overdue_from") >= START)).sum(),
        overdue_outflow_count=(was_overdue & before("closed_at", END)).sum(),
        overdue_1_to_7_days_count=(days_overdue <= 7).sum(),
        overdue_8_to_30_days_count=days_overdue.is_between(8, 30).sum(),
        overdue_31_to_90_days_count=days_overdue.is_between(31, 90).sum(),
        overdue_over_90_days_count=(days_overdue > 90).sum(),
    )
    kinds = pl.LazyFrame({"interaction_kind": OUTCOME_KINDS})
    everyone = read(load, "managers").select("manager_id").join(kinds, how="cross")
    on_time, late = pl.col("completed_on_time_count"), pl.col("completed_late_count")
    return (
        pl.concat([counts.select(key), everyone])
        .unique()
        .join(counts, on=key, how="left")
        .with_columns(pl.exclude(key).fill_null(0))
        .with_columns(
            completed_on_time_share=pl.when(on_time + late > 0).then(on_time / (on_time + late))
        )
    )


def contact_state(load: Path) -> pl.LazyFrame:
    """By client: contacts and attempts in the month, the last contact and the month's first one."""
    is_in_month = pl.col("event_at") >= START
    is_in_previous = (pl.col("event_at") >= PREVIOUS_START) & ~is_in_month
    return (
        touches(load)
        .sort("event_at", "interaction_id")
        .group_by("client_id")
        .agg(
            contact_count=(is_in_month & pl.col("is_contact")).sum(),
            attempt_count=(is_in_month & pl.col("is_attempt")).sum(),
            previous_contact_count=(is_in_previous & pl.col("is_contact")).sum(),
            last_contact_at=pl.col("event_at").filter("is_contact").last(),
            last_contact_manager_id=pl.col("responsible_manager_id").filter("is_contact").last(),
            last_contact_interaction_id=pl.col("interaction_id").filter("is_contact").last(),
            first_manager_id=pl.col("responsible_manager_id")
            .filter(is_in_month & pl.col("is_contact"))
            .first(),
        )
    )


def polars_no_contact_clients(load: Path) -> pl.LazyFrame:
    """Each client in the base at the month's end: contacted or not, since when, why, how urgent."""
    found = (
        base(load)
        .join(contact_state(load), on="client_id", how="left")
        .join(planned_ahead(load), on="client_id", how="left")
        .with_columns(
            pl.col("contact_count", "attempt_count", "previous_contact_count").fill_null(0),
            days_since_last_contact=(
                pl.lit(END) - pl.col("last_contact_at").dt.truncate("1d")
            ).dt.total_days()
            - 1,
            is_planned_soon=(pl.col("planned_next_month_count") > 0).fill_null(False),
            is_never_contacted=pl.col("last_contact_at").is_null(),
        )
        .with_columns(
            contact_status=pl.when("do_not_contact")
            .then(pl.lit("do not contact"))
            .when(pl.col("registered_at") >= START)
            .then(pl.lit("entered"))
            .when(pl.col("contact_count") > 0)
            .then(pl.lit("contacted"))
            .otherwise(pl.lit("no contact")),
        )
    )
    reason = (
        pl.when(pl.col("is_never_contacted") & (pl.col("attempt_count") == 0))
        .then(pl.lit("never contacted"))
        .when(pl.col("attempt_count") > 0)
        .then(pl.lit("attempts only"))
        .when("is_planned_soon")
        .then(pl.lit("planned soon"))
        .otherwise(pl.lit("silent"))
    )
    is_long = (pl.col("days_since_last_contact") > WARNING_DAYS).fill_null(True)
    priority = 3 - is_long.cast(pl.Int32) - (~pl.col("is_planned_soon")).cast(pl.Int32)
    silent = pl.col("contact_status") == "no contact"
    had_contact = pl.col("previous_contact_count") > 0
    resumed = (pl.col("contact_status") == "contacted") & ~had_contact
    return found.select(
        "client_id",
        "owner_manager_id",
        "client_class",
        "contact_status",
        "contact_count",
        "attempt_count",
        "last_contact_at",
        "last_contact_manager_id",
        "last_contact_interaction_id",
        "days_since_last_contact",
        "is_never_contacted",
        "next_planned_at",
        is_planned_in_grace_days=before("next_planned_at", SCHEDULED_CLOSE),
        no_contact_reason=pl.when(silent).then(reason),
        priority=pl.when(silent).then(priority),
        is_slipped=silent & had_contact,
        is_resumed=resumed,
        resumed_by_manager_id=pl.when(resumed).then("first_manager_id"),
    )


def polars_manager_load(load: Path) -> pl.LazyFrame:
    """Clients of each manager by class, their share, and where the manager stands among all.

    Left out: second managers' clients, of which the generated CRM has none.
    """
    key = ["manager_id", "client_class"]
    found = (
        base(load)
        .join(planned_ahead(load), on="client_id", how="left")
        .select(
            pl.col("client_class").fill_null("unknown"),
            "is_active",
            "planned_next_month_count",
            manager_id=pl.col("owner_manager_id").fill_null("no manager"),
        )
    )
    both = pl.concat([found, found.with_columns(client_class=pl.lit("all"))])
    counts = both.group_by(key).agg(
        main_client_count=pl.len(),
        active_client_count=pl.col("is_active").sum(),
        planned_next_month_count=pl.col("planned_next_month_count").sum(),
    )
    rest = ["no manager", "manager left"]
    managers = pl.concat(
        [read(load, "managers").select("manager_id"), pl.LazyFrame({"manager_id": rest})]
    )
    main = pl.col("main_client_count")
    is_rest = pl.col("manager_id").is_in(rest)
    of_managers = main.filter(~is_rest)
    total = main.sum().over("client_class")
    return (
        managers.join(both.select("client_class").unique(), how="cross")
        .join(counts, on=key, how="left")
        .with_columns(pl.exclude(key).fill_null(0))
        .with_columns(
            row_kind=pl.when(is_rest).then("manager_id").otherwise(pl.lit("manager")),
            base_client_count=total,
            main_client_share=pl.when(total > 0).then(main / total),
            least_main_client_count=of_managers.min().over("client_class"),
            lower_quartile_main_client_count=of_managers.quantile(0.25, "linear").over(
                "client_class"
            ),
            median_main_client_count=of_managers.median().over("client_class"),
            upper_quartile_main_client_count=of_managers.quantile(0.75, "linear").over(
                "client_class"
            ),
            most_main_client_count=of_managers.max().over("client_class"),
            silent_client_count=main - pl.col("active_client_count"),
        )
    )


REPORTS = {
    "rpt_client_growth": polars_client_growth,
    "rpt_interaction_kpis": polars_interaction_kpis,
    "rpt_interaction_outcomes": polars_interaction_outcomes,
    "rpt_no_contact_clients": polars_no_contact_clients,
    "rpt_manager_load": polars_manager_load,
}


def write(load: Path, out: Path, reports: list[str]) -> None:
    """Write each report as Parquet, all of them collected together."""
    plans = [REPORTS[report](load) for report in reports]
    for report, rows in zip(reports, pl.collect_all(plans), strict=True):
        rows.write_parquet(out / f"{report}.parquet")


if __name__ == "__main__":
    serve(write)
