-- The marts of models/marts/interactions, of one full load: no row was ever replaced, so that responsible, deadline
-- and plan are what they always were, and no client was merged. What can touch the month's figures is taken out of
-- the history once; only late entries and first contacts look further back, over few columns.

create temp macro two_places(x) as cast(cast(x as decimal(18, 8)) as decimal(18, 2));

create temp macro quotient(numerator, denominator) as cast(
    cast(numerator as decimal(18, 4)) / nullif(cast(denominator as decimal(18, 4)), 0) as decimal(18, 8)
);

create temp macro share(numerator, denominator) as cast(quotient(numerator, denominator) as decimal(18, 4));

-- What came of an interaction by the end of a period.
create temp macro outcome(is_over, end_at, deadline_at, completed_at, cancelled_at) as case
    when not is_over and deadline_at < end_at then 'overdue'
    when not is_over and deadline_at is not null then 'open, due later'
    when not is_over then 'open without deadline'
    when cancelled_at is not null then 'cancelled'
    when completed_at <= deadline_at then 'completed on time'
    when completed_at > deadline_at then 'completed late'
    else 'completed without deadline'
end;

-- The periods with a number, which is a cheap key of groups and joins.
create temp table numbered_periods as
select cast(row_number() over (order by period_kind, period_start) as tinyint) as period, *
from periods;

-- The month being closed, with the bounds of all that its reports look at.
create temp table closing as
select
    * exclude (period, period_end),
    period_end - 1 as last_date,
    end_at + interval 1 month as next_end_at,
    (select min(start_at) from periods) as first_start_at,
    (select max(end_at) from periods) as last_end_at,
    (select min(previous_start_at) from periods) as look_back_at
from numbered_periods
where period_kind = 'month';

-- Nobody says when a manager was hired or left: all of them stand in every period.
create temp table period_managers as
select numbered_periods.period, managers.manager_id
from numbered_periods
cross join managers;

-- Interactions that a figure of the month can count.
create temp table recent as
select
    interaction_id, interaction_kind, interaction_group, direction, client_id, responsible_manager_id as manager_id,
    created_at, planned_start_at, planned_end_at, deadline_at, completed_at, cancelled_at, closed_at, event_at, is_mass,
    is_attempt, is_conversation, is_contact, duration_state,
    if(duration_state = 'known', spent_seconds, null) as known_seconds,
    planned_seconds,
    coalesce(event_at >= start_at and event_at < end_at, false) as is_in_month,
    -- As known at the scheduled close; what is dated in the month counts in it, whenever it was ticked off.
    if(completed_at < scheduled_close_at or is_in_month, completed_at, null) as known_completed_at,
    if(cancelled_at < scheduled_close_at, cancelled_at, null) as known_cancelled_at,
    coalesce(planned_start_at >= start_at and planned_start_at < end_at, false)
    and coalesce(known_cancelled_at >= start_at, true) as is_planned,
    coalesce(planned_start_at >= end_at and planned_start_at < next_end_at, false)
    and created_at < scheduled_close_at
    and known_cancelled_at is null
    and (
        known_completed_at is null
        -- Planned for the grace days and held in them: ahead of the month's end all the same.
        or (planned_start_at < scheduled_close_at and event_at >= end_at)
    ) as is_planned_next
from interactions
cross join closing
where
    closed_at is null
    or greatest(created_at, planned_start_at, deadline_at, event_at, closed_at) >= look_back_at;

-- Interactions that have more parties than their own client and responsible.
create temp table party_lists as
with members as (
    -- What lies before every period is counted, but not listed.
    select interaction_id, interaction_id[5:] as native_id, client_id, manager_id
    from recent
    where
        closed_at is null
        or greatest(created_at, planned_start_at, deadline_at, event_at, closed_at)
        >= (select first_start_at from closing)
),

parties as (
    select
        members.interaction_id,
        list('crm:' || party_id) filter (party_kind = 'person') as persons,
        list('crm:' || party_id) filter (party_kind = 'manager') as managers
    from read_parquet(getvariable('landed') || 'interaction_parties.parquet') as parties
    inner join members on parties.interaction_id = native_id
    group by members.interaction_id
),

clients as (
    select interaction_id, list(client_id) as clients
    from further_clients
    semi join members using (interaction_id)
    group by interaction_id
),

