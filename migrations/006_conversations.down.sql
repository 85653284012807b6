-- lossy: every conversation, its messages and the agents' states are deleted
DROP FUNCTION navigator.history_page(uuid, uuid, text, bigint, int, bool);
DROP TABLE navigator.agent_states;
DROP TABLE navigator.conversation_messages;
DROP TABLE navigator.conversations;
