\ir roles.psql
CREATE SCHEMA "Odd schema";
CREATE TYPE point3 AS (x int, y int, z int);
CREATE FUNCTION same(point3, point3) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1.x = $2.x';
CREATE FUNCTION other(point3, point3) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1.x <> $2.x';
CREATE FUNCTION "Odd schema"."turn Round"(point3) RETURNS point3 LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION less(int, point3) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 < $2.x';
CREATE FUNCTION more(point3, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1.x > $2';
-- Commutators and negators, some of them named before they are there.
CREATE OPERATOR "Odd schema".=== (FUNCTION = same, LEFTARG = point3, RIGHTARG = point3,
  COMMUTATOR = OPERATOR("Odd schema".===), NEGATOR = OPERATOR("Odd schema".!==), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR "Odd schema".!== (FUNCTION = other, LEFTARG = point3, RIGHTARG = point3,
  COMMUTATOR = OPERATOR("Odd schema".!==), NEGATOR = OPERATOR("Odd schema".===), RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR <<< (FUNCTION = less, LEFTARG = int, RIGHTARG = point3, COMMUTATOR = >>>);
CREATE OPERATOR >>> (FUNCTION = more, LEFTARG = point3, RIGHTARG = int, COMMUTATOR = <<<);
CREATE OPERATOR ~~> (FUNCTION = "Odd schema"."turn Round", RIGHTARG = point3);
-- The same characters again, and a commutator that is only a name.
CREATE OPERATOR "Odd schema".=== (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int);
CREATE OPERATOR #== (FUNCTION = int48eq, LEFTARG = int, RIGHTARG = bigint, COMMUTATOR = #==);
COMMENT ON OPERATOR "Odd schema".=== (point3, point3) IS 'sameness';
COMMENT ON OPERATOR ~~> (NONE, point3) IS 'from the left';
ALTER OPERATOR "Odd schema".!== (point3, point3) OWNER TO sample_owner;
ALTER OPERATOR ~~> (NONE, point3) OWNER TO sample_owner;
CREATE TABLE places (p point3, CHECK (p OPERATOR("Odd schema".===) p));
CREATE VIEW pairs AS SELECT a.p FROM places a JOIN places b ON a.p OPERATOR("Odd schema".!==) b.p;
CREATE AGGREGATE smallest(int) (sfunc = int4smaller, stype = int, sortop = OPERATOR(pg_catalog.<));
