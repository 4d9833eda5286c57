-- grain: client and uninterrupted time in the client base
with clients as (
    select
        client_id,
        registered_at,
        is_migrated
    from {{ ref('clients') }}
    where not is_test
),

absences as (
    select * from {{ ref('int_clients__absences') }}
),

first_merges as (
    select
        client_id,
        min(valid_from) as merged_at
    from {{ ref('int_clients__survivors') }}
    where merge_count > 0
    group by client_id
),

steps as (
    select
        client_id,
        registered_at as step_at,
        0 as absence_change
    from clients
    union all
    select
        client_id,
        out_from,
        1
    from absences
    union all
    select
        client_id,
        out_to,
        -1
    from absences
    where out_to is not null
),

states as (
    select
        client_id,
        step_at,
        sum(sum(absence_change)) over (
            partition by client_id order by step_at
            rows between unbounded preceding and current row
        ) = 0 as is_in_base
    from steps
    group by client_id, step_at
),

turns as (
    select
        *,
        lag(is_in_base) over (partition by client_id order by step_at) as was_in_base
    from states
),

switches as (
    select
        client_id,
        is_in_base,
        step_at as entered_at,
        lead(step_at) over (partition by client_id order by step_at) as left_at,
        row_number() over (partition by client_id, is_in_base order by step_at) as spell_number
    from turns
    where is_in_base is distinct from was_in_base
),

final as (
    select
        switches.client_id,
        switches.entered_at,
        least(first_merges.merged_at, switches.left_at) as left_at,
        case
            when switches.spell_number > 1 then 'restored'
            when clients.is_migrated then 'migrated'
            else 'new'
        end as entry_kind,
        case
            when first_merges.merged_at <= coalesce(switches.left_at, first_merges.merged_at)
                then 'merged'
            when switches.left_at is not null then 'lost'
        end as exit_kind
    from switches
    inner join clients on switches.client_id = clients.client_id
    left join first_merges on switches.client_id = first_merges.client_id
    where
        switches.is_in_base
        and coalesce(switches.entered_at < first_merges.merged_at, true)
)

select * from final