lists as (
    -- The responsible attends, whether the CRM lists it or not.
    select
        interaction_id,
        if(client_id is null, clients, list_append(clients, client_id)) as clients,
        persons,
        if(manager_id is null, managers, list_append(managers, manager_id)) as managers
    from members
    inner join (parties full join clients using (interaction_id)) using (interaction_id)
)

select
    interaction_id,
    array_to_string(list_sort(list_distinct(clients)), ', ') as client_ids,
    array_to_string(list_sort(list_distinct(persons)), ', ') as person_ids,
    array_to_string(list_sort(list_distinct(managers)), ', ') as manager_ids,
    len(list_distinct(managers)) as attendee_count
from lists;

-- Completed interactions that are dated in a period: the month's, and those of weeks that begin before it.
create temp table counted as
select
    recent.*, owners.manager_id as owner_at_event_id, coalesce(attendee_count, 1) as attendee_count
from recent
cross join closing
left join party_lists using (interaction_id)
left join owners
    on
        recent.client_id = owners.client_id
        and event_at >= owners.valid_from
        and event_at < coalesce(owners.valid_to, timestamp '9999-12-31')
where event_at >= first_start_at and event_at < last_end_at;

-- grain: month and completed interaction dated in it
create table fct_interactions as
select
    period_kind, period_start, close_month, interaction_id,
    cast(event_at as date) as event_date,
    event_at, interaction_kind, interaction_group, direction, null::varchar as result, counted.client_id,
    counted.manager_id as performer_id, owner_at_event_id, owners.manager_id as owner_at_period_end_id,
    is_contact, is_conversation, is_attempt, is_mass, duration_state,
    cast(known_seconds / 60.0 as decimal(18, 2)) as duration_minutes,
    attendee_count
from counted
cross join closing
left join owners
    on
        counted.client_id = owners.client_id
        and end_at > owners.valid_from
        and end_at <= coalesce(owners.valid_to, timestamp '9999-12-31')
where is_in_month;

-- grain: period, attribution, manager, interaction kind and interaction group (each with `all`)
create table rpt_interaction_kpis as
with placed as (
    select
        period, interaction_id, interaction_kind, interaction_group, counted.client_id,
        coalesce(counted.manager_id, 'no manager') as performer,
        coalesce(owner_at_event_id, 'no manager') as owner_at_event,
        coalesce(owners.manager_id, 'no manager') as owner_at_end,
        is_conversation, is_attempt, duration_state, known_seconds, planned_seconds,
        if(interaction_kind in ('meeting', 'visit'), known_seconds, null) as meeting_seconds,
        meeting_seconds * attendee_count as person_seconds
    from counted
    inner join numbered_periods on event_at >= start_at and event_at < end_at
    left join owners
        on
            counted.client_id = owners.client_id
            and end_at > owners.valid_from
            and end_at <= coalesce(owners.valid_to, timestamp '9999-12-31')
),

attributed as (
    select * exclude (performer, owner_at_event, owner_at_end), 'performer' as attribution, performer as manager_id
    from placed
    union all
    select * exclude (performer, owner_at_event, owner_at_end), 'owner at event', owner_at_event
    from placed
    union all
    select * exclude (performer, owner_at_event, owner_at_end), 'owner at period end', owner_at_end
    from placed
),

cells as (
    select
        period, attribution, manager_id, interaction_kind, interaction_group,
        count(*) as interaction_count,
        count(*) filter (is_conversation) as conversation_count,
        count(*) filter (is_attempt) as attempt_count,
        sum(known_seconds) filter (is_conversation) as call_seconds,
        sum(meeting_seconds) as meeting_seconds,
        sum(person_seconds) as person_seconds,
        sum(known_seconds) as known_seconds,
        sum(planned_seconds) as planned_seconds,
        count(*) filter (duration_state = 'known') as known_duration_count,
        count(*) filter (duration_state = 'unknown') as unknown_duration_count,
        count(*) filter (duration_state = 'invalid') as invalid_duration_count
    from attributed
    group by all
),

sums as (
    select
        period, attribution,
        coalesce(manager_id, 'all') as manager_id,
        coalesce(interaction_kind, 'all') as interaction_kind,
        coalesce(interaction_group, 'all') as interaction_group,
        sum(columns(* exclude (period, attribution, manager_id, interaction_kind, interaction_group)))
    from cells
    group by period, attribution, rollup (manager_id), rollup (interaction_kind, interaction_group)
),

