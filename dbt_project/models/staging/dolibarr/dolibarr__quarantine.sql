-- grain: unusable row version
{{ quarantined_rows([
    ['stg_dolibarr__third_parties', 'dolibarr', 'llx_societe'],
    ['stg_dolibarr__sales_representatives', 'dolibarr', 'llx_societe_commerciaux'],
    ['stg_dolibarr__contacts', 'dolibarr', 'llx_socpeople'],
    ['stg_dolibarr__users', 'dolibarr', 'llx_user'],
    ['stg_dolibarr__groups', 'dolibarr', 'llx_usergroup'],
    ['stg_dolibarr__group_members', 'dolibarr', 'llx_usergroup_user'],
    ['stg_dolibarr__events', 'dolibarr', 'llx_actioncomm'],
    ['stg_dolibarr__event_resources', 'dolibarr', 'llx_actioncomm_resources'],
    ['stg_dolibarr__event_types', 'dolibarr', 'llx_c_actioncomm'],
    ['stg_dolibarr__prospect_statuses', 'dolibarr', 'llx_c_stcomm'],
    ['stg_dolibarr__company_types', 'dolibarr', 'llx_c_typent'],
    ['stg_dolibarr__staff_sizes', 'dolibarr', 'llx_c_effectif'],
    ['stg_dolibarr__categories', 'dolibarr', 'llx_categorie'],
    ['stg_dolibarr__client_categories', 'dolibarr', 'llx_categorie_societe'],
]) }}
