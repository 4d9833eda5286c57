-- grain: unusable row version
{{ quarantined_rows([
    ['stg_bitrix24__companies', 'bitrix24', 'crm_company'],
    ['stg_bitrix24__contacts', 'bitrix24', 'crm_contact'],
    ['stg_bitrix24__contact_companies', 'bitrix24', 'crm_contact_company'],
    ['stg_bitrix24__activities', 'bitrix24', 'crm_activity'],
    ['stg_bitrix24__tasks', 'bitrix24', 'tasks_task'],
    ['stg_bitrix24__calls', 'bitrix24', 'voximplant_call'],
    ['stg_bitrix24__users', 'bitrix24', 'user'],
    ['stg_bitrix24__departments', 'bitrix24', 'department'],
]) }}
