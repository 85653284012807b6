-- Search in the official texts: versions of a document, its passages, an inverted index for BM25, the vocabulary for typing
-- errors, the synonyms, and the functions that search, read and add. Extensions are not needed.

-- source_key names a source for good: the address, or the address with its page, or the id of a fact of the product.
-- A changed text is a new version; the version before it stays readable and is no longer searched.
ALTER TABLE navigator.regulatory_documents
    DROP CONSTRAINT regulatory_documents_source_url_version_key,
    ADD COLUMN source_key text,
    ADD COLUMN kind text NOT NULL DEFAULT 'text',
    ADD COLUMN lang text NOT NULL DEFAULT 'en',
    ADD COLUMN page int,
    ADD COLUMN section text,
    ADD COLUMN plan_year int,
    ADD COLUMN superseded_at timestamptz;
UPDATE navigator.regulatory_documents AS d SET source_key = d.source_url,
    superseded_at = (SELECT min(n.fetched_at) FROM navigator.regulatory_documents AS n
                      WHERE n.source_url = d.source_url AND n.version > d.version);
ALTER TABLE navigator.regulatory_documents
    ALTER COLUMN source_key SET NOT NULL,
    ADD CONSTRAINT regulatory_documents_source_key_version_key UNIQUE (source_key, version),
    ADD CONSTRAINT regulatory_documents_kind_check CHECK (kind IN ('text', 'term', 'fact')),
    ADD CONSTRAINT regulatory_documents_lang_check CHECK (lang IN ('en', 'es'));
CREATE UNIQUE INDEX regulatory_documents_current_key ON navigator.regulatory_documents (source_key)
    WHERE superseded_at IS NULL;

CREATE TABLE navigator.regulatory_chunks (
    id bigint GENERATED ALWAYS AS IDENTITY,
    document_id uuid NOT NULL,
    seq int NOT NULL,
    content text NOT NULL,
    terms tsvector NOT NULL,
    effective_date date,
    expires_date date,
    is_fact bool NOT NULL,
    CONSTRAINT regulatory_chunks_pkey PRIMARY KEY (id),
    CONSTRAINT regulatory_chunks_document_id_seq_key UNIQUE (document_id, seq),
    CONSTRAINT regulatory_chunks_document_id_fkey FOREIGN KEY (document_id)
        REFERENCES navigator.regulatory_documents (id) ON DELETE CASCADE
);
CREATE INDEX regulatory_chunks_expires_date_idx ON navigator.regulatory_chunks (expires_date) WHERE expires_date IS NOT NULL;
CREATE INDEX regulatory_chunks_effective_date_idx ON navigator.regulatory_chunks (effective_date)
    WHERE effective_date IS NOT NULL;

