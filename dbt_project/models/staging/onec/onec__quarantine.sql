-- grain: unusable row version
{{ quarantined_rows([
    ['stg_onec__partners', 'onec', 'Catalog_Партнеры'],
    ['stg_onec__regions', 'onec', 'Catalog_БизнесРегионы'],
    ['stg_onec__contact_persons', 'onec', 'Catalog_КонтактныеЛицаПартнеров'],
    ['stg_onec__departments', 'onec', 'Catalog_СтруктураПредприятия'],
    ['stg_onec__users', 'onec', 'Catalog_Пользователи'],
    ['stg_onec__meetings', 'onec', 'Document_Встреча'],
    ['stg_onec__meeting_participants', 'onec', 'Document_Встреча_Участники'],
    ['stg_onec__calls', 'onec', 'Document_ТелефонныйЗвонок'],
    ['stg_onec__planned_interactions', 'onec', 'Document_ЗапланированноеВзаимодействие'],
    ['stg_onec__planned_participants', 'onec', 'Document_ЗапланированноеВзаимодействие_Участники'],
    ['stg_onec__emails_received', 'onec', 'Document_ЭлектронноеПисьмоВходящее'],
    ['stg_onec__emails_sent', 'onec', 'Document_ЭлектронноеПисьмоИсходящее'],
    ['stg_onec__email_recipients', 'onec', 'Document_ЭлектронноеПисьмоИсходящее_ПолучателиПисьма'],
    ['stg_onec__sms', 'onec', 'Document_СообщениеSMS'],
    ['stg_onec__sms_recipients', 'onec', 'Document_СообщениеSMS_Адресаты'],
]) }}
