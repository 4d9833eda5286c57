"""What `crm-marts check-crm` asks of a source's contract tables: one table of checks, one of needs.

The SQL sees the canonical tables by their plain names, `run_period` and thresholds of the settings
as `$name`. A check yields `subject` (what is wrong), `row_count` and up to three `examples` (keys,
never names), worst first; no row means that all is well.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line of the report with its details."""

    name: str
    state: str  # ok, look or FIX
    details: list[str]
    remedy: str = ""


@dataclass(frozen=True)
class ContractCheck:
    """A check; what it finds makes a close fail or be wrong from `blocking_share` of the rows on.

    Up to it, and where it is None, figures are poorer than they could be. `population` counts the
    rows of which a share is shown.
    """

    name: str
    rows: str
    remedy: str
    population: str = ""
    blocking_share: str | None = None  # a number or the name of a rule in crm_marts.toml


def _references(*references: tuple[str, str, str, str, str]) -> str:
    return " union all ".join(
        f"""select '{table}.{column} not in {target}' as subject, count(*) as row_count,
                list(distinct rows.{column} order by rows.{column})[:3] as examples
            from {table} as rows
            left join {target} as targets on rows.{column} = targets.{target_key}
            where rows.{column} is not null and targets.{target_key} is null
                and not rows.is_deleted and {where}
            having count(*) > 0"""
        for table, column, target, target_key, where in references
    )


def _times(*rules: tuple[str, str, str, str]) -> str:
    return " union all ".join(
        f"""select '{text}' as subject, count(*) as row_count,
                list({key} order by {key})[:3] as examples
            from {table} cross join run_period
            where not is_deleted and {condition}
            having count(*) > 0"""
        for table, key, condition, text in rules
    )


