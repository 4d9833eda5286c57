{#- Interactions that a close tells of, as last known (`interactions`, with `close_month`): those that
    the month's reports name, and those that changed since it began. -#}
{% macro told_interactions() -%}
    with months as (
        select
            period_start,
            start_at
        from {{ ref('int_months') }}
        where is_closing
    ),

    reported as (
        select interaction_id from {{ ref('int_interactions__registered') }}
        union
        select clients.last_contact_interaction_id
        from {{ ref('rpt_no_contact_clients') }} as clients
        inner join months on clients.close_month = months.period_start
        where clients.last_contact_interaction_id is not null
    )

    select
        interactions.*,
        months.period_start as close_month
    from {{ ref('interactions') }} as interactions
    cross join months
    left join reported on interactions.interaction_id = reported.interaction_id
    where reported.interaction_id is not null or interactions.last_changed_at >= months.start_at
{%- endmacro %}
