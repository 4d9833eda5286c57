-- grain: boundary of the month, client in the base then and named segment that it belongs to
with segment_values as (
    select * from {{ ref('int_clients__segment_values') }}
),

in_force as (
    select * from {{ ref('int_clients__segments_in_force') }}
),

-- Whether a client fulfils each version of each segment, one column for each.
matches as (
    select
        {%- for segment in var('named_segments') %}
            {%- for version in segment.versions %}
                {{ segment_predicate(version.where) }} as {{ segment.segment }}_{{ loop.index }},
            {%- endfor %}
        {%- endfor %}
        boundary,
        client_id
    from segment_values
    group by boundary, client_id
),

members as (
    select
        boundary,
        client_id,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as bigint) as segment_version
    from matches
    where boundary is null
    {%- for segment in var('named_segments') %}
        {%- for version in segment.versions %}
            union all
            select
                boundary,
                client_id,
                {{ text_literal(segment.segment) }},
                {{ loop.index }}
            from matches
            where {{ segment.segment }}_{{ loop.index }}
        {%- endfor %}
    {%- endfor %}
)

select
    members.boundary,
    members.client_id,
    members.segment
from members
inner join in_force
    on
        members.segment = in_force.segment
        and members.segment_version = in_force.segment_version
