-- grain: period
with periods as (
    select * from {{ ref('int_periods') }}
),

spells as (
    select * from {{ ref('int_clients__base_spells') }}
),

flows as (
    select
        periods.period_kind,
        periods.period_start,
        sum(case
            when
                spells.entered_at < periods.start_at
                and coalesce(spells.left_at >= periods.start_at, true) then 1
            else 0
        end) as opening_client_count,
        sum(case
            when
                spells.entered_at >= periods.start_at and spells.entered_at < periods.end_at
                and spells.entry_kind = 'new' then 1
            else 0
        end) as new_client_count,
        sum(case
            when
                spells.entered_at >= periods.start_at and spells.entered_at < periods.end_at
                and spells.entry_kind = 'migrated' then 1
            else 0
        end) as migrated_client_count,
        sum(case
            when
                spells.entered_at >= periods.start_at and spells.entered_at < periods.end_at
                and spells.entry_kind = 'restored' then 1
            else 0
        end) as restored_client_count,
        sum(case
            when
                spells.left_at >= periods.start_at and spells.left_at < periods.end_at
                and spells.exit_kind = 'lost' then 1
            else 0
        end) as lost_client_count,
        sum(case
            when
                spells.left_at >= periods.start_at and spells.left_at < periods.end_at
                and spells.exit_kind = 'merged' then 1
            else 0
        end) as merged_client_count,
        sum(case
            when
                spells.entered_at < periods.end_at
                and coalesce(spells.left_at >= periods.end_at, true) then 1
            else 0
        end) as closing_client_count
    from periods
    cross join spells
    group by periods.period_kind, periods.period_start
),

final as (
    select
        periods.period_kind,
        periods.period_start,
        periods.close_month,
        cast(coalesce(flows.opening_client_count, 0) as bigint) as opening_client_count,
        cast(coalesce(flows.new_client_count, 0) as bigint) as new_client_count,
        cast(coalesce(flows.migrated_client_count, 0) as bigint) as migrated_client_count,
        cast(coalesce(flows.restored_client_count, 0) as bigint) as restored_client_count,
        cast(coalesce(flows.lost_client_count, 0) as bigint) as lost_client_count,
        cast(coalesce(flows.merged_client_count, 0) as bigint) as merged_client_count,
        cast(coalesce(flows.closing_client_count, 0) as bigint) as closing_client_count,
        cast(
            coalesce(flows.closing_client_count, 0) - coalesce(flows.opening_client_count, 0)
            as bigint
        ) as growth_client_count,
        {{ ratio(
            'flows.closing_client_count - flows.opening_client_count',
            'flows.opening_client_count'
        ) }} as growth_share,
        periods.is_reconstructed
    from periods
    left join flows
        on periods.period_kind = flows.period_kind and periods.period_start = flows.period_start
)

select * from final
