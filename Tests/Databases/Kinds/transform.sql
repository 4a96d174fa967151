CREATE SCHEMA "Odd schema";
CREATE TYPE "Odd schema"."odd  on Type" AS (x int);
CREATE FUNCTION "Odd schema"."from SQL"(internal) RETURNS internal LANGUAGE c STRICT IMMUTABLE AS '$libdir/dict_int', 'dintdict_init';
CREATE FUNCTION "Odd schema"."to SQL"(internal) RETURNS "Odd schema"."odd  on Type" LANGUAGE c STRICT IMMUTABLE AS '$libdir/dict_int', 'dintdict_init';
CREATE TRANSFORM FOR "Odd schema"."odd  on Type" LANGUAGE plpgsql (
  FROM SQL WITH FUNCTION "Odd schema"."from SQL"(internal), TO SQL WITH FUNCTION "Odd schema"."to SQL"(internal));
CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal));
COMMENT ON TRANSFORM FOR "Odd schema"."odd  on Type" LANGUAGE plpgsql IS 'transforming';
CREATE TRANSFORM FOR bigint LANGUAGE sql (TO SQL WITH FUNCTION int8recv(internal));
COMMENT ON TRANSFORM FOR int LANGUAGE sql IS 'numbers';
CREATE FUNCTION uses(int) RETURNS int LANGUAGE sql TRANSFORM FOR TYPE int AS 'SELECT $1';