-- Over all managers each attribution has the same interactions.
attributions as (
    select unnest(['performer', 'owner at event', 'owner at period end']) as attribution
),

percentiles as (
    select
        period, attribution, manager_id,
        coalesce(interaction_kind, 'all') as interaction_kind,
        coalesce(interaction_group, 'all') as interaction_group,
        quantile_cont(known_seconds / 60.0, [0.5, 0.9]) as minutes
    from attributed
    where known_seconds is not null
    group by period, attribution, manager_id, rollup (interaction_kind, interaction_group)
    union all
    select period, attribution, 'all', interaction_kind, interaction_group, minutes
    from (
        select
            period,
            coalesce(interaction_kind, 'all') as interaction_kind,
            coalesce(interaction_group, 'all') as interaction_group,
            quantile_cont(known_seconds / 60.0, [0.5, 0.9]) as minutes
        from placed
        where known_seconds is not null
        group by period, rollup (interaction_kind, interaction_group)
    )
    cross join attributions
),

taking_part as (
    select * from placed
    where client_id is not null
    union all
    select placed.* replace (further_clients.client_id as client_id)
    from placed
    inner join further_clients using (interaction_id)
),

client_counts as (
    select
        period, 'performer' as attribution, performer as manager_id,
        coalesce(interaction_kind, 'all') as interaction_kind,
        coalesce(interaction_group, 'all') as interaction_group,
        count(distinct client_id) as client_count
    from taking_part
    group by period, performer, rollup (interaction_kind, interaction_group)
    union all
    select
        period, 'owner at event' as attribution, owner_at_event as manager_id,
        coalesce(interaction_kind, 'all') as interaction_kind,
        coalesce(interaction_group, 'all') as interaction_group,
        count(distinct client_id) as client_count
    from taking_part
    group by period, owner_at_event, rollup (interaction_kind, interaction_group)
    union all
    select
        period, 'owner at period end' as attribution, owner_at_end as manager_id,
        coalesce(interaction_kind, 'all') as interaction_kind,
        coalesce(interaction_group, 'all') as interaction_group,
        count(distinct client_id) as client_count
    from taking_part
    group by period, owner_at_end, rollup (interaction_kind, interaction_group)
    union all
    select period, attribution, 'all', interaction_kind, interaction_group, client_count
    from (
        select
            period,
            coalesce(interaction_kind, 'all') as interaction_kind,
            coalesce(interaction_group, 'all') as interaction_group,
            count(distinct client_id) as client_count
        from taking_part
        group by period, rollup (interaction_kind, interaction_group)
    )
    cross join attributions
),

spine as (
    select period, attribution, manager_id, interaction_kind, interaction_group
    from sums
    union
    select period, attribution, manager_id, 'all', 'all'
    from attributions
    cross join (from period_managers union all select period, 'all' from numbered_periods)
)

select
    period_kind, period_start, close_month, attribution, manager_id, interaction_kind, interaction_group,
    coalesce(interaction_count, 0)::bigint as interaction_count,
    coalesce(client_count, 0) as client_count,
    coalesce(conversation_count, 0)::bigint as conversation_count,
    coalesce(attempt_count, 0)::bigint as attempt_count,
    cast(coalesce(call_seconds, 0) / 60.0 as decimal(18, 2)) as call_minutes,
    cast(coalesce(meeting_seconds, 0) / 60.0 as decimal(18, 2)) as meeting_minutes,
    cast(coalesce(person_seconds, 0) / 60.0 as decimal(18, 2)) as person_minutes,
    cast(coalesce(planned_seconds, 0) / 60.0 as decimal(18, 2)) as planned_minutes,
    coalesce(known_duration_count, 0)::bigint as known_duration_count,
    coalesce(unknown_duration_count, 0)::bigint as unknown_duration_count,
    coalesce(invalid_duration_count, 0)::bigint as invalid_duration_count,
    two_places(quotient(known_seconds, 60 * known_duration_count)) as mean_minutes,
    two_places(minutes[1]) as median_minutes,
    two_places(minutes[2]) as p90_minutes
from spine
inner join numbered_periods using (period)
left join sums using (period, attribution, manager_id, interaction_kind, interaction_group)
left join percentiles using (period, attribution, manager_id, interaction_kind, interaction_group)
left join client_counts using (period, attribution, manager_id, interaction_kind, interaction_group);

