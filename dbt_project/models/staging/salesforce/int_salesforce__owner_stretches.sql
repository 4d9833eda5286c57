-- grain: account, owner and stretch of time in its history
with history_versions as (
    select
        {{ versions('history') }},
        history.account_id,
        history.owner_id,
        history.started_at,
        history.ended_at
    from {{ ref('stg_salesforce__account_history') }} as history
    where history.quarantine_reason is null
),

history as (
    select
        *,
        lead(started_at) over (partition by account_id order by started_at) as next_started_at
    from history_versions
    where is_latest
),

dated as (
    -- Fivetran ends a row a moment before the next one starts.
    select
        *,
        case
            when next_started_at <= coalesce(ended_at, next_started_at) + interval '1' second
                then next_started_at
            else coalesce(ended_at, known_to)
        end as owned_until
    from history
),

followed as (
    select
        *,
        lag(owned_until) over (partition by account_id order by started_at) as previous_until,
        lag(owner_id) over (partition by account_id order by started_at) as previous_owner_id
    from dated
),

numbered as (
    -- A row that shows the same owner goes on with the stretch before it.
    select
        *,
        sum(case
            when previous_until = started_at and previous_owner_id is not distinct from owner_id
                then 0
            else 1
        end) over (partition by account_id order by started_at) as stretch_number
    from followed
)

select
    account_id,
    owner_id,
    stretch_number,
    min(started_at) as owned_from,
    case when count(*) = count(owned_until) then max(owned_until) end as owned_until,
    min(loaded_at) as loaded_at
from numbered
group by account_id, owner_id, stretch_number
