-- grain: row of managers, as each load showed it
select
    {{ versions('managers') }},
    managers.manager_id,
    managers.head_manager_id,
    managers.full_name,
    managers.team,
    managers.is_robot,
    managers.is_deleted,
    managers.hired_on,
    managers.left_on,
    managers.source_updated_at
from {{ ref('stg_plain_files__managers') }} as managers
where managers.quarantine_reason is null