-- grain: period, manager and interaction kind
create table rpt_interaction_outcomes as
with candidates as (
    select
        period, coalesce(manager_id, 'no manager') as manager_id, interaction_kind, start_at, end_at,
        deadline_at, completed_at, cancelled_at, closed_at,
        coalesce(closed_at < end_at, false) as is_over,
        case
            when is_over then closed_at >= start_at
            else created_at < end_at
        end as has_outcome,
        -- The first moment at which it was overdue, if it was before it was closed.
        case
            when deadline_at is not null and coalesce(closed_at > greatest(deadline_at, created_at), true)
                then greatest(deadline_at, created_at)
        end as overdue_from
    from recent
    cross join numbered_periods
),

decided as (
    select
        *,
        coalesce(overdue_from < end_at and (closed_at is null or closed_at >= start_at), false) as is_overdue_in,
        case when has_outcome then outcome(is_over, end_at, deadline_at, completed_at, cancelled_at) end as outcome,
        case when outcome = 'overdue' then cast(end_at as date) - cast(deadline_at as date) end as days_overdue
    from candidates
    where has_outcome or is_overdue_in
),

counts as (
    select
        period, manager_id, interaction_kind,
        count(*) filter (outcome = 'cancelled') as cancelled_count,
        count(*) filter (outcome = 'completed on time') as completed_on_time_count,
        count(*) filter (outcome = 'completed late') as completed_late_count,
        count(*) filter (outcome = 'completed without deadline') as completed_without_deadline_count,
        count(*) filter (outcome = 'overdue') as overdue_count,
        count(*) filter (outcome = 'open, due later') as open_due_later_count,
        count(*) filter (outcome = 'open without deadline') as open_without_deadline_count,
        count(outcome) as interaction_count,
        count(*) filter (is_overdue_in and overdue_from < start_at) as overdue_opening_count,
        count(*) filter (is_overdue_in and overdue_from >= start_at) as overdue_inflow_count,
        count(*) filter (is_overdue_in and closed_at < end_at) as overdue_outflow_count,
        count(*) filter (days_overdue between 0 and 7) as overdue_1_to_7_days_count,
        count(*) filter (days_overdue between 8 and 30) as overdue_8_to_30_days_count,
        count(*) filter (days_overdue between 31 and 90) as overdue_31_to_90_days_count,
        count(*) filter (days_overdue > 90) as overdue_over_90_days_count
    from decided
    group by all
),

spine as (
    select period, manager_id, interaction_kind from counts
    union
    select *, unnest(['call', 'meeting', 'task']) from period_managers
)

select
    period_kind, period_start, close_month, manager_id, interaction_kind,
    coalesce(cancelled_count, 0) as cancelled_count,
    coalesce(completed_on_time_count, 0) as completed_on_time_count,
    coalesce(completed_late_count, 0) as completed_late_count,
    coalesce(completed_without_deadline_count, 0) as completed_without_deadline_count,
    coalesce(overdue_count, 0) as overdue_count,
    coalesce(open_due_later_count, 0) as open_due_later_count,
    coalesce(open_without_deadline_count, 0) as open_without_deadline_count,
    coalesce(interaction_count, 0) as interaction_count,
    share(completed_on_time_count, completed_on_time_count + completed_late_count) as completed_on_time_share,
    coalesce(overdue_opening_count, 0) as overdue_opening_count,
    coalesce(overdue_inflow_count, 0) as overdue_inflow_count,
    0::bigint as overdue_transferred_in_count,
    coalesce(overdue_outflow_count, 0) as overdue_outflow_count,
    0::bigint as overdue_transferred_out_count,
    coalesce(overdue_1_to_7_days_count, 0) as overdue_1_to_7_days_count,
    coalesce(overdue_8_to_30_days_count, 0) as overdue_8_to_30_days_count,
    coalesce(overdue_31_to_90_days_count, 0) as overdue_31_to_90_days_count,
    coalesce(overdue_over_90_days_count, 0) as overdue_over_90_days_count
from spine
inner join numbered_periods using (period)
left join counts using (period, manager_id, interaction_kind);

