-- grain: load, raw table, file and line
select
    rejected_lines.source,
    rejected_lines.load_id,
    rejected_lines.table_name,
    rejected_lines.file_name,
    rejected_lines.line_number,
    rejected_lines.reason,
    rejected_lines.raw_row
from {{ source('landing', 'rejected_lines') }} as rejected_lines
inner join {{ source('landing', 'loads') }} as loads
    on rejected_lines.load_id = loads.load_id and rejected_lines.table_name = loads.table_name
inner join {{ ref('run_period') }} as run_period on loads.extracted_at <= run_period.as_of
