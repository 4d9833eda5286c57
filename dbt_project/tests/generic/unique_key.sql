{#- A returned row is a key that stands more than once, or has an empty first part. -#}
{% test unique_key(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1 or {{ columns[0] }} is null
{% endtest %}
