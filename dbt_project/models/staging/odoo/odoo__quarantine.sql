-- grain: unusable row version
{{ quarantined_rows([
    ['stg_odoo__partners', 'odoo', 'res_partner'],
    ['stg_odoo__partner_categories', 'odoo', 'res_partner_category'],
    ['stg_odoo__country_states', 'odoo', 'res_country_state'],
    ['stg_odoo__companies', 'odoo', 'res_company'],
    ['stg_odoo__users', 'odoo', 'res_users'],
    ['stg_odoo__teams', 'odoo', 'crm_case_section'],
    ['stg_odoo__employees', 'odoo', 'hr_employee'],
    ['stg_odoo__calls', 'odoo', 'crm_phonecall'],
    ['stg_odoo__case_categories', 'odoo', 'crm_case_categ'],
    ['stg_odoo__meetings', 'odoo', 'calendar_event'],
    ['stg_odoo__claims', 'odoo', 'crm_claim'],
    ['stg_odoo__claim_stages', 'odoo', 'crm_claim_stage'],
    ['stg_odoo__helpdesk_requests', 'odoo', 'crm_helpdesk'],
    ['stg_odoo__leads', 'odoo', 'crm_lead'],
    ['stg_odoo__messages', 'odoo', 'mail_message'],
]) }}
