-- What the other scripts share, out of the landed Parquet of one full load of the generated CRM `crm`.
--
-- Columns and tables that benchmarks/generate.py never writes are left out, and with them what they would
-- decide: no merges, plans, absences, changes, robots, test clients, mass flags, all-day marks or end times.
-- Every moment is known from the one load, so nothing has several versions. The business time zone is UTC.
-- Variables: landed (folder of the load), reference (folder of the lists), close_month, as_of,
-- scheduled_close_at, is_reconstructed, data_start and the scalar rules of crm_marts.toml by their names.
-- Temporary tables are neither compressed nor written, which a table that is read a few times never earns back.

-- Nobody reads the rows in the order of the files.
set preserve_insertion_order = false;

-- grain: period that ends in the month being closed
create temp table periods as
with bounds as (
    select
        getvariable('close_month') as close_month,
        cast(getvariable('close_month') + interval 1 month as date) as next_month
),

spans as (
    select 'month' as period_kind, close_month as period_start, next_month as period_end, interval 1 month as length
    from bounds
    union all
    select 'quarter', cast(close_month - interval 2 month as date), next_month, interval 3 month
    from bounds
    where month(close_month) % 3 = 0
    union all
    select 'year', cast(close_month - interval 11 month as date), next_month, interval 12 month
    from bounds
    where month(close_month) = 12
    union all
    select 'week', cast(sunday - interval 6 day as date), cast(sunday + interval 1 day as date), interval 7 day
    from bounds, generate_series(cast(close_month as timestamp), next_month - interval 1 day, interval 1 day) as days (sunday)
    where isodow(sunday) = 7
)

select
    spans.period_kind,
    spans.period_start,
    spans.period_end,
    cast(spans.period_start - spans.length as date) as previous_period_start,
    cast(spans.period_start as timestamp) as start_at,
    cast(spans.period_end as timestamp) as end_at,
    spans.period_start - spans.length as previous_start_at,
    bounds.close_month,
    getvariable('as_of') as as_of,
    getvariable('scheduled_close_at') as scheduled_close_at,
    getvariable('is_reconstructed') as is_reconstructed
from spans
cross join bounds;

-- grain: the month being closed and the one before
create temp table months as
select
    period_start,
    period_end,
    start_at,
    end_at,
    true as is_closing,
    as_of,
    scheduled_close_at
from periods
where period_kind = 'month'
union all
select
    previous_period_start,
    period_start,
    previous_start_at,
    start_at,
    false,
    as_of,
    scheduled_close_at - interval 1 month
from periods
where period_kind = 'month';

-- grain: calendar date
create temp table working_days as
with days as (
    select
        cast(days.day as date) as calendar_date,
        coalesce(exceptions.is_working, isodow(days.day) < 6) as is_working
    from generate_series(timestamp '2000-01-01', timestamp '2039-12-31', interval 1 day) as days (day)
    left join read_csv(
        getvariable('reference') || 'calendar_exceptions.csv',
        header = true, columns = {'calendar_date': 'date', 'is_working': 'boolean', 'reason': 'varchar'}
    ) as exceptions
        on days.day = exceptions.calendar_date
)

select
    calendar_date,
    is_working,
    min(case when is_working then calendar_date end) over (
        order by calendar_date
        rows between current row and unbounded following
    ) as next_working_date,
    count(case when is_working then 1 end) over (
        order by calendar_date
        rows between unbounded preceding and current row
    ) as working_day_number
from days;

-- grain: manager
create temp table managers as
select
    'crm:' || manager_id as manager_id,
    manager_id as native_id,
    full_name,
    team
from read_parquet(getvariable('landed') || 'managers.parquet');

-- grain: client; in the base from entered_at until left_at (null: still, and for as long as it is known)
create temp table clients as
select
    'crm:' || client_id as client_id,
    client_id as native_id,
    client_name,
    client_kind,
    client_class,
    region,
    industry,
    source_channel,
    cast(do_not_contact as boolean) as do_not_contact,
    cast(registered_at as timestamp) as registered_at,
    cast(archived_at as timestamp) as archived_at,
    cast(registered_at as timestamp) as entered_at,
    cast(archived_at as timestamp) as left_at