-- First contacts that lie in a period. Of the clients met in one, those met before it are left out step by step, the
-- dearest last: by their own interactions, then by those in which persons of theirs took part.
create temp table first_contacts as
with contacts as (
    select client_id, interaction_id, event_at
    from counted
    where is_contact
    union all
    select further_clients.client_id, interaction_id, event_at
    from counted
    inner join further_clients using (interaction_id)
    where is_contact
),

first_ones as (
    -- A client older than the data had its first contact nobody knows when.
    select client_id, arg_min(interaction_id, (event_at, interaction_id)) as interaction_id, min(event_at) as event_at
    from contacts
    semi join (from clients where registered_at >= getvariable('data_start')) as known using (client_id)
    group by client_id
),

earlier as not materialized (
    select interaction_id, client_id
    from interactions
    where is_contact and event_at < (select first_start_at from closing)
),

new_by_own as (
    from first_ones
    anti join earlier using (client_id)
),

known_by_person as (
    select further_clients.client_id
    from further_clients
    semi join new_by_own using (client_id)
    semi join (select interaction_id from earlier) as before using (interaction_id)
)

select period, client_id, interaction_id
from new_by_own
anti join known_by_person using (client_id)
inner join numbered_periods on event_at >= start_at and event_at < end_at;

-- grain: period, interaction group and manager (each with `all`)
create table rpt_interaction_groups as
with placed as (
    select
        period, interaction_id, interaction_group, coalesce(manager_id, 'no manager') as manager_id, client_id,
        event_at >= start_at and event_at < end_at as is_in_period,
        event_at >= previous_start_at and event_at < start_at as is_previous,
        created_at >= start_at and created_at < end_at as is_opened,
        completed_at >= start_at and completed_at < end_at as is_closed,
        case when is_closed and completed_at >= created_at then epoch(completed_at - created_at)::decimal(18, 0) end
            as seconds_to_close
    from recent
    cross join numbered_periods
    where is_in_period or is_previous or is_opened or is_closed
),

cells as (
    select
        period, interaction_group, manager_id,
        count(*) filter (is_in_period) as counted_count,
        count(*) filter (is_previous) as previous_count,
        count(*) filter (is_opened) as opened_count,
        count(*) filter (is_closed) as closed_count,
        count(seconds_to_close) as timed_count,
        sum(seconds_to_close) as seconds_to_close,
        0 as first_contact_count
    from placed
    group by all
    union all
    select period, interaction_group, coalesce(manager_id, 'no manager'), 0, 0, 0, 0, 0, null, count(*)
    from first_contacts
    inner join counted using (interaction_id)
    group by all
),

sums as (
    select
        period,
        coalesce(interaction_group, 'all') as interaction_group,
        coalesce(manager_id, 'all') as manager_id,
        sum(counted_count) filter (interaction_group = 'first_contact') as labelled_first_contact_count,
        sum(columns(* exclude (period, interaction_group, manager_id)))
    from cells
    group by period, rollup (interaction_group), rollup (manager_id)
),

medians as (
    select
        period,
        coalesce(interaction_group, 'all') as interaction_group,
        coalesce(manager_id, 'all') as manager_id,
        two_places(quantile_cont(cast(seconds_to_close / 3600.0 as double), 0.5)) as median_hours_to_close
    from placed
    where seconds_to_close is not null
    group by period, rollup (interaction_group), rollup (manager_id)
),

clients_met as (
    select period, interaction_group, manager_id, client_id from placed
    where is_in_period and client_id is not null
    union all
    select period, interaction_group, manager_id, further_clients.client_id from placed
    inner join further_clients using (interaction_id)
    where is_in_period
),

client_counts as (
    select
        period,
        coalesce(interaction_group, 'all') as interaction_group,
        coalesce(manager_id, 'all') as manager_id,
        count(distinct client_id) as client_count
    from clients_met
    group by period, rollup (interaction_group), rollup (manager_id)
),

spine as (
    select period, interaction_group, manager_id from sums
    union
    select period, 'all', manager_id from period_managers
    union
    select period, 'all', 'all' from numbered_periods
)