-- The inverted index. A term is a word's stem; of a Spanish text with 'es:' before it; 'def:' and a name for a text that
-- defines the name. impact is BM25's share of the term without its rarity.
CREATE TABLE navigator.regulatory_postings (
    term text NOT NULL,
    chunk_id bigint NOT NULL,
    impact real NOT NULL,
    CONSTRAINT regulatory_postings_pkey PRIMARY KEY (term, chunk_id) INCLUDE (impact)
);
-- In how many passages a term stands; the empty term counts all passages.
CREATE TABLE navigator.regulatory_terms (
    term text NOT NULL,
    passages bigint NOT NULL,
    CONSTRAINT regulatory_terms_pkey PRIMARY KEY (term)
);
-- The trigrams of every word of the texts, to find the word that a mistyped one was meant to be.
CREATE TABLE navigator.regulatory_grams (
    gram text NOT NULL,
    word text NOT NULL,
    CONSTRAINT regulatory_grams_pkey PRIMARY KEY (gram, word)
);
-- phrase (stems) says the same as the English words; without words it says nothing. `ops` keeps it equal to its list.
CREATE TABLE navigator.regulatory_synonyms (
    lang text NOT NULL,
    phrase text NOT NULL,
    english text NOT NULL,
    CONSTRAINT regulatory_synonyms_pkey PRIMARY KEY (lang, phrase)
);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['regulatory_chunks', 'regulatory_postings', 'regulatory_terms', 'regulatory_grams',
                             'regulatory_synonyms'] LOOP
        EXECUTE format('ALTER TABLE navigator.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE navigator.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I TO navigator_owner USING (true) WITH CHECK (true)', t || '_owner', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I FOR SELECT TO navigator_api USING (true)', t || '_select', t);
        EXECUTE format('GRANT SELECT ON navigator.%I TO navigator_api', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I TO navigator_operator USING (true) WITH CHECK (true)', t || '_operator', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON navigator.%I TO navigator_operator', t);
    END LOOP;
END $$;

-- Promises: the text in lower case without accents and apostrophes, and 'part b', 'parte b' as one word: its letter alone
-- would be lost among the stop words.
CREATE FUNCTION navigator.regulatory_fold(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
    SELECT regexp_replace(
        translate(lower(p_text), 'áàâäãÁÀÂÄÃéèêëÉÈÊËíìîïÍÌÎÏóòôöõÓÒÔÖÕúùûüÚÙÛÜñÑçÇ’‘`´''',
                                 'aaaaaaaaaaeeeeeeeeiiiiiiiioooooooooouuuuuuuunncc'),
        '\mparte? ([abcd])\M', 'part\1', 'g')
$$;

-- Promises: the stems of a text with their places, without stop words.
CREATE FUNCTION navigator.regulatory_lexemes(p_text text, p_lang text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
    SELECT CASE p_lang WHEN 'es' THEN to_tsvector('pg_catalog.spanish', navigator.regulatory_fold(p_text))
                       ELSE to_tsvector('pg_catalog.english', navigator.regulatory_fold(p_text)) END
$$;

-- Promises: the stems of a phrase in its order, stop words as they are; what the synonyms' phrases are compared by.
CREATE FUNCTION navigator.regulatory_stems(p_text text, p_lang text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
    SELECT array_agg(coalesce((CASE p_lang WHEN 'es' THEN ts_lexize('pg_catalog.spanish_stem', w.word)
                                           ELSE ts_lexize('pg_catalog.english_stem', w.word) END)[1], w.word) ORDER BY w.place)
      FROM regexp_split_to_table(navigator.regulatory_fold(p_text), '[^a-z0-9]+') WITH ORDINALITY AS w (word, place)
     WHERE w.word <> ''
$$;

-- Private. Promises: the postings that the passages of these documents have (Robertson and Zaragoza, "The Probabilistic
-- Relevance Framework", 2009: k1 = 1.2, b = 0.6, a word of the title or the section counts 2.5 times; the mean length is a
-- constant, because passages are cut to one size).
CREATE FUNCTION navigator.regulatory_postings_of(p_documents uuid[])
RETURNS TABLE (term text, chunk_id bigint, impact real)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT s.prefix || l.lexeme, s.id, (l.tf * 2.2 / (l.tf + 1.2 * (0.4 + 0.6 * s.size / 120)))::real
      FROM (SELECT c.id, c.terms, CASE d.lang WHEN 'es' THEN 'es:' ELSE '' END AS prefix,
                   greatest(length(c.terms), 20)::real AS size,
                   navigator.regulatory_lexemes(
                       d.title || ' ' || coalesce(regexp_replace(d.section, '.*>', ''), ''), d.lang) AS title
              FROM navigator.regulatory_chunks AS c JOIN navigator.regulatory_documents AS d ON d.id = c.document_id
             WHERE c.document_id = ANY (p_documents)) AS s
     CROSS JOIN LATERAL (
            SELECT x.lexeme, sum(x.tf)::real AS tf FROM (
                SELECT u.lexeme, cardinality(u.positions)::real AS tf FROM unnest(s.terms) AS u
                UNION ALL SELECT t.lexeme, 2.5 FROM unnest(s.title) AS t) AS x
             GROUP BY x.lexeme) AS l
     WHERE l.lexeme ~ '^[a-z0-9-]{1,40}$'
    UNION
    SELECT left('def:' || array_to_string(navigator.regulatory_stems(n.name, d.lang), ' '), 200), c.id, 1::real
      FROM navigator.regulatory_chunks AS c JOIN navigator.regulatory_documents AS d ON d.id = c.document_id
     CROSS JOIN LATERAL regexp_split_to_table(d.title, '[()/]') AS n (name)
     WHERE c.document_id = ANY (p_documents) AND c.seq = 0 AND d.kind = 'term' AND n.name ~ '[[:alnum:]]'
$$;

-- Private. Promises: the documents' passages are searched from now on, and their words are known.
CREATE FUNCTION navigator.regulatory_index(p_documents uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    WITH added AS (
        INSERT INTO navigator.regulatory_postings (term, chunk_id, impact)
        SELECT p.term, p.chunk_id, p.impact FROM navigator.regulatory_postings_of(p_documents) AS p RETURNING term)
    INSERT INTO navigator.regulatory_terms AS t (term, passages)
    SELECT a.term, count(*) FROM added AS a GROUP BY a.term
    UNION ALL SELECT '', count(*) FROM navigator.regulatory_chunks AS c WHERE c.document_id = ANY (p_documents)
    ON CONFLICT (term) DO UPDATE SET passages = t.passages + excluded.passages;
    INSERT INTO navigator.regulatory_grams (gram, word)
    SELECT DISTINCT substr('  ' || w.word || ' ', g.place, 3), w.word
      FROM (SELECT DISTINCT u.lexeme AS word
              FROM navigator.regulatory_chunks AS c
             CROSS JOIN LATERAL unnest(to_tsvector('pg_catalog.simple', c.content)) AS u
             WHERE c.document_id = ANY (p_documents) AND u.lexeme ~ '^[a-z]{5,24}$') AS w
     CROSS JOIN LATERAL generate_series(1, length(w.word) + 1) AS g (place)
     WHERE NOT EXISTS (SELECT FROM navigator.regulatory_grams AS k WHERE k.gram = '  ' || left(w.word, 1) AND k.word = w.word)
    ON CONFLICT DO NOTHING;
END $$;

-- Private. Promises: the documents have no passages any more and no share in the counts.
CREATE FUNCTION navigator.regulatory_unindex(p_documents uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    WITH gone AS (
        DELETE FROM navigator.regulatory_postings AS p USING navigator.regulatory_postings_of(p_documents) AS o
         WHERE p.term = o.term AND p.chunk_id = o.chunk_id RETURNING p.term
    ), counted AS (
        SELECT g.term, count(*) AS passages FROM gone AS g GROUP BY g.term
        UNION ALL SELECT '', count(*) FROM navigator.regulatory_chunks AS c WHERE c.document_id = ANY (p_documents))
    UPDATE navigator.regulatory_terms AS t SET passages = t.passages - n.passages FROM counted AS n WHERE t.term = n.term;
    DELETE FROM navigator.regulatory_terms AS t WHERE t.passages = 0 AND t.term <> '';
    DELETE FROM navigator.regulatory_chunks AS c WHERE c.document_id = ANY (p_documents);
END $$;

-- Private. Promises one of: 'created', 'changed' (a new version; `replaced` is the one
-- before it, when it is to be found no longer), 'same' (this very text
-- is the current version), 'older' (it was a version before the current one, and the caller does not say "revert").
CREATE FUNCTION navigator.regulatory_put(p_document jsonb, OUT outcome text, OUT id uuid, OUT replaced uuid)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_key text := p_document ->> 'key';
    v_hash bytea := decode(p_document ->> 'hash', 'hex');
    v_lang text := coalesce(p_document ->> 'lang', 'en');
    v_effective date := (p_document ->> 'effective')::date;
    v_expires date := (p_document ->> 'expires')::date;
    v_current navigator.regulatory_documents;
BEGIN
    SELECT * INTO v_current FROM navigator.regulatory_documents AS d WHERE d.source_key = v_key AND d.superseded_at IS NULL;
    id := v_current.id;
    IF v_current.content_hash = v_hash THEN
        outcome := 'same';
        RETURN;
    ELSIF NOT coalesce((p_document ->> 'revert')::bool, false) AND EXISTS (
        SELECT FROM navigator.regulatory_documents AS d WHERE d.source_key = v_key AND d.content_hash = v_hash) THEN
        outcome := 'older';
        RETURN;
    END IF;
    outcome := CASE WHEN id IS NULL THEN 'created' ELSE 'changed' END;
    replaced := id;
    id := gen_random_uuid();
    UPDATE navigator.regulatory_documents AS d SET superseded_at = clock_timestamp() WHERE d.id = replaced;
    -- Until the new version comes into force the one before it is what holds.
    IF v_effective > current_date THEN
        UPDATE navigator.regulatory_chunks AS c SET expires_date = least(c.expires_date, v_effective - 1)
         WHERE c.document_id = replaced;
        replaced := NULL;
    END IF;
    INSERT INTO navigator.regulatory_documents (id, source_key, source_url, version, title, content, content_hash, kind, lang,
            page, section, plan_year, effective_date, expires_date, fetched_at, metadata)
        VALUES (id, v_key, p_document ->> 'url',
            (SELECT coalesce(max(d.version), 0) + 1 FROM navigator.regulatory_documents AS d WHERE d.source_key = v_key),
            p_document ->> 'title',
            p_document ->> 'content', v_hash, coalesce(p_document ->> 'kind', 'text'), v_lang, (p_document ->> 'page')::int,
            p_document ->> 'section', (p_document ->> 'plan_year')::int, v_effective, v_expires,
            coalesce((p_document ->> 'fetched')::timestamptz, clock_timestamp()), coalesce(p_document -> 'metadata', '{}'));
    INSERT INTO navigator.regulatory_chunks (document_id, seq, content, terms, effective_date, expires_date, is_fact)
    SELECT id, p.place - 1, p.passage, navigator.regulatory_lexemes(p.passage, v_lang), v_effective, v_expires,
           coalesce(p_document ->> 'kind', 'text') = 'fact'
      FROM jsonb_array_elements_text(p_document -> 'passages') WITH ORDINALITY AS p (passage, place);
END $$;

-- Promises: one row a document, in their order, with what became of it (regulatory_put); all of them or none. Writers wait
-- for each other. For the owner (import, refresh, the product's facts) and for regulatory_create.
CREATE FUNCTION navigator.regulatory_store(p_documents jsonb) RETURNS TABLE (place int, outcome text, id uuid)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_documents uuid[] := '{}';
    v_put record;
    v_row record;
BEGIN
    PERFORM pg_advisory_xact_lock(7246116208323);
    FOR v_row IN SELECT e.document, e.ordinality FROM jsonb_array_elements(p_documents) WITH ORDINALITY AS e (document) LOOP
        v_put := navigator.regulatory_put(v_row.document);
        IF v_put.replaced = ANY (v_documents) THEN
            v_documents := array_remove(v_documents, v_put.replaced);
            DELETE FROM navigator.regulatory_chunks AS c WHERE c.document_id = v_put.replaced;
        ELSIF v_put.replaced IS NOT NULL THEN
            PERFORM navigator.regulatory_unindex(ARRAY[v_put.replaced]);
        END IF;
        IF v_put.outcome IN ('created', 'changed') THEN
            v_documents := v_documents || v_put.id;
        END IF;
        place := v_row.ordinality;
        outcome := v_put.outcome;
        id := v_put.id;
        RETURN NEXT;
    END LOOP;
    PERFORM navigator.regulatory_index(v_documents);
END $$;

-- Private. Promises: the known word that a mistyped one resembles most (trigrams, as pg_trgm counts them; two letters that
-- changed places count less), or NULL.
CREATE FUNCTION navigator.regulatory_correct(p_word text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_grams text[];
    v_letters text;
    v_word text;
BEGIN
    SELECT array_agg(DISTINCT substr('  ' || p_word || ' ', g.place, 3)) INTO v_grams
      FROM generate_series(1, length(p_word) + 1) AS g (place);
    v_letters := (SELECT string_agg(l.l, '' ORDER BY l.l) FROM regexp_split_to_table(p_word, '') AS l (l));
    SELECT m.word INTO v_word
      FROM (SELECT g.word, count(*)::real / (cardinality(v_grams) + length(g.word) + 1 - count(*)) AS likeness
              FROM navigator.regulatory_grams AS g WHERE g.gram = ANY (v_grams) GROUP BY g.word) AS m
     CROSS JOIN LATERAL (SELECT CASE WHEN length(m.word) = length(p_word) AND v_letters = (
               SELECT string_agg(l.l, '' ORDER BY l.l) FROM regexp_split_to_table(m.word, '') AS l (l))
             THEN 0.3 ELSE 0 END AS swapped) AS s
      JOIN navigator.regulatory_terms AS t ON t.term = (ts_lexize('pg_catalog.english_stem', m.word))[1]
     WHERE m.likeness >= 0.2 AND m.likeness + s.swapped >= 0.4 AND abs(length(m.word) - length(p_word)) <= 2
     ORDER BY m.likeness + s.swapped + 0.005 * ln(t.passages) DESC, m.word LIMIT 1;
    RETURN v_word;
END $$;

-- Private. Promises: the English word of the texts that a Spanish one is a cognate of (hipertension: hypertension), or NULL.
-- It finds what the synonyms do not list.
CREATE FUNCTION navigator.regulatory_cognate(p_word text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_word text := p_word;
    v_ending text[];
BEGIN
    IF v_word !~ '^[a-z]{6,24}$' OR EXISTS (
        SELECT FROM navigator.regulatory_terms AS t
         WHERE t.term = (ts_lexize('pg_catalog.english_stem', v_word))[1] AND t.passages >= 10) THEN
        RETURN NULL;
    END IF;
    FOREACH v_ending SLICE 1 IN ARRAY ARRAY[
        ['ci(on|ones)$', 'tion'], ['dad(es)?$', 'ty'], ['ic[oa]s?$', 'ic'], ['([^aeiou])ia$', '\1y'], ['ari[oa]s?$', 'ary'],
        ['iv[oa]s?$', 'ive'], ['^es([ptcm])', 's\1'], ['qui', 'chi']] LOOP
        v_word := regexp_replace(v_word, v_ending[1], v_ending[2]);
    END LOOP;
    RETURN navigator.regulatory_correct(v_word);
END $$;

-- Private. Promises: 'es' when more of the words are Spanish alone (a phrase of the synonyms) than English alone (a stop
-- word, or a word of the texts), or the question is punctuated as in Spanish; else 'en'.
CREATE FUNCTION navigator.regulatory_language(p_query text, p_words text[]) RETURNS text
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_lead bigint;
BEGIN
    SELECT sum(CASE WHEN k.is_spanish THEN 1 ELSE 0 END - CASE WHEN k.is_english THEN 1 ELSE 0 END) INTO v_lead
      FROM (SELECT EXISTS (SELECT FROM navigator.regulatory_synonyms AS y WHERE y.lang = 'es'
                AND y.phrase = coalesce((ts_lexize('pg_catalog.spanish_stem', w.word))[1], w.word)) AS is_spanish,
                   ts_lexize('pg_catalog.english_stem', w.word) = '{}' OR EXISTS (
                SELECT FROM navigator.regulatory_terms AS t WHERE t.passages >= 10
                   AND t.term = (ts_lexize('pg_catalog.english_stem', w.word))[1]) AS is_english
              FROM unnest(p_words) AS w (word)) AS k;
    RETURN CASE WHEN p_query ~ '[¿¡]' OR v_lead > 0 THEN 'es' ELSE 'en' END;
END $$;

-- Private. Promises: the question's words, in order, 40 at most; in English with typing errors
-- corrected, eight words at most.
CREATE FUNCTION navigator.regulatory_words(p_query text, OUT lang text, OUT words text[])
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    words := (regexp_split_to_array(btrim(regexp_replace(navigator.regulatory_fold(normalize(left(p_query, 1000), NFKC)),
                                                         '[^a-z0-9]+', ' ', 'g')), ' '))[1:40];
    lang := navigator.regulatory_language(p_query, words);
    IF lang = 'en' THEN
        SELECT array_agg(CASE WHEN w.is_unknown AND w.nth <= 8 THEN coalesce(navigator.regulatory_correct(w.word), w.word)
                              ELSE w.word END ORDER BY w.place) INTO words
          FROM (SELECT k.*, count(*) FILTER (WHERE k.is_unknown) OVER (ORDER BY k.place) AS nth
                  FROM (SELECT x.word, x.place, x.word ~ '^[a-z]{5,24}$' AND s.stem IS NOT NULL
                           AND NOT EXISTS (SELECT FROM navigator.regulatory_terms AS t WHERE t.term = s.stem)
                           AND NOT EXISTS (SELECT FROM navigator.regulatory_synonyms AS y
                                            WHERE y.lang = 'en' AND y.phrase = s.stem) AS is_unknown
                          FROM unnest(words) WITH ORDINALITY AS x (word, place)
                         CROSS JOIN LATERAL (SELECT (ts_lexize('pg_catalog.english_stem', x.word))[1]) AS s (stem)) AS k) AS w;
    END IF;
END $$;

-- Private. Promises: what to look for, and how much each term counts: the question's words without those that say nothing,
-- what the synonyms say for them (a Spanish word's translation counts like the word), and the name that it asks to define.
CREATE FUNCTION navigator.regulatory_query(p_query text, OUT terms text[], OUT weights real[])
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_asked record := navigator.regulatory_words(p_query);
    v_stems text[] := navigator.regulatory_stems(array_to_string(v_asked.words, ' '), v_asked.lang);
    v_own text;
    v_said text;
BEGIN
    WITH hit AS (
        SELECT a.place, l.size, y.english
          FROM generate_series(1, cardinality(v_stems)) AS a (place) CROSS JOIN generate_series(1, 5) AS l (size)
          JOIN navigator.regulatory_synonyms AS y
            ON y.lang = v_asked.lang AND y.phrase = array_to_string(v_stems[a.place : a.place + l.size - 1], ' ')
         WHERE a.place + l.size - 1 <= cardinality(v_stems)
    ), kept AS (
        SELECT h.* FROM hit AS h WHERE NOT EXISTS (
            SELECT FROM hit AS b WHERE b.size > h.size AND b.place < h.place + h.size AND h.place < b.place + b.size))
    SELECT (SELECT string_agg(k.english, ' ' ORDER BY k.place) FROM kept AS k),
           (SELECT string_agg(CASE WHEN v_asked.lang = 'es' AND w.place <= 16
                                   THEN coalesce(navigator.regulatory_cognate(w.word), w.word)
                                   ELSE w.word END, ' ' ORDER BY w.place)
              FROM unnest(v_asked.words) WITH ORDINALITY AS w (word, place)
             WHERE NOT EXISTS (SELECT FROM kept AS k WHERE w.place >= k.place AND w.place < k.place + k.size
                                  AND (v_asked.lang = 'es' OR k.english = '')))
      INTO v_said, v_own;
    SELECT array_agg(z.term), array_agg(z.weight) INTO terms, weights FROM (
        SELECT y.term, max(y.weight)::real AS weight FROM (
            SELECT u.lexeme AS term, 1.0 AS weight FROM unnest(navigator.regulatory_lexemes(v_own, 'en')) AS u
            UNION ALL SELECT u.lexeme, CASE v_asked.lang WHEN 'es' THEN 1.0 ELSE 0.6 END
              FROM unnest(navigator.regulatory_lexemes(v_said, 'en')) AS u
            UNION ALL SELECT 'es:' || u.lexeme, 1.0 FROM unnest(
                CASE v_asked.lang WHEN 'es' THEN navigator.regulatory_lexemes(array_to_string(v_asked.words, ' '), 'es') END) AS u
            UNION ALL SELECT 'def:' || array_to_string(navigator.regulatory_stems(
                CASE v_asked.lang WHEN 'es' THEN v_said ELSE v_own END, 'en'), ' '), 2.0) AS y
         WHERE y.term <> '' GROUP BY y.term) AS z;
END $$;

-- Private. Promises: the best passage of each of the p_limit best documents that are in force on p_today. Rare terms choose
-- the passages (from 3,000 postings, or those of the rarest, however large the corpus); the common ones only order the best 100.
-- The product's own facts, short and worded like questions, would crowd out the official texts: a third of the places is
-- theirs, more only when nothing else fits, and none unless p_facts.
CREATE FUNCTION navigator.regulatory_rank(p_terms text[], p_weights real[], p_limit int, p_today date, p_facts bool)
RETURNS TABLE (document_id uuid, chunk_id bigint, score real, place bigint)
LANGUAGE plpgsql STABLE SECURITY INVOKER ROWS 10 SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_all bigint := coalesce((SELECT t.passages FROM navigator.regulatory_terms AS t WHERE t.term = ''), 0);
BEGIN
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT t.term, (u.weight * ln(1 + (v_all - t.passages + 0.5) / (t.passages + 0.5)))::real AS rarity,
               sum(t.passages) OVER (ORDER BY t.passages, t.term) <= 3000 OR row_number() OVER (ORDER BY t.passages, t.term) = 1
               AS chooses
          FROM unnest(p_terms, p_weights) AS u (term, weight) JOIN navigator.regulatory_terms AS t ON t.term = u.term
    ), out_of_force AS MATERIALIZED (
        SELECT c.id FROM navigator.regulatory_chunks AS c WHERE c.expires_date < p_today
        UNION ALL SELECT c.id FROM navigator.regulatory_chunks AS c WHERE c.effective_date > p_today
    ), chosen AS MATERIALIZED (
        SELECT p.chunk_id, sum(a.rarity * p.impact) AS score
          FROM asked AS a JOIN navigator.regulatory_postings AS p ON p.term = a.term
         WHERE a.chooses AND p.chunk_id NOT IN (SELECT o.id FROM out_of_force AS o)
         GROUP BY p.chunk_id ORDER BY score DESC, p.chunk_id LIMIT 100
    ), scored AS MATERIALIZED (
        SELECT h.chunk_id, h.score + coalesce((
            SELECT sum(a.rarity * p.impact) FROM asked AS a
              JOIN navigator.regulatory_postings AS p ON p.term = a.term AND p.chunk_id = h.chunk_id
             WHERE NOT a.chooses), 0) AS score
          FROM chosen AS h
    ), best AS (
        SELECT c.document_id, c.id, c.is_fact, s.score,
               row_number() OVER (PARTITION BY c.document_id ORDER BY s.score DESC, c.seq) AS place
          FROM scored AS s JOIN navigator.regulatory_chunks AS c ON c.id = s.chunk_id AND (p_facts OR NOT c.is_fact)
    ), ranked AS (
        SELECT b.document_id, b.id, b.score, b.is_fact
               AND row_number() OVER (PARTITION BY b.is_fact ORDER BY b.score DESC, b.id) > greatest(p_limit / 3, 1) AS waits
          FROM best AS b WHERE b.place = 1
    )
    SELECT k.document_id, k.id, k.score::real, row_number() OVER (ORDER BY k.waits, k.score DESC, k.id) AS place
      FROM ranked AS k ORDER BY place LIMIT p_limit;
END $$;

-- Private. Promises: at most 400 characters of a passage, where most of the asked terms stand together. The place of a word
-- is estimated from its number: ts_headline is exact, but took three quarters of a search's time.
CREATE FUNCTION navigator.regulatory_excerpt(p_content text, p_terms tsvector, p_asked text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
DECLARE
    v_from int;
    v_text text;
BEGIN
    IF length(p_content) <= 400 THEN
        RETURN p_content;
    END IF;
    WITH words AS (
        SELECT u.lexeme, p.place, max(p.place) OVER () AS size
          FROM unnest(p_terms) AS u CROSS JOIN LATERAL unnest(u.positions) AS p (place)
    ), asked AS (
        SELECT w.* FROM words AS w WHERE w.lexeme = ANY (p_asked) OR 'es:' || w.lexeme = ANY (p_asked))
    SELECT a.place * length(p_content) / a.size - 60 INTO v_from
      FROM asked AS a JOIN asked AS b ON b.place BETWEEN a.place AND a.place + 45
     GROUP BY a.place, a.size ORDER BY count(DISTINCT b.lexeme) DESC, count(*) DESC, a.place LIMIT 1;
    v_from := greatest(1, least(coalesce(v_from, 1), length(p_content) - 397));
    v_text := substr(p_content, v_from, 398);
    IF v_from > 1 THEN
        v_text := '…' || coalesce(substring(v_text FROM '^[^\n]{0,80}\n(.*)$'), substring(v_text FROM '^\S*\s+(.*)$'), v_text);
    END IF;
    IF v_from + 397 < length(p_content) THEN
        v_text := coalesce(substring(v_text FROM '^(.*)\s+\S*$'), v_text) || '…';
    END IF;
    RETURN v_text;
END $$;

-- Private. Promises: the p_limit best documents for a question, the best first, each with an excerpt of at most 400
-- characters around the question's words. Texts come back as they were stored: they are data, whatever they say.
CREATE FUNCTION navigator.regulatory_hits(p_query text, p_limit int, p_today date, p_facts bool)
RETURNS TABLE (id uuid, title text, url text, page int, section text, lang text, plan_year int, effective date, expires date,
               fetched timestamptz, excerpt text, score real)
LANGUAGE plpgsql STABLE SECURITY INVOKER ROWS 10 SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_asked record := navigator.regulatory_query(p_query);
BEGIN
    RETURN QUERY
    SELECT d.id, d.title, d.source_url, d.page, d.section, d.lang, d.plan_year, d.effective_date, d.expires_date, d.fetched_at,
           navigator.regulatory_excerpt(c.content, c.terms, v_asked.terms), r.score
      FROM navigator.regulatory_rank(v_asked.terms, v_asked.weights, least(greatest(p_limit, 0), 50), p_today, p_facts) AS r
      JOIN navigator.regulatory_chunks AS c ON c.id = r.chunk_id
      JOIN navigator.regulatory_documents AS d ON d.id = r.document_id
     ORDER BY r.place;
END $$;

-- Private, for operators. Promises: the planner's statistics are those of the texts as they are now; only their owner may renew them.
CREATE FUNCTION navigator.regulatory_analyze() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    ANALYZE navigator.regulatory_documents, navigator.regulatory_chunks, navigator.regulatory_postings,
        navigator.regulatory_terms, navigator.regulatory_grams;
END $$;

-- Promises: the evidence for a question as an array of {id, title, url, page, effective, fetched, excerpt}, the best first;
-- [] when there is none. Of the official texts: the agents have the product's own facts themselves, and nobody quotes its
-- own words. For use inside another function's transaction; checks no session.
CREATE FUNCTION navigator.regulatory_evidence(p_query text, p_limit int, p_today date) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('id', h.id, 'title', h.title, 'url', h.url, 'page', h.page,
                'effective', h.effective, 'fetched', (h.fetched AT TIME ZONE 'UTC')::date,
                'excerpt', h.excerpt) ORDER BY h.ordinality), '[]')
              FROM navigator.regulatory_hits(p_query, p_limit, p_today, false) WITH ORDINALITY AS h);
END $$;

-- Promises: rows of outcome 'hit', the best first (none: nothing fits), or one row with a refusal of
-- navigator.enter.
CREATE FUNCTION navigator.regulatory_search(p_user uuid, p_session uuid, p_query text, p_limit int, p_today date)
RETURNS TABLE (outcome text, id uuid, title text, url text, page int, section text, lang text, plan_year int, effective date,
               expires date, fetched timestamptz, excerpt text, score real)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    outcome := navigator.enter(p_user, p_session);
    IF outcome <> 'ok' THEN
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY SELECT 'hit', h.* FROM navigator.regulatory_hits(p_query, p_limit, p_today, true) AS h;
END $$;

-- Promises: one row, 'document' with the version that has this id, the current one or not; or 'not_found', or a
-- refusal of navigator.enter.
CREATE FUNCTION navigator.regulatory_read(p_user uuid, p_session uuid, p_id uuid)
RETURNS TABLE (outcome text, id uuid, version int, is_current bool, title text, url text, page int, section text, lang text,
               plan_year int, effective date, expires date, fetched timestamptz, content text)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    outcome := navigator.enter(p_user, p_session);
    IF outcome <> 'ok' THEN
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY SELECT 'document', d.id, d.version, d.superseded_at IS NULL, d.title, d.source_url, d.page, d.section, d.lang,
            d.plan_year, d.effective_date, d.expires_date, d.fetched_at, d.content
       FROM navigator.regulatory_documents AS d WHERE d.id = p_id;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN NEXT;
    END IF;
END $$;

-- Promises one row: 'created' (a new source or a new version), 'same' (this text is the current version already),
-- 'forbidden' (the caller has not the route's role, p_role, at this moment, whatever the token says), or a refusal of navigator.enter. It runs as the
-- owner, because nobody else may write these tables: the role of the functions cannot, not even by SQL of an attacker.
CREATE FUNCTION navigator.regulatory_create(p_user uuid, p_session uuid, p_role text, p_document jsonb)
RETURNS TABLE (outcome text, id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' SET lock_timeout = '2s' AS $$
#variable_conflict use_column
BEGIN
    outcome := navigator.enter(p_user, p_session);
    IF outcome <> 'ok' THEN
        RETURN NEXT;
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM navigator.user_roles AS r WHERE r.user_id = p_user AND r.role_name = p_role) THEN
        outcome := 'forbidden';
        PERFORM navigator.audit(p_user, 'regulatory.create', NULL, outcome);
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT CASE s.outcome WHEN 'changed' THEN 'created' ELSE s.outcome END, s.id INTO outcome, id
      FROM navigator.regulatory_store(jsonb_build_array(p_document)) AS s;
    PERFORM navigator.audit(p_user, 'regulatory.create', id::text, outcome);
    RETURN NEXT;
END $$;

-- Reading is everybody's; storing is the owner's and the operators'.
GRANT EXECUTE ON FUNCTION
    navigator.regulatory_fold(text), navigator.regulatory_lexemes(text, text), navigator.regulatory_stems(text, text),
    navigator.regulatory_correct(text), navigator.regulatory_cognate(text), navigator.regulatory_language(text, text[]),
    navigator.regulatory_words(text), navigator.regulatory_query(text), navigator.regulatory_rank(text[], real[], int, date, bool),
    navigator.regulatory_excerpt(text, tsvector, text[]), navigator.regulatory_hits(text, int, date, bool),
    navigator.regulatory_evidence(text, int, date), navigator.regulatory_search(uuid, uuid, text, int, date),
    navigator.regulatory_read(uuid, uuid, uuid), navigator.regulatory_create(uuid, uuid, text, jsonb)
TO navigator_api;
GRANT EXECUTE ON FUNCTION
    navigator.regulatory_fold(text), navigator.regulatory_lexemes(text, text), navigator.regulatory_stems(text, text),
    navigator.regulatory_postings_of(uuid[]), navigator.regulatory_index(uuid[]), navigator.regulatory_unindex(uuid[]),
    navigator.regulatory_put(jsonb), navigator.regulatory_store(jsonb), navigator.regulatory_analyze()
TO navigator_operator;
