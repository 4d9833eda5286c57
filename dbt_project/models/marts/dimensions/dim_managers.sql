-- grain: manager, as last known
select
    managers.manager_id,
    managers.full_name as manager_name,
    managers.team,
    managers.head_manager_id,
    heads.full_name as head_manager_name,
    managers.hired_on,
    managers.left_on,
    managers.is_robot,
    managers.is_deleted
from {{ ref('managers') }} as managers
left join {{ ref('managers') }} as heads on managers.head_manager_id = heads.manager_id
