-- grain: client that was ever touched before the end of the month being closed
with touches as (
    select * from {{ ref('int_interactions__client_touches') }}
),

contacts as (
    select
        *,
        row_number() over (
            partition by client_id order by event_at desc, interaction_id desc
        ) as recency,
        row_number() over (
            partition by client_id, is_in_month order by event_at, interaction_id
        ) as place_in_month
    from touches
    where is_contact
),

counts as (
    select
        client_id,
        sum(case when is_contact and is_in_month then 1 else 0 end) as contact_count,
        sum(case when is_contact and is_in_previous_month then 1 else 0 end)
            as previous_contact_count,
        sum(case when is_attempt and is_in_month then 1 else 0 end) as attempt_count,
        sum(case when is_mass and is_in_month then 1 else 0 end) as mass_mail_count
    from touches
    group by client_id
),

final as (
    select
        counts.client_id,
        counts.contact_count,
        counts.previous_contact_count,
        counts.attempt_count,
        counts.mass_mail_count,
        last_contacts.event_at as last_contact_at,
        last_contacts.performer_id as last_contact_manager_id,
        last_contacts.interaction_id as last_contact_interaction_id,
        first_contacts.performer_id as first_contact_manager_id
    from counts
    left join contacts as last_contacts
        on counts.client_id = last_contacts.client_id and last_contacts.recency = 1
    left join contacts as first_contacts
        on
            counts.client_id = first_contacts.client_id
            and first_contacts.is_in_month
            and first_contacts.place_in_month = 1
)

select * from final
