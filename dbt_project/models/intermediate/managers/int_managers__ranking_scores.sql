-- grain: month, manager and draw (0: the manager's clients as they are)
{%- set parts = ranking_parts() %}
with months as (
    select
        period_start,
        cast(period_end - interval '1' day as date) as last_day
    from {{ ref('int_months') }}
),

weights as (
    select
        {%- for part in parts %}
            cast(
                sum(case when weights.part = '{{ part }}' then weights.weight else 0 end)
                as decimal(9, 4)
            ) as {{ part }}_weight,
        {%- endfor %}
        months.period_start
    from months
    left join {{ ref('ranking_weights') }} as weights
        on
            months.last_day >= coalesce(weights.valid_from, date '0001-01-01')
            and months.last_day < coalesce(weights.valid_to, date '9999-12-31')
    group by months.period_start
),

parts as (
    select
        period_start,
        manager_id,
        draw,
        is_ranked,
        {%- for part, counts in parts.items() if part != 'no_overdue' %}
            {{ ratio(counts[0], counts[1], 6) }} as {{ part }}_part,
        {%- endfor %}
        cast(
            coalesce({{ ratio('open_count - overdue_count', 'open_count', 6) }}, 1)
            as decimal(18, 6)
        ) as no_overdue_part
    from {{ ref('int_managers__ranking_draws') }}
),

weighed as (
    -- A part that is null drops out; the others share its weight.
    select
        {%- for part in parts %}
            case when parts.{{ part }}_part is null then 0 else weights.{{ part }}_weight end
                as {{ part }}_weight,
        {%- endfor %}
        parts.*
    from parts
    inner join weights on parts.period_start = weights.period_start
),

summed as (
    select
        *,
        {%- for part in parts %}
            {{ '+ ' if not loop.first }}{{ part }}_weight
        {%- endfor %} as weight_sum,
        {%- for part in parts %}
            {{ '+ ' if not loop.first }}{{ part }}_weight * coalesce({{ part }}_part, 0)
        {%- endfor %} as weighted_sum
    from weighed
),

scored as (
    select
        *,
        {{ rounded(
            'cast(weighted_sum as decimal(18, 10)) / nullif(cast(weight_sum as decimal(9, 4)), 0)',
            6
        ) }} as score
    from summed
),

final as (
    select
        period_start,
        manager_id,
        draw,
        is_ranked,
        {%- for part in parts %}
            {{ part }}_part,
            {{ ratio(part ~ '_weight', 'weight_sum') }} as {{ part }}_weight,
        {%- endfor %}
        cast(case when is_ranked then score end as decimal(18, 6)) as score,
        case
            when is_ranked
                then rank() over (
                    partition by period_start, draw, is_ranked order by score desc nulls last
                )
        end as place
    from scored
)

select * from final
