-- grain: account, contact, title and stretch of time: by its history, else as the loads showed it
with history_versions as (
    select
        {{ versions('history') }},
        history.contact_id,
        history.account_id,
        history.title,
        history.started_at,
        history.ended_at,
        history.is_deleted
    from {{ ref('stg_salesforce__contact_history') }} as history
    where history.quarantine_reason is null
),

history as (
    select
        *,
        lead(started_at) over (partition by contact_id order by started_at) as next_started_at,
        row_number() over (partition by contact_id order by started_at) as row_number_in_history
    from history_versions
    where is_latest
),

contacts as (
    select
        {{ versions('contacts') }},
        contacts.contact_id,
        contacts.account_id,
        contacts.title,
        contacts.created_at,
        contacts.is_deleted or contacts.surviving_contact_id is not null as is_deleted
    from {{ ref('stg_salesforce__contacts') }} as contacts
    where contacts.quarantine_reason is null
),

histories as (
    select distinct contact_id from history
),

shown as (
    -- Fivetran ends a row a moment before the next one starts. Before its first row a contact was
    -- what that row says.
    select
        history.contact_id,
        history.account_id,
        history.title,
        case
            when history.row_number_in_history = 1
                then least(history.started_at, coalesce(contacts.created_at, history.started_at))
            else history.started_at
        end as shown_from,
        case
            when
                history.next_started_at
                <= coalesce(history.ended_at, history.next_started_at) + interval '1' second
                then history.next_started_at
            else coalesce(history.ended_at, history.known_to)
        end as shown_until,
        false as is_baseline,
        history.is_deleted,
        history.loaded_at
    from history
    left join contacts on history.contact_id = contacts.contact_id and contacts.is_latest
    union all
    select
        contacts.contact_id,
        contacts.account_id,
        contacts.title,
        contacts.known_from,
        contacts.known_to,
        contacts.is_baseline,
        contacts.is_deleted,
        contacts.loaded_at
    from contacts
    left join histories on contacts.contact_id = histories.contact_id
    where histories.contact_id is null
),

followed as (
    select
        *,
        lag(shown_until) over (partition by contact_id order by shown_from) as previous_until,
        lag(account_id) over (partition by contact_id order by shown_from) as previous_account_id,
        lag(title) over (partition by contact_id order by shown_from) as previous_title
    from shown
    where not is_deleted
),

numbered as (
    -- A row that shows the same account and title goes on with the stretch before it.
    select
        *,
        sum(case
            when
                previous_until = shown_from
                and previous_account_id is not distinct from account_id
                and previous_title is not distinct from title
                then 0
            else 1
        end) over (partition by contact_id order by shown_from) as stretch_number
    from followed
),

stretches as (
    select
        contact_id,
        account_id,
        title,
        min(shown_from) as shown_from,
        case when count(*) = count(shown_until) then max(shown_until) end as shown_until,
        max(case when is_baseline then 1 else 0 end) = 1 as is_baseline,
        min(loaded_at) as loaded_at
    from numbered
    where account_id is not null
    group by contact_id, account_id, title, stretch_number
)

select
    loaded_at as known_from,
    cast(null as timestamp) as known_to,
    true as is_latest,
    is_baseline,
    loaded_at,
    account_id as client_id,
    contact_id as person_id,
    title as position,
    case when not is_baseline then shown_from end as valid_from,
    shown_until as valid_to,
    false as is_primary,
    false as is_deleted
from stretches
