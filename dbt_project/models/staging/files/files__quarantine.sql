-- grain: unusable row version
{{ quarantined_rows([
    ['stg_files__contact_plans', 'files', 'contact_plans'],
    ['stg_files__absences', 'files', 'absences'],
]) }}