CHECKS = (
    ContractCheck(
        name="types mapped",
        rows="""
            select raw_type as subject, count(*) as row_count,
                list(interaction_id order by interaction_id)[:3] as examples
            from interactions
            where interaction_group is null and not is_deleted
            group by raw_type order by row_count desc, raw_type""",
        remedy="Add a line for each type to seeds/reference/interaction_types.csv.",
        population="select count(*) from interactions where not is_deleted",
        blocking_share="unclassified_share",
    ),
    ContractCheck(
        name="statuses mapped",
        rows="""
            select source || '/' || table_name || ': ' || reason as subject,
                count(*) as row_count, list(file_name || ' line ' || line_number
                    order by loaded_at desc, line_number)[:3] as examples
            from quarantine where reason like '% is unknown%' and left_at is null
            group by subject order by row_count desc, subject""",
        population="""
            select (select count(*) from interactions)
                + (select count(*) from quarantine where reason like '% is unknown%')""",
        remedy="Add a line for each status to seeds/reference/interaction_statuses.csv; the raw "
        "rows are shown by `crm-marts quarantine` after a close.",
    ),
    ContractCheck(
        name="results mapped",
        rows="""
            select result as subject, count(*) as row_count,
                list(interaction_id order by interaction_id)[:3] as examples
            from interactions where result_class = 'unmapped' and not is_deleted
            group by result order by row_count desc, result""",
        population="select count(*) from interactions where result is not null and not is_deleted",
        remedy="Add a line for each result to seeds/reference/interaction_results.csv.",
    ),
    ContractCheck(
        name="positions mapped",
        rows="""
            select position as subject, count(*) as row_count,
                list(person_id order by person_id)[:3] as examples
            from client_contact_persons
            where position is not null and not is_deleted
                and lower(trim(position)) not in (select raw_position from reference.positions)
            group by position order by row_count desc, position""",
        population="""
            select count(*) from client_contact_persons
            where position is not null and not is_deleted""",
        remedy="Add a line for each position, in lower case, to seeds/reference/positions.csv.",
    ),
    ContractCheck(
        name="references",
        rows=_references(
            ("interactions", "dangling_client_id", "clients", "client_id", "true"),
            ("interactions", "dangling_responsible_manager_id", "managers", "manager_id", "true"),
            ("interactions", "dangling_created_by_id", "managers", "manager_id", "true"),
            ("clients", "dangling_responsible_manager_id", "managers", "manager_id", "true"),
            ("clients", "dangling_parent_client_id", "clients", "client_id", "true"),
            ("client_assignments", "client_id", "clients", "client_id", "true"),
            ("client_assignments", "manager_id", "managers", "manager_id", "true"),
            ("client_contact_persons", "client_id", "clients", "client_id", "true"),
            ("client_contact_persons", "person_id", "contact_persons", "person_id", "true"),
            ("client_characteristics", "client_id", "clients", "client_id", "true"),
            ("client_merges", "losing_client_id", "clients", "client_id", "true"),
            ("client_merges", "surviving_client_id", "clients", "client_id", "true"),
            ("interaction_parties", "interaction_id", "interactions", "interaction_id", "true"),
            ("interaction_parties", "party_id", "clients", "client_id", "party_kind = 'client'"),
            ("interaction_parties", "party_id", "managers", "manager_id", "party_kind = 'manager'"),
            (
                *("interaction_parties", "party_id", "contact_persons", "person_id"),
                "party_kind = 'person'",
            ),
            ("contact_plans", "manager_id", "managers", "manager_id", "true"),
            ("contact_plans", "client_id", "clients", "client_id", "true"),
        ),
        remedy="Export the tables that hold these rows whole, deleted ones too; rows with such a "
        "reference count, but in no client's or manager's figures.",
    ),
    ContractCheck(
        name="times",
        rows=_times(
            *(
                (table, key, f"{column} > run_period.as_of", f"{table}.{column} after the load")
                for table, key, column in (
                    ("clients", "client_id", "registered_at"),
                    ("interactions", "interaction_id", "created_at"),
                    ("interactions", "interaction_id", "completed_at"),
                    ("client_merges", "losing_client_id", "merged_at"),
                )
            ),
            *(
                (
                    *(table, key, f"{column} < timestamp '1990-01-01'"),
                    f"{table}.{column} before 1990",
                )
                for table, key, column in (
                    ("clients", "client_id", "registered_at"),
                    ("interactions", "interaction_id", "created_at"),
                    ("interactions", "interaction_id", "planned_start_at"),
                    ("interactions", "interaction_id", "actual_start_at"),
                )
            ),
            *(
                (table, key, f"{ends} < {starts}", f"{table}.{ends} before {starts}")
                for table, key, starts, ends in (
                    ("interactions", "interaction_id", "planned_start_at", "planned_end_at"),
                    ("interactions", "interaction_id", "actual_start_at", "actual_end_at"),
                    ("client_assignments", "client_id", "valid_from", "valid_to"),
                    ("client_contact_persons", "client_id", "valid_from", "valid_to"),
                    ("client_characteristics", "client_id", "valid_from", "valid_to"),
                    ("clients", "client_id", "registered_at", "archived_at"),
                )
            ),
            (
                *("interactions", "interaction_id"),
                "(duration_seconds < 0 or duration_seconds > 60 * $max_duration_minutes)",
                "interactions.duration_seconds below 0 or over rules.max_duration_minutes",
            ),
        ),
        remedy="Look at one of the rows in the CRM: a wrong time zone of the source, a wrong unit "
        "(seconds, minutes, milliseconds) and swapped columns look like this.",
    ),
    ContractCheck(
        name="merges",
        rows="""
            select 'clients that are merged in a circle' as subject, count(*) as row_count,
                list(losing_client_id order by losing_client_id)[:3] as examples
            from client_merges as merges
            where not is_deleted and exists (
                with recursive chain as (
                    select merges.surviving_client_id as client_id, 1 as steps
                    union all
                    select next_merges.surviving_client_id, steps + 1
                    from chain inner join client_merges as next_merges
                        on chain.client_id = next_merges.losing_client_id
                    where steps < 50 and not next_merges.is_deleted)
                select * from chain where client_id = merges.losing_client_id)
            having count(*) > 0""",
        blocking_share="0",
        remedy="Undo one of the merges in the CRM, or mark one of the clients as not merged.",
    ),
)

