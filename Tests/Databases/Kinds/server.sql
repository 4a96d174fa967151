\ir roles.psql
CREATE EXTENSION postgres_fdw;
CREATE FOREIGN DATA WRAPPER bare;
CREATE SERVER plain FOREIGN DATA WRAPPER bare;
CREATE SERVER "odd Server" TYPE 'a''type' VERSION '1.2 \' FOREIGN DATA WRAPPER bare OPTIONS (host 'x', "select" '1');
CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '/nowhere', dbname 'x');
ALTER SERVER plain OWNER TO sample_owner;
COMMENT ON SERVER "odd Server" IS 'serving';
GRANT USAGE ON FOREIGN SERVER "odd Server" TO "sample reader";
GRANT USAGE ON FOREIGN SERVER plain TO PUBLIC;
