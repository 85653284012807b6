-- lossy: every conversation, its messages and the agents' states are deleted
DROP FUNCTION navigator.conversation_describe(uuid, text, jsonb);
DROP FUNCTION navigator.history_page(uuid, uuid, text, bigint, int, bool);
DROP FUNCTION navigator.conversation_state(uuid, text);
DROP TABLE navigator.agent_states;
DROP TABLE navigator.archived_conversations;
DROP TABLE navigator.archives;
DROP TABLE navigator.conversation_messages;
DROP TABLE navigator.conversations;
