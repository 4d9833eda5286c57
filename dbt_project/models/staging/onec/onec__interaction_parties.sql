-- grain: participant version
with participants as (
    select * from {{ ref('stg_onec__meeting_participants') }}
    union all
    select * from {{ ref('stg_onec__planned_participants') }}
    union all
    select * from {{ ref('stg_onec__email_recipients') }}
    union all
    select * from {{ ref('stg_onec__sms_recipients') }}
),

contacts as (
    select
        {{ versions('participants', ['document_id', 'line_in_document']) }},
        document_id,
        contact_id,
        contact_type,
        line_in_document
    from participants
    where quarantine_reason is null
    union all
    select
        {{ versions('calls', ['document_id']) }},
        document_id,
        contact_id,
        contact_type,
        1 as line_in_document
    from {{ ref('stg_onec__calls') }} as calls
    where quarantine_reason is null
    union all
    select
        {{ versions('emails', ['document_id']) }},
        document_id,
        contact_id,
        contact_type,
        1 as line_in_document
    from {{ ref('stg_onec__emails_received') }} as emails
    where quarantine_reason is null
),

final as (
    select
        known_from,
        known_to,
        is_latest,
        is_baseline,
        loaded_at,
        document_id as interaction_id,
        {{ onec_party_kind('contact_type') }} as party_kind,
        contact_id as party_id,
        'participant' as party_role,
        line_in_document,
        false as is_deleted
    from contacts
    where contact_id is not null
)

-- A party of a type that is no client, person or manager (a text contact) is not ours to report.
select * from final
where party_kind is not null
