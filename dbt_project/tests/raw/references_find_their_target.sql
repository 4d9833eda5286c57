-- A returned row is a kind of reference that finds nothing, with the number of rows: a warning, the
-- rows live on.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'interactions'}}}) }}
{%- set references = [
    ('interactions', 'dangling_client_id'),
    ('interactions', 'dangling_responsible_manager_id'),
    ('interactions', 'dangling_created_by_id'),
    ('clients', 'dangling_responsible_manager_id'),
    ('clients', 'dangling_parent_client_id'),
] %}
{%- for table, column in references %}
    select
        '{{ table }}' as table_name,
        '{{ column }}' as reference,
        count(*) as row_count
    from {{ ref(table) }}
    where {{ column }} is not null and not is_deleted
    having count(*) > 0
    {%- if not loop.last %}
        union all
    {%- endif %}
{%- endfor %}
