-- grain: account version
with accounts as (
    select
        *,
        min(known_from) over (partition by account_id) as first_known_from
    from {{ ref('stg_salesforce__accounts') }}
    where quarantine_reason is null
),

history_starts as (
    select
        account_id,
        min(started_at) as started_at
    from {{ ref('stg_salesforce__account_history') }}
    where quarantine_reason is null
    group by account_id
),

final as (
    select
        {{ versions('accounts') }},
        accounts.source_updated_at,
        accounts.account_id as client_id,
        accounts.account_name as client_name,
        case when accounts.is_person then 'person' else 'organisation' end as client_kind,
        -- Salesforce's own types of those we do not sell to; an empty or unknown type is a client.
        coalesce(lower(accounts.account_type) not in (
            'analyst', 'channel partner / reseller', 'competitor', 'installation partner',
            'integrator', 'investor', 'partner', 'press', 'reseller', 'supplier',
            'technology partner', 'vendor'
        ), true) as is_client,
        accounts.parent_account_id as parent_client_id,
        coalesce(
            accounts.created_at,
            least(history_starts.started_at, accounts.first_known_from),
            accounts.first_known_from
        ) as registered_at,
        accounts.owner_id as responsible_manager_id,
        accounts.region,
        accounts.city,
        accounts.industry,
        accounts.rating as client_class,
        accounts.account_source as source_channel,
        accounts.custom,
        accounts.do_not_call as do_not_contact,
        false as is_test,
        false as is_migrated,
        -- A merged account lies in the recycle bin too; the merge says more.
        accounts.is_deleted and accounts.surviving_account_id is null as is_deleted
    from accounts
    left join history_starts on accounts.account_id = history_starts.account_id
)

select * from final