select
    period_kind, period_start, close_month, interaction_group, manager_id,
    coalesce(counted_count, 0)::bigint as interaction_count,
    coalesce(previous_count, 0)::bigint as previous_interaction_count,
    coalesce(counted_count - previous_count, 0)::bigint as change_interaction_count,
    coalesce(client_count, 0) as client_count,
    coalesce(first_contact_count, 0)::bigint as first_contact_client_count,
    coalesce(labelled_first_contact_count, 0)::bigint as labelled_first_contact_count,
    -- The CRM keeps no results.
    0 as positive_count,
    0 as neutral_count,
    0 as negative_count,
    coalesce(counted_count, 0)::bigint as no_result_count,
    0 as unmapped_result_count,
    share(0, counted_count) as with_result_share,
    null as positive_share,
    coalesce(opened_count, 0)::bigint as opened_count,
    coalesce(closed_count, 0)::bigint as closed_count,
    two_places(quotient(seconds_to_close, 3600 * timed_count)) as mean_hours_to_close,
    median_hours_to_close
from spine
inner join numbered_periods using (period)
left join sums using (period, interaction_group, manager_id)
left join medians using (period, interaction_group, manager_id)
left join client_counts using (period, interaction_group, manager_id);

-- Interactions whose deadline lies in the month, by what came of it. No deadline was ever moved.
create temp table due as
select
    interaction_id, coalesce(manager_id, 'no manager') as manager_id,
    case when completed_at < scheduled_close_at then completed_at end as completed_then,
    case
        when deadline_at > as_of then 'not yet due'
        when cancelled_at < scheduled_close_at then 'cancelled after deadline'
        when completed_then is null then 'still open'
        when completed_then > deadline_at then 'late'
        else 'on time'
    end as deadline_class,
    deadline_class <> 'not yet due' and coalesce(
        completed_then <= if(
            next_working_date > calendar_date, next_working_date + interval 1 day - interval 1 microsecond, deadline_at
        ),
        false
    ) as is_working_on_time
from recent
cross join closing
left join working_days on cast(deadline_at as date) = calendar_date
where deadline_at >= start_at and deadline_at < end_at and coalesce(cancelled_at >= deadline_at, true);

-- grain: month and responsible (`all` for the total)
create table rpt_deadline_compliance as
with counts as (
    select
        coalesce(manager_id, 'all') as manager_id,
        count(*) filter (deadline_class <> 'not yet due') as due_count,
        count(*) filter (deadline_class = 'on time') as on_time_count,
        count(*) filter (deadline_class = 'late') as late_count,
        count(*) filter (deadline_class = 'cancelled after deadline') as cancelled_count,
        count(*) filter (deadline_class = 'still open') as open_count,
        count(*) filter (is_working_on_time) as working_on_time_count,
        count(*) filter (deadline_class = 'not yet due') as not_yet_due_count
    from due
    group by rollup (manager_id)
),

spine as (
    select manager_id from counts
    union
    select manager_id from managers
    union
    select 'all'
),

full_counts as (
    select
        manager_id,
        coalesce(due_count, 0) as due_count,
        coalesce(on_time_count, 0) as on_time_count,
        coalesce(late_count, 0) as late_count,
        0::bigint as moved_after_expiry_count,
        coalesce(cancelled_count, 0) as cancelled_after_deadline_count,
        coalesce(open_count, 0) as still_open_count,
        share(on_time_count, due_count) as on_time_share,
        coalesce(working_on_time_count, 0) as working_on_time_count,
        share(working_on_time_count, due_count) as working_on_time_share,
        coalesce(not_yet_due_count, 0) as not_yet_due_count
    from spine
    left join counts using (manager_id)
)

select
    period_kind, period_start, close_month, manager_id, due_count, on_time_count, late_count,
    moved_after_expiry_count, cancelled_after_deadline_count, still_open_count, on_time_share,
    -- The first deadline is the present one.
    due_count as first_due_count, on_time_count as first_on_time_count, late_count as first_late_count,
    moved_after_expiry_count as first_moved_after_expiry_count,
    cancelled_after_deadline_count as first_cancelled_after_deadline_count,
    still_open_count as first_still_open_count, on_time_share as first_on_time_share,
    0::bigint as moved_count, 0::bigint as move_count, 0::bigint as moved_after_expiry_item_count,
    working_on_time_count, working_on_time_share, not_yet_due_count
from full_counts
cross join closing;

