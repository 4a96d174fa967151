-- Puts a few rows into every table that takes any and has none yet. Numbers count from 1 in every
-- table, so that a reference finds what it refers to; a table whose turn is too early waits for the
-- next round, and one whose conditions made-up rows cannot satisfy stays empty.
DO $$
DECLARE
  t record;
  n int;
BEGIN
  FOR round IN 1..6 LOOP
    FOR t IN
      SELECT format('%I.%I', s.nspname, c.relname) AS name,
        (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            AND a.attidentity <> 'a') AS columns,
        (SELECT string_agg(CASE
            WHEN ty.typcategory = 'N' THEN '(i)::' || format_type(a.atttypid, a.atttypmod)
            WHEN ty.typcategory = 'B' THEN '(i % 2 = 0)'
            WHEN ty.typcategory = 'D' THEN '(timestamptz ''2026-01-02 03:04:05+00'' + i * interval ''1 day'')::'
              || format_type(a.atttypid, a.atttypmod)
            WHEN ty.typname = 'interval' THEN '(i * interval ''1 hour'')'
            WHEN ty.typname = 'bytea' THEN
              'decode(lpad(to_hex(i), ' || CASE WHEN b.typname IS NOT NULL THEN 40 ELSE 8 END || ', ''0''), ''hex'')'
            WHEN b.typname = 'bytea' THEN 'decode(lpad(to_hex(i), 40, ''0''), ''hex'')'
            WHEN ty.typname IN ('inet', 'cidr') THEN '(''192.0.2.'' || i)::' || ty.typname
            WHEN ty.typname IN ('json', 'jsonb') THEN '(''{"i": '' || i || ''}'')::' || ty.typname
            WHEN ty.typtype = 'e' THEN '(SELECT l.enumlabel FROM pg_enum AS l WHERE l.enumtypid = '
              || ty.oid || ' ORDER BY l.enumsortorder LIMIT 1)::' || format_type(a.atttypid, NULL)
            WHEN ty.typname = 'uuid' THEN 'md5(i::text)::uuid'
            WHEN ty.typcategory = 'S' THEN
              CASE WHEN a.atttypmod BETWEEN 5 AND 12 THEN 'left(i::text, ' || a.atttypmod - 4 || ')'
                ELSE 'i || E'' row\t\\\\ \u00e4''' END
            ELSE 'NULL' END, ', ' ORDER BY a.attnum)
          FROM pg_attribute AS a JOIN pg_type AS ty ON ty.oid = a.atttypid
          LEFT JOIN pg_type AS b ON b.oid = nullif(ty.typbasetype, 0)
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            AND a.attidentity <> 'a') AS expressions
      FROM pg_class AS c JOIN pg_namespace AS s ON s.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND s.nspname !~ '^pg_' AND s.nspname <> 'information_schema'
      ORDER BY 1
    LOOP
      EXECUTE 'SELECT count(*) FROM (SELECT FROM ' || t.name || ' LIMIT 1) AS x' INTO n;
      CONTINUE WHEN n > 0 OR t.columns IS NULL;
      FOR i IN 1..20 LOOP
        BEGIN
          EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM generate_series(%s, %s) AS i',
            t.name, t.columns, t.expressions, i, i);
        EXCEPTION WHEN OTHERS THEN
          EXIT;
        END;
      END LOOP;
    END LOOP;
  END LOOP;
END $$;
