-- grain: client in the base at the end of the month being closed
with period as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

spells as (
    select * from {{ ref('int_clients__base_spells') }}
),

versions as (
    select
        *,
        row_number() over (partition by client_id order by known_from) as version_number
    from {{ ref('client_versions') }}
),

versions_at_end as (
    -- What the last load before the month's end showed; a client's first version holds from its
    -- beginning.
    select
        versions.*,
        row_number() over (
            partition by versions.client_id order by versions.known_from desc
        ) as recency
    from versions
    cross join period
    where versions.version_number = 1 or versions.known_from < period.end_at
),

owners as (
    select
        owners.client_id,
        owners.manager_id,
        managers.left_on
    from {{ ref('int_clients__owners') }} as owners
    cross join period
    inner join {{ ref('managers') }} as managers on owners.manager_id = managers.manager_id
    where
        owners.is_main
        and {{ valid_before('owners', 'period.end_at') }}
),

final as (
    select
        period.close_month,
        spells.client_id,
        spells.entered_at,
        spells.entry_kind,
        spells.entered_at >= period.start_at as is_entered_in_month,
        owners.manager_id as owner_manager_id,
        case
            when owners.manager_id is null then 'no manager'
            when owners.left_on < period.period_end then 'manager left'
            else 'manager'
        end as owner_state,
        versions_at_end.do_not_contact,
        versions_at_end.client_kind,
        versions_at_end.client_class,
        versions_at_end.region,
        versions_at_end.city,
        versions_at_end.industry,
        versions_at_end.source_channel
    from spells
    cross join period
    inner join versions_at_end
        on spells.client_id = versions_at_end.client_id and versions_at_end.recency = 1
    left join owners on spells.client_id = owners.client_id
    where
        spells.entered_at < period.end_at
        and (spells.left_at >= period.end_at or spells.left_at is null)
)

select * from final
