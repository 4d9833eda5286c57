-- grain: client, characteristic and uninterrupted time in the client base with one value of it
{%- set beginning = "timestamp '0001-01-01 00:00:00'" %}
{%- set forever = "timestamp '9999-12-31 00:00:00'" %}
with spells as (
    select * from {{ ref('int_clients__base_spells') }}
),

versions as (
    select
        *,
        row_number() over (partition by client_id order by known_from) as version_number
    from {{ ref('client_versions') }}
),

owners as (
    select * from {{ ref('int_clients__owners') }}
    where is_main
),

steps as (
    -- Since when a client has had a value; its first version holds from the beginning.
    {%- for column in (var('growth_characteristics') + ['client_class']) | unique %}
        {%- if column != 'main_manager' %}
            select
                client_id,
                '{{ column }}' as characteristic,
                coalesce({{ column }}, 'unknown') as value,
                case when version_number = 1 then {{ beginning }} else known_from end as valid_from
            from versions
            union all
        {%- endif %}
    {%- endfor %}
    select distinct
        client_id,
        'all' as characteristic,
        'all' as value,
        {{ beginning }} as valid_from
    from spells
    {%- if 'main_manager' in var('growth_characteristics') %}
        union all
        select distinct
            client_id,
            'main_manager',
            'no manager',
            {{ beginning }}
        from spells
        union all
        select
            client_id,
            'main_manager',
            manager_id,
            valid_from
        from owners
        union all
        -- Nobody has the client where nobody follows.
        select
            owners.client_id,
            'main_manager',
            'no manager',
            owners.valid_to
        from owners
        left join owners as next_owners
            on owners.client_id = next_owners.client_id and owners.valid_to = next_owners.valid_from
        where owners.valid_to is not null and next_owners.client_id is null
    {%- endif %}
),

changes as (
    select
        *,
        lag(value) over (
            partition by client_id, characteristic order by valid_from
        ) as previous_value
    from steps
),

stretches as (
    select
        *,
        coalesce(
            lead(valid_from) over (partition by client_id, characteristic order by valid_from),
            {{ forever }}
        ) as valid_to
    from changes
    where value is distinct from previous_value
),

final as (
    select
        spells.client_id,
        stretches.characteristic,
        stretches.value,
        greatest(spells.entered_at, stretches.valid_from) as entered_at,
        nullif(least(spells.left_at, stretches.valid_to), {{ forever }}) as left_at,
        case
            when stretches.valid_from > spells.entered_at then 'moved in' else spells.entry_kind
        end as entry_kind,
        case
            when stretches.valid_to < coalesce(spells.left_at, {{ forever }}) then 'moved out'
            else spells.exit_kind
        end as exit_kind
    from spells
    inner join stretches
        on
            spells.client_id = stretches.client_id
            and coalesce(spells.left_at, {{ forever }}) > stretches.valid_from
            and spells.entered_at < stretches.valid_to
)

select * from final
