-- A returned row is a result that the list lacks, with its interactions: a warning. Add it to
-- seeds/reference/interaction_results.csv.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'interactions'}}}) }}
select
    result,
    count(*) as interaction_count
from {{ ref('interactions') }}
where result_class = 'unmapped' and not is_deleted
group by result
