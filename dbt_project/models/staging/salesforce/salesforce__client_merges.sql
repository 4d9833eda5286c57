-- grain: merged account version
with accounts as (
    select
        {{ versions('staged') }},
        staged.source_updated_at,
        staged.account_id,
        staged.surviving_account_id,
        coalesce(staged.modified_at, staged.source_updated_at) as modified_at
    from {{ ref('stg_salesforce__accounts') }} as staged
    where staged.quarantine_reason is null
),

merged as (
    -- The version that first shows the merge dates it; later edits do not move it.
    select
        *,
        first_value(modified_at) over (
            partition by account_id, surviving_account_id order by known_from
        ) as first_modified_at,
        min(known_from) over (partition by account_id, surviving_account_id) as first_shown_at
    from accounts
    where surviving_account_id is not null and surviving_account_id <> account_id
),

history as (
    select
        account_id,
        surviving_account_id,
        min(started_at) as merged_at
    from {{ ref('stg_salesforce__account_history') }}
    where quarantine_reason is null and surviving_account_id is not null
    group by account_id, surviving_account_id
),

final as (
    select
        merged.known_from,
        merged.known_to,
        merged.is_latest,
        merged.is_baseline,
        merged.loaded_at,
        merged.source_updated_at,
        merged.account_id as losing_client_id,
        merged.surviving_account_id as surviving_client_id,
        least(
            coalesce(history.merged_at, merged.first_modified_at, merged.first_shown_at),
            merged.first_shown_at
        ) as merged_at,
        false as is_deleted
    from merged
    left join history
        on
            merged.account_id = history.account_id
            and merged.surviving_account_id = history.surviving_account_id
)

select * from final
