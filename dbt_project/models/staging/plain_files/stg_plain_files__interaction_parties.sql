{{ config(materialized='updated_table', raw_table=['plain_files', 'interaction_parties']) }}
with source as (
    {{ raw_versions('plain_files', 'interaction_parties') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ file_id('interaction_id') }} as interaction_id,
        {{ file_id('party_id') }} as party_id,
        {{ text('party_kind') }} as party_kind,
        coalesce({{ text('party_role') }}, 'participant') as party_role,
        {{ flag('attended') }} as attended,
        {{ quarantine_reason([
            [text('interaction_id') ~ ' is null', 'interaction_id is empty'],
            [text('party_kind') ~ ' is null', 'party_kind is empty'],
            [text('party_id') ~ ' is null', 'party_id is empty'],
            not_among('party_kind', ['client', 'person', 'manager']),
            not_among('party_role', ['target', 'assignee', 'creator', 'participant']),
            not_a_flag('attended'),
        ]) }} as quarantine_reason
    from source
)

select * from renamed
