-- Large objects of every size, with owners, rights and comments.
DO $$ BEGIN CREATE ROLE reader; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
SELECT lo_create(4700);
SELECT lo_from_bytea(4701, '\x00ff0a5c');
SELECT lo_from_bytea(4702, (SELECT string_agg(sha256(i::text::bytea), '' ORDER BY i) FROM generate_series(1, 2048) AS i));
SELECT lo_from_bytea(4703, (SELECT string_agg(sha256(i::text::bytea), '' ORDER BY i) FROM generate_series(1, 80001) AS i));
SELECT lo_from_bytea(4704, repeat('well compressed ', 200000)::bytea);
SELECT lo_from_bytea(12, '\x01'); SELECT lo_put(12, 3000000, 'behind a hole');
SELECT count(lo_from_bytea(0, i::text::bytea)) FROM generate_series(1, 150) AS i;
ALTER LARGE OBJECT 4701 OWNER TO reader; GRANT SELECT ON LARGE OBJECT 4701 TO PUBLIC; GRANT UPDATE ON LARGE OBJECT 4703 TO reader WITH GRANT OPTION;
COMMENT ON LARGE OBJECT 4702 IS 'exactly one piece';
