-- grain: period, characteristic and value (with the total `all`)
{%- set characteristics = ['all'] + var('growth_characteristics') %}
{%- set entries = ['new', 'migrated', 'restored', 'moved in'] %}
{%- set exits = ['lost', 'merged', 'moved out'] %}
with periods as (
    select * from {{ ref('int_periods') }}
),

memberships as (
    select * from {{ ref('int_clients__memberships') }}
    where
        characteristic in (
            {%- for characteristic in characteristics %}
                '{{ characteristic }}'{% if not loop.last %},{% endif %}
            {%- endfor %}
        )
),

members as (
    select
        periods.period_kind,
        periods.period_start,
        memberships.client_id,
        memberships.characteristic,
        memberships.value,
        memberships.entered_at < periods.start_at as is_opening,
        coalesce(memberships.left_at >= periods.end_at, true) as is_closing,
        case when memberships.entered_at >= periods.start_at then memberships.entry_kind end
            as entry_kind,
        case when memberships.left_at < periods.end_at then memberships.exit_kind end as exit_kind
    from periods
    inner join memberships
        on
            periods.end_at > memberships.entered_at
            and coalesce(periods.start_at <= memberships.left_at, true)
),

counts as (
    select
        members.period_kind,
        members.period_start,
        members.characteristic,
        members.value,
        count(case when members.is_opening then 1 end) as opening_client_count,
        {%- for kind in entries %}
            count(case when members.entry_kind = '{{ kind }}' then 1 end)
                as {{ kind | replace(' ', '_') }}_client_count,
        {%- endfor %}
        {%- for kind in exits %}
            count(case when members.exit_kind = '{{ kind }}' then 1 end)
                as {{ kind | replace(' ', '_') }}_client_count,
        {%- endfor %}
        count(case when members.is_closing then 1 end) as closing_client_count,
        count(case when members.is_closing and activity.is_active then 1 end)
            as active_client_count,
        count(case when members.is_closing and activity.is_reactivated then 1 end)
            as reactivated_client_count
    from members
    left join {{ ref('int_clients__activity') }} as activity
        on
            members.period_kind = activity.period_kind
            and members.period_start = activity.period_start
            and members.client_id = activity.client_id
    group by members.period_kind, members.period_start, members.characteristic, members.value
),

spine as (
    -- The total stands in every period, with zeros too.
    select
        period_kind,
        period_start,
        'all' as characteristic,
        'all' as value
    from periods
    union
    select
        period_kind,
        period_start,
        characteristic,
        value
    from counts
),

final as (
    select
        periods.period_kind,
        periods.period_start,
        periods.close_month,
        spine.characteristic,
        spine.value,
        {%- for column in ['opening'] + entries + exits + ['closing'] %}
            {%- set column = column | replace(' ', '_') ~ '_client_count' %}
            coalesce(counts.{{ column }}, 0) as {{ column }},
        {%- endfor %}
        coalesce(counts.closing_client_count - counts.opening_client_count, 0)
            as growth_client_count,
        {{ ratio(
            'counts.closing_client_count - counts.opening_client_count',
            'counts.opening_client_count'
        ) }} as growth_share,
        coalesce(counts.active_client_count, 0) as active_client_count,
        coalesce(counts.closing_client_count - counts.active_client_count, 0)
            as dormant_client_count,
        coalesce(counts.reactivated_client_count, 0) as reactivated_client_count,
        periods.is_reconstructed
    from periods
    inner join spine
        on periods.period_kind = spine.period_kind and periods.period_start = spine.period_start
    left join counts
        on
            spine.period_kind = counts.period_kind
            and spine.period_start = counts.period_start
            and spine.characteristic = counts.characteristic
            and spine.value = counts.value
)

select * from final
