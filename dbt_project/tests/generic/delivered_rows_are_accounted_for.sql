{#- delivered = unchanged + staged + exact duplicates + quarantined, per load of one raw table.
    A returned row is a load where the sum does not hold. Staged and quarantined rows of a load are
    the rows of the staging model that it brought. -#}
{% test delivered_rows_are_accounted_for(model, crm, table) %}
    with loads as (
        select * from {{ ref('stg_landing__loads') }}
        where crm = '{{ crm }}' and table_name = '{{ table }}'
    ),

    staged as (
        select _load_id, count(*) as staged_count from {{ model }} group by _load_id
    )

    select loads.*, staged.staged_count
    from loads
    left join staged on loads.load_id = staged._load_id
    where
        loads.delivered_count <> loads.unchanged_count + coalesce(staged.staged_count, 0)
        + loads.exact_duplicate_count + loads.rejected_count
{% endtest %}
