-- A returned row is a client whose merges lead in a circle, so that nobody survives.
{{ config(meta={'dagster': {'ref': {'name': 'int_clients__survivors'}}}) }}
select client_id
from {{ ref('int_clients__survivors') }}
where merge_count >= {{ merge_depth_limit() }}
