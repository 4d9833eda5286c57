{#- A returned row is a key of a reference list with lines in force at the same time, or an empty
    one: two lines would make two rows of one. -#}
{% test one_line_in_force(model, columns) %}
    with numbered as (
        select
            lines.*,
            row_number() over (
                order by {{ columns | join(', ') }}, valid_from nulls first, valid_to nulls first
            ) as line_number
        from {{ model }} as lines
    )

    select
        {%- for column in columns %}
            earlier.{{ column }},
        {%- endfor %}
        earlier.valid_from,
        earlier.valid_to
    from numbered as earlier
    left join numbered as later
        on
            {%- for column in columns %}
                earlier.{{ column }} is not distinct from later.{{ column }}
                and
            {%- endfor %}
            earlier.line_number < later.line_number
            and {{ since('later') }} < {{ until('earlier') }}
    where later.line_number is not null or earlier.{{ columns[0] }} is null
{% endtest %}