# What must stand in the contract for figures to come out, and what to say when it does not.
NEEDS = {
    "clients": (
        "select count(*) from clients where is_client and not is_deleted",
        "no row of clients has is_client true",
    ),
    "managers": ("select count(*) from managers where not is_deleted", "managers is empty"),
    "owners": (
        "select count(*) from client_assignments where not is_deleted",
        "no client has a manager: clients.responsible_manager_id and client_assignments are empty",
    ),
    "persons": (
        "select count(*) from client_contact_persons where not is_deleted",
        "client_contact_persons is empty",
    ),
    "positions": (
        "select count(*) from client_contact_persons where position is not null",
        "no contact person has a position",
    ),
    "interactions": (
        "select count(*) from interactions where not is_deleted and not is_auto",
        "interactions has no row that a person made",
    ),
    "interactions of clients": (
        "select count(*) from interactions where client_id is not null and not is_deleted",
        "no interaction leads to a client that is known",
    ),
    "completed interactions": (
        "select count(*) from interactions where completed_at is not null and not is_deleted",
        "no interaction is completed",
    ),
    "call times": (
        """select count(*) from interactions where interaction_kind = 'call'
           and coalesce(talk_seconds, duration_seconds) is not null""",
        "no call has a talk time or duration: call minutes are unknown",
    ),
    "meeting times": (
        """select count(*) from interactions where interaction_kind in ('meeting', 'visit')
           and duration_seconds is not null""",
        "no meeting has a duration: meeting minutes are unknown",
    ),
    "results": (
        "select count(*) from interactions where result is not null",
        "no interaction has a result",
    ),
    "deadlines": (
        "select count(*) from interactions where deadline_at is not null",
        "no interaction has a deadline or a planned time",
    ),
    "planned interactions": (
        "select count(*) from interactions where planned_start_at is not null",
        "no interaction has a planned start",
    ),
    "plans": (
        "select count(*) from contact_plans where not is_deleted",
        "contact_plans is empty: the plan is a sheet that a source of crm files delivers",
    ),
}
_ACTIVITY = ("interactions", "completed interactions")
# By report: without the first ones it is empty, without the others some of its figures are.
REPORTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "rpt_client_growth": (("clients",), ("interactions of clients",)),
    "rpt_segment_sizes": (("clients",), ()),
    "rpt_named_segments": (("clients",), ()),
    "rpt_segment_overlap": (("clients",), ()),
    "rpt_segment_migration": (("clients",), ()),
    "rpt_manager_load": (("clients", "managers"), ("owners", "interactions of clients")),
    "rpt_contact_persons": (("clients", "persons"), ("positions",)),
    "rpt_interaction_kpis": (_ACTIVITY, ("call times", "meeting times", "managers")),
    "rpt_interaction_groups": (_ACTIVITY, ("results",)),
    "rpt_interaction_outcomes": (("interactions",), ("deadlines", "managers")),
    "rpt_planned_activity": (("planned interactions",), ("managers",)),
    "rpt_deadline_compliance": (("deadlines",), ("managers",)),
    "rpt_interaction_register": (("interactions",), ("interactions of clients",)),
    "rpt_late_entries": (_ACTIVITY, ("managers",)),
    "rpt_plan_fulfilment": (("plans", "completed interactions"), ("owners",)),
    "rpt_manager_ranking": (("managers", "plans"), ("owners", "deadlines")),
    "rpt_no_contact_clients": (("clients",), ("interactions of clients", "owners")),
}
