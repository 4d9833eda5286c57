with source as (
    {{ raw_versions('bitrix24', 'tasks_task') }}
),

renamed as (
    select
        {{ lineage() }},
        -- Numbers of tasks and activities overlap.
        {{ bitrix24_id('id', 'task_') }} as task_id,
        {{ bitrix24_id('responsibleId') }} as responsible_id,
        {{ bitrix24_id('createdBy') }} as author_id,
        {{ text('title') }} as subject,
        {{ text('ufCrmTask') }} as crm_objects,
        {{ text('accomplices') }} as accomplices,
        statuses.state,
        {{ bitrix24_moment('createdDate') }} as entered_at,
        {{ bitrix24_moment('startDatePlan') }} as planned_start_at,
        {{ bitrix24_moment('endDatePlan') }} as planned_end_at,
        {{ bitrix24_moment('deadline') }} as deadline_at,
        {{ bitrix24_moment('closedDate') }} as closed_at,
        {{ bitrix24_moment('changedDate') }} as source_updated_at,
        {{ quarantine_reason([
            [text('id') ~ ' is null', 'id is empty'],
            [bitrix24_moment('createdDate') ~ ' is null', 'createdDate is empty'],
            ['statuses.state is null', 'status is unknown'],
        ] + unreadable_dates([
            'createdDate', 'startDatePlan', 'endDatePlan', 'deadline', 'closedDate', 'changedDate'
        ])) }} as quarantine_reason
    from source
    left join {{ ref('interaction_statuses') }} as statuses
        on
            statuses.crm = 'bitrix24'
            and {{ text('status') }} = statuses.raw_status
            and {{ valid_at(
                'statuses', 'coalesce(' ~ bitrix24_moment('createdDate') ~ ', known_from)'
            ) }}
)

select * from renamed
