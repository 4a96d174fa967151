-- Extensions with members of every kind: none of them has an entry of its own.
CREATE SCHEMA contrib;
CREATE EXTENSION bloom SCHEMA contrib;
CREATE EXTENSION btree_gin SCHEMA contrib;
CREATE EXTENSION btree_gist;
CREATE EXTENSION citext;
CREATE EXTENSION cube;
CREATE EXTENSION dict_int SCHEMA contrib;
CREATE EXTENSION earthdistance;
CREATE EXTENSION file_fdw;
CREATE EXTENSION hstore SCHEMA contrib;
CREATE EXTENSION intarray;
CREATE EXTENSION isn;
CREATE EXTENSION ltree;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION seg;
CREATE EXTENSION unaccent SCHEMA contrib;
-- What leans on them.
CREATE TABLE leaning (h contrib.hstore, c citext, l ltree, t text, a int[], i int);
INSERT INTO leaning VALUES ('a=>1', 'X', 'a.b', 'text', '{1,2}', 3);
CREATE INDEX ON leaning USING gist (h contrib.gist_hstore_ops, l, t gist_trgm_ops (siglen = 32));
CREATE INDEX ON leaning USING gin (t gin_trgm_ops, a gin__int_ops);
CREATE INDEX ON leaning USING bloom (i) WITH (length = 80);
CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION plain ALTER MAPPING FOR word WITH contrib.unaccent, simple;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE CAST (citext AS ltree) WITH INOUT;
CREATE OPERATOR CLASS by_case FOR TYPE citext USING btree AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 citext_cmp(citext, citext);
