-- lossy: the official texts are deleted; they can be imported again
DROP TABLE navigator.regulatory_documents;
