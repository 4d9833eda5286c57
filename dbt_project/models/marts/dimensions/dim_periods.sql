-- grain: period
select
    period_kind,
    period_start,
    period_end,
    close_month,
    case period_kind
        when 'week'
            then concat_ws(
                '-W',
                cast({{ iso_year('period_start') }} as {{ dbt.type_string() }}),
                lpad(cast({{ iso_week('period_start') }} as {{ dbt.type_string() }}), 2, '0')
            )
        when 'month'
            then concat_ws(
                '-',
                cast(extract(year from period_start) as {{ dbt.type_string() }}),
                lpad(cast(extract(month from period_start) as {{ dbt.type_string() }}), 2, '0')
            )
        when 'quarter'
            then concat_ws(
                '-Q',
                cast(extract(year from period_start) as {{ dbt.type_string() }}),
                cast(extract(quarter from period_start) as {{ dbt.type_string() }})
            )
        else cast(extract(year from period_start) as {{ dbt.type_string() }})
    end as period_label,
    start_at,
    end_at,
    as_of,
    is_reconstructed
from {{ ref('int_periods') }}
