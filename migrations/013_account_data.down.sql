DROP FUNCTION navigator.account_delete(uuid, uuid, text, uuid);
DROP FUNCTION navigator.conversation_delete(uuid, uuid, text);
DROP FUNCTION navigator.export_page(uuid, uuid, int, text, text, int);
DROP FUNCTION navigator.export_records(uuid);
DROP FUNCTION navigator.conversations_page(uuid, uuid, timestamptz, text, int, jsonb);
DROP FUNCTION navigator.session_end(uuid, uuid, text);
DROP FUNCTION navigator.account_update(uuid, uuid, text);
DROP FUNCTION navigator.account_details(uuid, uuid);
DROP FUNCTION navigator.account_read(uuid, uuid);
