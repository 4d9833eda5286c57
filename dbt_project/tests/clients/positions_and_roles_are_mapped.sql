-- A returned row is a position or role that no list has, with the number of pairs: a warning. Add
-- it to seeds/reference/positions.csv or roles.csv.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_clients__contact_persons'}}}) }}
select
    'position' as list_name,
    unmapped_position as raw_value,
    count(*) as pair_count
from {{ ref('int_clients__contact_persons') }}
where unmapped_position is not null
group by unmapped_position
union all
select
    'role',
    unmapped_role,
    count(*)
from {{ ref('int_clients__contact_persons') }}
where unmapped_role is not null
group by unmapped_role
