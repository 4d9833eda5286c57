-- grain: absence, as each load showed it
select
    {{ versions('absences') }},
    absences.manager_id,
    absences.absent_from,
    absences.absent_to,
    absences.kind,
    false as is_deleted
from {{ ref('stg_files__absences') }} as absences
where absences.quarantine_reason is null
