{#- For what a CRM keeps no state of: open until its start, over from the first load after it. The
    versions of a relation, each split at that load: phase_from, phase_to, is_latest_phase, is_over.
    `start` is the moment that has to pass, `stateless` says which versions have no state of their own;
    the others come as one phase. -#}
{% macro phases_by_start(relation, key, start, stateless='true') %}
    select
        {{ relation }}.*,
        case when halves.half = 2 then starts_passed.passed_at else {{ relation }}.known_from end
            as phase_from,
        case
            when halves.half = 1 and starts_passed.passed_at > {{ relation }}.known_from
                then starts_passed.passed_at
            else {{ relation }}.known_to
        end as phase_to,
        {{ relation }}.is_latest
        and (halves.half = 2 or not coalesce(starts_passed.passed_at > {{ relation }}.known_from, false))
            as is_latest_phase,
        halves.half = 2 or coalesce(starts_passed.passed_at <= {{ relation }}.known_from, false)
            as is_over
    from {{ relation }}
    left join (
        select
            {{ relation }}.{{ key }},
            {{ relation }}.known_from,
            min(loads.extracted_at) as passed_at
        from {{ relation }}
        inner join (
            select distinct
                source,
                extracted_at
            from {{ ref('stg_landing__loads') }}
        ) as loads
            on
                {{ relation }}._source = loads.source
                and {{ relation }}.known_from <= loads.extracted_at
                and {{ start }} <= loads.extracted_at
                and ({{ relation }}.known_to is null or {{ relation }}.known_to > loads.extracted_at)
        where {{ stateless }}
        group by {{ relation }}.{{ key }}, {{ relation }}.known_from
    ) as starts_passed
        on
            {{ relation }}.{{ key }} = starts_passed.{{ key }}
            and {{ relation }}.known_from = starts_passed.known_from
    cross join (select 1 as half union all select 2 as half) as halves
    where halves.half = 1 or starts_passed.passed_at > {{ relation }}.known_from
{% endmacro %}
