-- grain: interaction that an update writes anew: it came, changed or went, or what its rows say of
-- clients, persons and managers did
{%- if execute and not is_update() %}
    select cast(null as {{ dbt.type_string() }}) as interaction_id
    where false
{%- else %}
{#- Whether one is there, and whether it has this mark, is all that interactions tell of it. -#}
{%- set told_of = [('clients', 'client_id', 'is_test'), ('managers', 'manager_id', 'is_robot')] %}
with
{%- for table, key, mark in told_of %}
    versions_of_{{ table }} as (
        select
            {{ key }},
            {{ mark }},
            {{ is_new('known_from') }} as is_new
        from {{ ref('stg_plain_files__' ~ table) }}
        where quarantine_reason is null
    ),

    {{ table }} as (
        select {{ key }} from versions_of_{{ table }}
        group by {{ key }}
        having
            max(case when is_new then 1 else 0 end) = 1
            and (
                min(case when is_new then 1 else 0 end) = 1
                or max(case when {{ mark }} then 1 else 0 end) = 1
            )
    ),
{%- endfor %}

persons as (
    select person_id from {{ ref('stg_plain_files__client_contact_persons') }}
    where {{ is_new('known_from') }} or {{ is_new('known_to') }}
    union
    select links.person_id
    from {{ ref('stg_plain_files__client_contact_persons') }} as links
    inner join clients on links.client_id = clients.client_id
),

parties as (
    select client_id as party_id from clients
    union
    select manager_id from managers
    union
    select person_id from persons
),

changed as (
    select interaction_id from {{ ref('stg_plain_files__interactions') }}
    where {{ is_new('known_from') }} or {{ is_new('known_to') }}
    union
    select interaction_id from {{ ref('stg_plain_files__interaction_parties') }}
    where {{ is_new('known_from') }} or {{ is_new('known_to') }}
    union
    select interaction_id from {{ ref('stg_plain_files__interaction_changes') }}
    where {{ is_new('known_from') }} or {{ is_new('known_to') }}
    union
    select interaction_id from {{ ref('stg_plain_files__interactions') }}
    where
        client_id in (select clients.client_id from clients)
        or responsible_manager_id in (select managers.manager_id from managers)
        or created_by_id in (select managers.manager_id from managers)
    union
    select interaction_id from {{ ref('stg_plain_files__interaction_parties') }}
    where party_id in (select parties.party_id from parties)
    union
    select interaction_id from {{ ref('stg_plain_files__interaction_changes') }}
    where
        old_value in (select managers.manager_id from managers)
        or new_value in (select managers.manager_id from managers)
)

select interaction_id from changed
where interaction_id is not null
{%- endif %}
