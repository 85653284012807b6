-- lossy: every policy and every document's record is deleted
DROP TABLE navigator.policy_documents;
DROP TABLE navigator.policy_records;