-- grain: month, manager and interaction kind
create table rpt_planned_activity as
with counts as (
    select
        coalesce(manager_id, 'no manager') as manager_id, interaction_kind,
        count(*) filter (is_planned and created_at < start_at) as opening_count,
        count(*) filter (is_planned and created_at >= start_at) as added_count,
        count(*) filter (is_planned and known_cancelled_at is not null) as cancelled_count,
        count(*) filter (is_planned and known_completed_at is not null) as done_count,
        count(*) filter (is_planned and known_cancelled_at is null and known_completed_at is null) as not_done_count,
        count(*) filter (is_planned_next) as next_period_planned_count
    from recent
    cross join closing
    where is_planned or is_planned_next
    group by all
),

spine as (
    select manager_id, interaction_kind from counts
    union
    select manager_id, unnest(['call', 'meeting', 'task']) from managers
)

select
    period_kind, period_start, close_month, manager_id, interaction_kind,
    coalesce(opening_count, 0) as opening_count,
    coalesce(added_count, 0) as added_count,
    0::bigint as moved_in_count,
    0::bigint as moved_out_count,
    coalesce(cancelled_count, 0) as cancelled_count,
    coalesce(done_count, 0) as done_count,
    coalesce(not_done_count, 0) as not_done_count,
    share(done_count, done_count + not_done_count) as done_share,
    coalesce(next_period_planned_count, 0) as next_period_planned_count
from spine
cross join closing
left join counts using (manager_id, interaction_kind);

-- grain: month closed, month whose interactions are counted and manager (`all` for the total)
create table rpt_late_entries as
with months as (
    select
        cast(period_start - to_months(n) as date) as event_month,
        event_month + interval 1 month as month_end_at,
        scheduled_close_at - to_months(n) as month_close_at,
        (select min(known_from) from interactions) < month_end_at as is_judged
    from closing, range(12) as numbers (n)
),

entered as (
    select
        coalesce(performer_id, 'no manager') as manager_id,
        cast(date_trunc('month', event_at) as date) as event_month,
        least(known_from, created_at) as entered_at
    from interactions
    cross join closing
    where
        event_at >= end_at - interval 12 month
        and event_at < end_at
        and least(known_from, created_at) < scheduled_close_at
),

classes as (
    select
        event_month, manager_id,
        case
            when not is_judged then 'not judged'
            when entered_at < month_end_at then 'in month'
            when entered_at < month_close_at then 'in grace days'
            else 'late'
        end as entry_class,
        cast(entered_at as date) - cast(month_close_at as date) as days_late
    from entered
    inner join months using (event_month)
),

cells as (
    select
        event_month, manager_id,
        count(*) as interaction_count,
        count(*) filter (entry_class = 'not judged') as not_judged_count,
        count(*) filter (entry_class <> 'not judged') as judged_count,
        count(*) filter (entry_class = 'in month') as in_month_count,
        count(*) filter (entry_class = 'in grace days') as in_grace_days_count,
        count(*) filter (entry_class = 'late' and days_late <= 7) as late_1_to_7_days_count,
        count(*) filter (entry_class = 'late' and days_late between 8 and 30) as late_8_to_30_days_count,
        count(*) filter (entry_class = 'late' and days_late between 31 and 90) as late_31_to_90_days_count,
        count(*) filter (entry_class = 'late' and days_late > 90) as late_over_90_days_count,
        count(*) filter (entry_class = 'late') as late_count
    from classes
    group by all
),

counts as (
    select
        event_month, coalesce(manager_id, 'all') as manager_id,
        sum(columns(* exclude (event_month, manager_id)))
    from cells
    group by event_month, rollup (manager_id)
),

spine as (
    select event_month, manager_id from counts
    union
    select event_month, 'all' from months
    union
    select period_start, manager_id from managers cross join closing
)

select
    period_kind, period_start, close_month, event_month, manager_id,
    coalesce(interaction_count, 0)::bigint as interaction_count,
    coalesce(not_judged_count, 0)::bigint as not_judged_count,
    coalesce(judged_count, 0)::bigint as judged_count,
    coalesce(in_month_count, 0)::bigint as in_month_count,
    coalesce(in_grace_days_count, 0)::bigint as in_grace_days_count,
    coalesce(late_1_to_7_days_count, 0)::bigint as late_1_to_7_days_count,
    coalesce(late_8_to_30_days_count, 0)::bigint as late_8_to_30_days_count,
    coalesce(late_31_to_90_days_count, 0)::bigint as late_31_to_90_days_count,
    coalesce(late_over_90_days_count, 0)::bigint as late_over_90_days_count,
    coalesce(late_count, 0)::bigint as late_count,
    share(judged_count - in_month_count, judged_count) as entered_after_month_share,
    share(judged_count - late_count, judged_count) as complete_at_close_share,
    not is_judged as is_reconstructed
