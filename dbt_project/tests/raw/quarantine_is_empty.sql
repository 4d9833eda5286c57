-- A returned row is a table with unusable rows, by reason: a warning, the month closes without
-- them.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'quarantine'}}}) }}
select
    source,
    table_name,
    reason,
    count(*) as row_count
from {{ ref('quarantine') }}
where left_at is null
group by source, table_name, reason
