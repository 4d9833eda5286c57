-- grain: document version
with documents as (
    select
        {{ versions('meetings', ['document_id']) }},
        document_id, author_id, responsible_id, subject,
        coalesce(interaction_type, 'Встреча') as raw_type, 'meeting' as interaction_kind,
        cast(null as boolean) as is_incoming, state, result, is_deleted, entered_at,
        planned_start_at, planned_end_at, actual_start_at, actual_end_at,
        deadline_at, deadline_local, closed_at, is_all_day,
        cast(null as boolean) as answered, cast(null as bigint) as talk_seconds, false as is_mass
    from {{ ref('stg_onec__meetings') }} as meetings
    where quarantine_reason is null
    union all
    select
        {{ versions('planned', ['document_id']) }}, document_id, author_id, responsible_id, subject,
        coalesce(interaction_type, 'ЗапланированноеВзаимодействие'), 'task',
        null, state, result, is_deleted, entered_at,
        planned_start_at, planned_end_at, actual_start_at, actual_end_at,
        deadline_at, deadline_local, closed_at, is_all_day,
        null, null, false
    from {{ ref('stg_onec__planned_interactions') }} as planned
    where quarantine_reason is null
    union all
    select
        {{ versions('calls', ['document_id']) }}, document_id, author_id, responsible_id, subject,
        coalesce(interaction_type, 'ТелефонныйЗвонок'), 'call',
        is_incoming, state, result, is_deleted, entered_at,
        planned_start_at, null, actual_start_at, actual_end_at,
        deadline_at, deadline_local, closed_at, false,
        is_answered, talk_seconds, false
    from {{ ref('stg_onec__calls') }} as calls
    where quarantine_reason is null
    union all
    select
        {{ versions('received', ['document_id']) }}, document_id, null, responsible_id, subject,
        'ЭлектронноеПисьмоВходящее', 'email',
        true, 'completed', null, is_deleted, coalesce(entered_at, received_at),
        null, null, received_at as actual_start_at, null,
        null, null, received_at as closed_at, false,
        null, null, false
    from {{ ref('stg_onec__emails_received') }} as received
    where quarantine_reason is null
    union all
    select
        {{ versions('sent', ['document_id']) }}, document_id, author_id, responsible_id, subject,
        'ЭлектронноеПисьмоИсходящее', case when is_mass then 'mailing' else 'email' end,
        false, state, null, is_deleted, entered_at,
        null, null, sent_at as actual_start_at, null,
        null, null, sent_at as closed_at, false,
        null, null, coalesce(is_mass, false)
    from {{ ref('stg_onec__emails_sent') }} as sent
    where quarantine_reason is null
    union all
    select
        {{ versions('sms', ['document_id']) }}, document_id, author_id, responsible_id, subject,
        'СообщениеSMS', 'message',
        false, state, null, is_deleted, entered_at,
        null, null, coalesce(to_be_sent_at, entered_at) as actual_start_at, null,
        null, null, coalesce(to_be_sent_at, entered_at) as closed_at, false,
        null, null, false
    from {{ ref('stg_onec__sms') }} as sms
    where quarantine_reason is null
),

client_parties as (
    -- The primary client: the first participant that is a client, else the first person's client.
    select
        parties.interaction_id,
        coalesce(persons.client_id, parties.party_id) as client_id,
        row_number() over (
            partition by parties.interaction_id
            order by parties.party_kind nulls last, parties.line_in_document nulls last
        ) as place
    from {{ ref('onec__interaction_parties') }} as parties
    left join {{ ref('onec__client_contact_persons') }} as persons
        on parties.party_id = persons.person_id and persons.is_latest
    where parties.is_latest and parties.party_kind in ('client', 'person')
),

final as (
    select
        documents.known_from,
        documents.known_to,
        documents.is_latest,
        documents.is_baseline,
        documents.loaded_at,
        documents.document_id as interaction_id,
        documents.interaction_kind,
        documents.raw_type,
        case
            when documents.is_incoming then 'in'
            when not documents.is_incoming then 'out'
        end as direction,
        documents.subject,
        documents.responsible_id as responsible_manager_id,
        documents.author_id as created_by_id,
        client_parties.client_id,
        documents.entered_at as created_at,
        documents.planned_start_at,
        documents.planned_end_at,
        documents.actual_start_at,
        documents.actual_end_at,
        -- A date without a time is a business day, whatever the server's time zone.
        case
            when {{ is_midnight('documents.deadline_local') }}
                then {{ from_business('documents.deadline_local') }}
            else documents.deadline_at
        end as deadline_at,
        {{ is_midnight('documents.deadline_local') }} as deadline_is_date,
        documents.state,
        case when documents.state = 'completed' then documents.closed_at end as completed_at,
        -- A text message does not say when it went out.
        case when documents.interaction_kind = 'message' then 'inferred' else 'field' end
            as completed_at_source,
        case when documents.state = 'cancelled' then documents.closed_at end as cancelled_at,
        coalesce(documents.is_all_day, false) as is_all_day,
        documents.answered,
        documents.talk_seconds,
        documents.result,
        documents.is_mass,
        false as is_auto,
        coalesce(documents.is_deleted, false) as is_deleted
    from documents
    left join client_parties
        on documents.document_id = client_parties.interaction_id and client_parties.place = 1
)

select * from final
