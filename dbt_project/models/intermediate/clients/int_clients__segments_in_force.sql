-- grain: named segment with a version in force on the first day of the month being closed
with run_period as (
    select close_month from {{ ref('run_period') }}
),

versions as (
    select
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as segment_title,
        cast(null as bigint) as segment_version,
        cast(null as date) as valid_from
    from run_period
    where close_month is null
    {%- for segment in var('named_segments') %}
        {%- for version in segment.versions %}
            union all
            select
                {{ text_literal(segment.segment) }},
                {{ text_literal(segment.title) }},
                {{ loop.index }},
                date '{{ version.valid_from }}'
            from run_period
        {%- endfor %}
    {%- endfor %}
),

ranked as (
    select
        versions.*,
        row_number() over (
            partition by versions.segment order by versions.valid_from desc nulls last
        ) as recency
    from versions
    cross join run_period
    where versions.valid_from <= run_period.close_month
)

select
    segment,
    segment_title,
    cast(segment_version as bigint) as segment_version
from ranked
where recency = 1
