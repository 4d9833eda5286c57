-- A returned row is a contact of the month that serves no line and is not unplanned, is both, or
-- serves lines of clients and one without client.
{{ config(meta={'dagster': {'ref': {'name': 'int_plans__contacts'}}}) }}
with contacts as (
    select facts.interaction_id
    from {{ ref('int_interactions__in_periods') }} as facts
    where facts.is_contact and facts.period_kind = 'month'
),

served as (
    select
        contacts.interaction_id,
        count(case when contacts.plan_id is null then 1 end) as unplanned_count,
        count(case when contacts.client_id = 'any' then 1 end) as any_client_count,
        count(*) as row_count
    from {{ ref('int_plans__contacts') }} as contacts
    inner join {{ ref('int_months') }} as months
        on contacts.period_start = months.period_start
    where months.is_closing
    group by contacts.interaction_id
)

select
    contacts.interaction_id,
    served.row_count,
    served.unplanned_count,
    served.any_client_count
from contacts
full outer join served on contacts.interaction_id = served.interaction_id
where
    contacts.interaction_id is null
    or served.interaction_id is null
    or (served.row_count > 1 and served.unplanned_count + served.any_client_count > 0)
