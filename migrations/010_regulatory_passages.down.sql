-- lossy: the official texts, their passages and versions are deleted; they can be imported again
DROP FUNCTION navigator.regulatory_create(uuid, uuid, text, jsonb);
DROP FUNCTION navigator.regulatory_read(uuid, uuid, uuid);
DROP FUNCTION navigator.regulatory_search(uuid, uuid, text, int, date);
DROP FUNCTION navigator.regulatory_analyze();
DROP FUNCTION navigator.regulatory_evidence(text, int, date);
DROP FUNCTION navigator.regulatory_hits(text, int, date, bool);
DROP FUNCTION navigator.regulatory_excerpt(text, tsvector, text[]);
DROP FUNCTION navigator.regulatory_rank(text[], real[], int, date, bool);
DROP FUNCTION navigator.regulatory_query(text);
DROP FUNCTION navigator.regulatory_words(text);
DROP FUNCTION navigator.regulatory_language(text, text[]);
DROP FUNCTION navigator.regulatory_cognate(text);
DROP FUNCTION navigator.regulatory_correct(text);
DROP FUNCTION navigator.regulatory_store(jsonb);
DROP FUNCTION navigator.regulatory_put(jsonb);
DROP FUNCTION navigator.regulatory_unindex(uuid[]);
DROP FUNCTION navigator.regulatory_index(uuid[]);
DROP FUNCTION navigator.regulatory_postings_of(uuid[]);
DROP FUNCTION navigator.regulatory_stems(text, text);
DROP FUNCTION navigator.regulatory_lexemes(text, text);
DROP FUNCTION navigator.regulatory_fold(text);
DROP TABLE navigator.regulatory_synonyms;
DROP TABLE navigator.regulatory_grams;
DROP TABLE navigator.regulatory_terms;
DROP TABLE navigator.regulatory_postings;
DROP TABLE navigator.regulatory_chunks;
DELETE FROM navigator.regulatory_documents;
DROP INDEX navigator.regulatory_documents_current_key;
ALTER TABLE navigator.regulatory_documents
    DROP COLUMN superseded_at,
    DROP COLUMN plan_year,
    DROP COLUMN section,
    DROP COLUMN page,
    DROP COLUMN lang,
    DROP COLUMN kind,
    DROP COLUMN source_key,
    ADD CONSTRAINT regulatory_documents_source_url_version_key UNIQUE (source_url, version);
