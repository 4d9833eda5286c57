-- A returned row is a characteristic of rpt_contact_persons whose values do not add up to the base,
-- or to the clients that have a person.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_contact_persons'}}}) }}
with totals as (
    select
        persons.characteristic,
        sum(persons.base_client_count) as base_client_count,
        sum(persons.client_count + persons.client_without_person_count) as client_count
    from {{ ref('rpt_contact_persons') }} as persons
    inner join {{ ref('run_period') }} as run_period
        on persons.close_month = run_period.close_month
    where persons.position = 'all' and persons.role = 'all'
    group by persons.characteristic
),

base as (
    select count(*) as client_count from {{ ref('int_clients__at_boundaries') }}
    where boundary = 'end'
)

select
    totals.*,
    base.client_count as expected_client_count
from totals
cross join base
where
    totals.base_client_count <> base.client_count
    or totals.client_count <> base.client_count
