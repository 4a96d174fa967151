\ir roles.psql
CREATE SCHEMA "Odd schema";
CREATE FUNCTION "Odd schema"."call Handler"() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION "Odd schema"."inline Handler"(internal) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_inline_handler';
CREATE FUNCTION "Odd schema".validate(oid) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE TRUSTED LANGUAGE "odd Language" HANDLER "Odd schema"."call Handler" INLINE "Odd schema"."inline Handler" VALIDATOR "Odd schema".validate;
CREATE LANGUAGE untrusted HANDLER "Odd schema"."call Handler";
COMMENT ON LANGUAGE "odd Language" IS 'a language';
ALTER LANGUAGE untrusted OWNER TO sample_owner;
REVOKE USAGE ON LANGUAGE "odd Language" FROM PUBLIC;
GRANT USAGE ON LANGUAGE "odd Language" TO "sample reader";
GRANT USAGE ON LANGUAGE plpgsql TO "sample reader";
CREATE FUNCTION speak() RETURNS int LANGUAGE "odd Language" AS 'BEGIN RETURN 1; END';
CREATE FUNCTION mumble() RETURNS int LANGUAGE untrusted AS 'BEGIN RETURN 1; END';
