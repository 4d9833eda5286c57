-- grain: unusable row version
{{ quarantined_rows([
    ['stg_salesforce__accounts', 'salesforce', 'account'],
    ['stg_salesforce__account_history', 'salesforce', 'account_history'],
    ['stg_salesforce__contacts', 'salesforce', 'contact'],
    ['stg_salesforce__contact_history', 'salesforce', 'contact_history'],
    ['stg_salesforce__users', 'salesforce', 'user'],
    ['stg_salesforce__user_roles', 'salesforce', 'user_role'],
    ['stg_salesforce__tasks', 'salesforce', 'task'],
    ['stg_salesforce__events', 'salesforce', 'event'],
    ['stg_salesforce__event_relations', 'salesforce', 'event_relation'],
]) }}