from read_parquet(getvariable('landed') || 'clients.parquet');

-- grain: client and start of the time in which a manager is its main manager
create temp table owners as
with assignments as (
    select
        'crm:' || client_id as client_id,
        'crm:' || manager_id as manager_id,
        cast(valid_from as timestamp) as valid_from,
        cast(valid_to as timestamp) as valid_to
    from read_parquet(getvariable('landed') || 'client_assignments.parquet')
    -- Assignments as second manager are never generated.
    where assignment_role = 'main'
),

moments as (
    select client_id, valid_from as moment
    from assignments
    union
    select client_id, valid_to
    from assignments
    where valid_to is not null
),

stretches as (
    select
        client_id,
        moment as valid_from,
        lead(moment) over (partition by client_id order by moment) as valid_to
    from moments
)

-- Of several managers at a time the earliest is the main one.
select
    stretches.client_id,
    stretches.valid_from,
    stretches.valid_to,
    arg_min(assignments.manager_id, (assignments.valid_from, assignments.manager_id)) as manager_id
from stretches
inner join assignments
    on
        stretches.client_id = assignments.client_id
        and stretches.valid_from >= assignments.valid_from
        and stretches.valid_from < coalesce(assignments.valid_to, timestamp '9999-12-31')
group by stretches.client_id, stretches.valid_from, stretches.valid_to;

-- grain: interaction, classified; performer_id is null while it is open
create temp table interactions as
with statuses as (
    select raw_status, state
    from read_csv(getvariable('reference') || 'interaction_statuses.csv', header = true, all_varchar = true)
    -- Of these lists no line of the CRM has a validity.
    where crm = 'plain_files'
),

types as (
    select raw_type, interaction_kind, interaction_group
    from read_csv(getvariable('reference') || 'interaction_types.csv', header = true, all_varchar = true)
    where crm in ('plain_files', '*')
    qualify row_number() over (partition by raw_type order by cast(priority as int), crm = '*') = 1
),

typed as (
    select
        'crm:' || delivered.interaction_id as interaction_id,
        coalesce(types.interaction_kind, delivered.interaction_kind) as interaction_kind,
        coalesce(types.interaction_group, 'unclassified') as interaction_group,
        delivered.direction,
        responsibles.manager_id as responsible_manager_id,
        clients.client_id,
        statuses.state,
        cast(delivered.created_at as timestamp) as created_at,
        cast(delivered.planned_start_at as timestamp) as planned_start_at,
        cast(delivered.planned_end_at as timestamp) as planned_end_at,
        cast(delivered.actual_start_at as timestamp) as actual_start_at,
        cast(delivered.deadline_at as timestamp) as own_deadline_at,
        cast(delivered.completed_at as timestamp) as own_completed_at,
        cast(delivered.cancelled_at as timestamp) as own_cancelled_at,
        cast(delivered.answered as boolean) as answered,
        cast(delivered.talk_seconds as bigint) as talk_seconds,
        cast(delivered.duration_seconds as bigint) as duration_seconds,
        delivered._extracted_at as known_from
    from read_parquet(getvariable('landed') || 'interactions.parquet') as delivered
    left join statuses on delivered.status = statuses.raw_status
    left join types
        on coalesce(delivered.interaction_group, delivered.interaction_kind) = types.raw_type
    -- On the ids as delivered, so that no row of the history has to spell its own.
    left join managers as responsibles on delivered.responsible_manager_id = responsibles.native_id
    left join clients on delivered.client_id = clients.native_id
),

