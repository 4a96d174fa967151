\ir roles.psql
CREATE SCHEMA "Odd schema";
CREATE CONVERSION "Odd schema"."odd Conversion" FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE DEFAULT CONVERSION plain FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
CREATE FUNCTION own(int, int, cstring, internal, int, bool) RETURNS int LANGUAGE c STRICT AS '$libdir/utf8_and_iso8859_1', 'iso8859_1_to_utf8';
CREATE CONVERSION by_own FOR 'LATIN1' TO 'UTF8' FROM own;
COMMENT ON CONVERSION "Odd schema"."odd Conversion" IS 'converting';
ALTER CONVERSION plain OWNER TO sample_owner;
