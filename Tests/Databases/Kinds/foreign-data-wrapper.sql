\ir roles.psql
CREATE FOREIGN DATA WRAPPER bare;
CREATE EXTENSION postgres_fdw;
CREATE SCHEMA app;
CREATE FUNCTION app."check Options"(text[], oid) RETURNS void LANGUAGE c AS '$libdir/postgres_fdw', 'postgres_fdw_validator';
CREATE FUNCTION app.handle() RETURNS fdw_handler LANGUAGE c AS '$libdir/postgres_fdw', 'postgres_fdw_handler';
CREATE FOREIGN DATA WRAPPER "odd Wrapper" HANDLER app.handle VALIDATOR app."check Options";
CREATE FOREIGN DATA WRAPPER free OPTIONS ("a b" 'it''s \ so', "user" '');
COMMENT ON FOREIGN DATA WRAPPER "odd Wrapper" IS 'wrapping';
GRANT USAGE ON FOREIGN DATA WRAPPER free TO "sample reader" WITH GRANT OPTION;
GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO sample_owner;
