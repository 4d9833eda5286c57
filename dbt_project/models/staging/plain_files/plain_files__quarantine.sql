-- grain: unusable row version
{{ quarantined_rows([
    ['stg_plain_files__clients', 'plain_files', 'clients'],
    ['stg_plain_files__client_merges', 'plain_files', 'client_merges'],
    ['stg_plain_files__client_characteristics', 'plain_files', 'client_characteristics'],
    ['stg_plain_files__contact_persons', 'plain_files', 'contact_persons'],
    ['stg_plain_files__client_contact_persons', 'plain_files', 'client_contact_persons'],
    ['stg_plain_files__managers', 'plain_files', 'managers'],
    ['stg_plain_files__client_assignments', 'plain_files', 'client_assignments'],
    ['stg_plain_files__interactions', 'plain_files', 'interactions'],
    ['stg_plain_files__interaction_parties', 'plain_files', 'interaction_parties'],
    ['stg_plain_files__interaction_changes', 'plain_files', 'interaction_changes'],
]) }}
