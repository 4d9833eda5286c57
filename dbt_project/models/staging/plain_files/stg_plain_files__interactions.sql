{{ config(materialized='updated_table', raw_table=['plain_files', 'interactions']) }}
with raw_rows as (
    {{ raw_versions('plain_files', 'interactions') }}
),

source as (
    -- Read once a row, not once a row and status.
    select
        *,
        lower({{ text('status') }}) as lowered_status,
        coalesce({{ local_time('created_at') }}, known_from) as status_since
    from raw_rows
),

renamed as (
    select
        {{ lineage() }},
        {{ file_id('interaction_id') }} as interaction_id,
        {{ file_id('responsible_manager_id') }} as responsible_manager_id,
        {{ file_id('created_by_id') }} as created_by_id,
        {{ file_id('client_id') }} as client_id,
        {{ file_id('group_id') }} as group_id,
        {{ text('interaction_kind') }} as interaction_kind,
        {{ text('direction') }} as direction,
        {{ text('subject') }} as subject,
        {{ text('result') }} as result,
        {{ rounded_number('talk_seconds') }} as talk_seconds,
        {{ rounded_number('duration_seconds') }} as duration_seconds,
        coalesce({{ flag('is_all_day') }}, false) as is_all_day,
        {{ flag('answered') }} as answered,
        coalesce({{ flag('is_mass') }}, false) as is_mass,
        coalesce({{ flag('is_auto') }}, false) as is_auto,
        coalesce({{ flag('is_deleted') }}, false) as is_deleted,
        {{ instant('created_at', 'plain_files') }} as created_at,
        {{ instant('planned_start_at', 'plain_files') }} as planned_start_at,
        {{ instant('planned_end_at', 'plain_files') }} as planned_end_at,
        {{ instant('actual_start_at', 'plain_files') }} as actual_start_at,
        {{ instant('actual_end_at', 'plain_files') }} as actual_end_at,
        {{ instant('completed_at', 'plain_files') }} as completed_at,
        {{ instant('cancelled_at', 'plain_files') }} as cancelled_at,
        {{ instant('source_updated_at', 'plain_files') }} as source_updated_at,
        coalesce(
            {{ text('raw_type') }}, {{ text('interaction_group') }}, {{ text('interaction_kind') }}
        ) as raw_type,
        case
            when {{ text('status') }} is not null then statuses.state
            when {{ text('cancelled_at') }} is not null then 'cancelled'
            when {{ text('completed_at') }} is not null then 'completed'
            else 'open'
        end as state,
        {{ local_time('deadline_at') }} as deadline_local,
        {{ instant('deadline_at', 'plain_files') }} as deadline_at,
        {{ quarantine_reason([
            [text('interaction_id') ~ ' is null', 'interaction_id is empty'],
            [text('created_at') ~ ' is null', 'created_at is empty'],
            [
                "coalesce(" ~ text('raw_type') ~ ', ' ~ text('interaction_group') ~ ', '
                ~ text('interaction_kind') ~ ') is null',
                'interaction_kind and raw_type are empty',
            ],
            [text('status') ~ ' is not null and statuses.state is null', 'status is unknown'],
            not_among('interaction_kind', [
                'meeting', 'call', 'visit', 'email', 'message', 'task', 'mailing', 'note',
            ]),
            not_among('direction', ['in', 'out']),
            not_a_number('talk_seconds'),
            not_a_number('duration_seconds'),
            not_a_flag('is_all_day'),
            not_a_flag('answered'),
            not_a_flag('is_mass'),
            not_a_flag('is_auto'),
            not_a_flag('is_deleted'),
        ] + unreadable_dates([
            'created_at', 'planned_start_at', 'planned_end_at', 'actual_start_at',
            'actual_end_at', 'deadline_at', 'completed_at', 'cancelled_at', 'source_updated_at',
        ])) }} as quarantine_reason
    from source
    left join {{ ref('interaction_statuses') }} as statuses
        on
            statuses.crm = 'plain_files'
            and source.lowered_status = statuses.raw_status
            and {{ valid_at('statuses', 'source.status_since') }}
)

select * from renamed