from spine
cross join closing
inner join months using (event_month)
left join counts using (event_month, manager_id);

-- grain: month and interaction whose figures enter a report of it
create table rpt_interaction_register as
with flagged as (
    select
        recent.*, period_kind, period_start, close_month, start_at, end_at, last_date,
        coalesce(closed_at < end_at, false) as is_over,
        if(is_over, closed_at >= start_at, created_at < end_at) as is_in_outcomes,
        deadline_at is not null
        and coalesce(closed_at > greatest(deadline_at, created_at), true)
        and greatest(deadline_at, created_at) < end_at
        and coalesce(closed_at >= start_at, true) as is_overdue_flow,
        due.interaction_id is not null as is_due,
        deadline_class,
        created_at >= start_at and created_at < end_at as is_opened,
        coalesce(known_completed_at, known_cancelled_at) is not null as is_closed
    from recent
    cross join closing
    left join due using (interaction_id)
    where
        is_in_month or is_in_outcomes or is_overdue_flow or is_due or is_planned or is_planned_next or is_opened
),

decided as (
    select
        *,
        case when is_in_outcomes then outcome(is_over, end_at, deadline_at, completed_at, cancelled_at) end as outcome,
        coalesce(known_completed_at <= deadline_at, false) as is_on_time,
        case
            when known_completed_at > deadline_at then cast(known_completed_at as date)
            when known_completed_at is null and is_in_outcomes and not is_over and deadline_at < end_at then last_date
        end as late_date
    from flagged
)

select
    period_kind, period_start, close_month, interaction_id, interaction_kind, interaction_group, direction,
    decided.client_id,
    coalesce(client_ids, decided.client_id) as client_ids,
    person_ids,
    coalesce(manager_ids, decided.manager_id) as manager_ids,
    created_at, planned_start_at, planned_end_at,
    case when known_completed_at is not null then event_at end as event_at,
    known_completed_at as completed_at, known_cancelled_at as cancelled_at,
    deadline_at as first_deadline_at, deadline_at, 0::bigint as deadline_move_count, false as is_moved_after_expiry,
    outcome, deadline_class,
    if(is_on_time, 0, late_date - cast(deadline_at as date))::int as days_late,
    if(is_on_time, 0, late_days.working_day_number - deadline_days.working_day_number)::int as working_days_late,
    null as result,
    'none' as result_class,
    case when is_planned then concat_ws(
        ', ',
        if(created_at < start_at, 'opening', 'added'),
        case
            when known_cancelled_at is not null then 'cancelled'
            when known_completed_at is not null then 'done'
            else 'not done'
        end
    ) end as planned_activity,
    if(is_closed, decided.manager_id, null) as performer_id,
    if(is_due, decided.manager_id, null) as responsible_at_deadline_id,
    if(is_in_outcomes and not is_over, decided.manager_id, null) as holder_at_end_id,
    if(is_in_month, event_owners.manager_id, null) as owner_at_event_id,
    end_owners.manager_id as owner_at_period_end_id,
    is_contact and known_completed_at is not null as is_contact,
    is_conversation and known_completed_at is not null as is_conversation,
    is_attempt and known_completed_at is not null as is_attempt,
    is_mass,
    if(known_completed_at is not null, duration_state, null) as duration_state,
    cast(if(known_completed_at is not null, known_seconds, null) / 60.0 as decimal(18, 2)) as duration_minutes,
    is_in_month as is_counted, is_in_outcomes, is_overdue_flow, is_due, is_due as is_first_due, is_planned,
    is_planned_next, is_opened
from decided
left join party_lists using (interaction_id)
left join working_days as deadline_days on cast(deadline_at as date) = deadline_days.calendar_date
left join working_days as late_days on late_date = late_days.calendar_date
left join owners as end_owners
    on
        decided.client_id = end_owners.client_id
        and end_at > end_owners.valid_from
        and end_at <= coalesce(end_owners.valid_to, timestamp '9999-12-31')
left join owners as event_owners
    on
        decided.client_id = event_owners.client_id
        and event_at >= event_owners.valid_from
        and event_at < coalesce(event_owners.valid_to, timestamp '9999-12-31');