-- A moment of closing that the load cannot know is inferred from the row's own dates.
closed as (
    select
        * exclude (own_deadline_at, own_completed_at, own_cancelled_at),
        case
            when own_deadline_at is null then coalesce(planned_end_at, planned_start_at)
            -- A deadline without a time of day is the end of that day.
            when own_deadline_at = date_trunc('day', own_deadline_at)
                then own_deadline_at + interval 1 day - interval 1 microsecond
            else own_deadline_at
        end as deadline_at,
        case
            when state <> 'completed' then null
            when own_completed_at <= known_from then own_completed_at
            else least(known_from, coalesce(planned_end_at, actual_start_at, planned_start_at, created_at))
        end as completed_at,
        case
            when state <> 'cancelled' then null
            when own_cancelled_at <= known_from then own_cancelled_at
            else least(known_from, coalesce(planned_end_at, actual_start_at, planned_start_at, created_at))
        end as cancelled_at
    from typed
),

measured as (
    select
        * exclude (answered, duration_seconds),
        coalesce(completed_at, cancelled_at) as closed_at,
        if(completed_at is null, null, coalesce(actual_start_at, completed_at)) as event_at,
        interaction_kind = 'mailing' as is_mass,
        interaction_kind = 'call'
        and completed_at is not null
        and (not coalesce(answered, true) or coalesce(talk_seconds < getvariable('talk_threshold_seconds'), false))
            as is_attempt,
        case interaction_kind
            when 'call' then coalesce(talk_seconds, duration_seconds)
            when 'meeting' then duration_seconds
            when 'visit' then duration_seconds
        end as spent_seconds,
        if(
            completed_at is not null and interaction_kind in ('call', 'meeting', 'visit'),
            cast(cast(epoch(planned_end_at - planned_start_at) as decimal(18, 0)) as bigint),
            null
        ) as planned_span_seconds
    from closed
)

select
    interaction_id,
    interaction_kind,
    interaction_group,
    direction,
    responsible_manager_id,
    if(closed_at is not null, responsible_manager_id, null) as performer_id,
    client_id,
    created_at,
    planned_start_at,
    planned_end_at,
    actual_start_at,
    deadline_at,
    completed_at,
    cancelled_at,
    closed_at,
    event_at,
    is_mass,
    is_attempt,
    interaction_kind = 'call' and completed_at is not null and not is_attempt as is_conversation,
    coalesce(
        completed_at is not null
        and not is_mass
        and (
            interaction_kind in ('meeting', 'visit')
            or (interaction_kind = 'call' and not is_attempt)
            or (interaction_kind in ('message', 'email') and direction = 'in')
        ),
        false
    ) as is_contact,
    case
        when completed_at is null or is_attempt or interaction_kind not in ('call', 'meeting', 'visit') then null
        when spent_seconds is null then 'unknown'
        when spent_seconds < 0 or spent_seconds > 60 * getvariable('max_duration_minutes') then 'invalid'
        else 'known'
    end as duration_state,
    spent_seconds,
    if(
        planned_span_seconds between 0 and 60 * getvariable('max_duration_minutes'), planned_span_seconds, null
    ) as planned_seconds,
    known_from
from measured;

-- grain: interaction and client taking part by a contact person, other than the interaction's own client
create temp table further_clients as
with links as (
    select
        'crm:' || client_id as client_id,
        person_id,
        cast(valid_from as timestamp) as valid_from
    from read_parquet(getvariable('landed') || 'client_contact_persons.parquet')
),

parties as (
    select
        'crm:' || parties.interaction_id as interaction_id,
        links.client_id,
        links.valid_from
    from read_parquet(getvariable('landed') || 'interaction_parties.parquet') as parties
    inner join links on parties.party_id = links.person_id
    where parties.party_kind = 'person'
)

select distinct
    parties.interaction_id,
    clients.client_id
from parties
inner join clients on parties.client_id = clients.client_id
inner join interactions
    on
        parties.interaction_id = interactions.interaction_id
        and clients.client_id is distinct from interactions.client_id
where
    parties.valid_from is null
    or parties.valid_from <= coalesce(
        interactions.actual_start_at, interactions.completed_at, interactions.planned_start_at,
        interactions.created_at
    );

-- grain: interaction and client taking part, with the columns of the interaction; no join of all interactions
create temp view client_interactions as
select * from interactions
where client_id is not null
union all by name
select interactions.* replace (further_clients.client_id as client_id)
from further_clients
inner join interactions on further_clients.interaction_id = interactions.interaction_id;
