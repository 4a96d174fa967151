\ir roles.psql
CREATE SCHEMA "Odd schema";
-- A family with members of its classes and members of its own.
CREATE OPERATOR FAMILY "Odd schema"."odd Family" USING btree;
CREATE OPERATOR FAMILY empty USING hash;
CREATE OPERATOR CLASS "Odd schema"."odd Class" FOR TYPE int USING btree FAMILY "Odd schema"."odd Family" AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int), FUNCTION 2 (int, int) btint4sortsupport(internal);
ALTER OPERATOR FAMILY "Odd schema"."odd Family" USING btree ADD
  OPERATOR 1 < (int, bigint), OPERATOR 3 = (int, bigint), FUNCTION 1 (int, bigint) btint48cmp(int, bigint);
-- One whose family came with it, for a type of a user's, by functions of a user's.
CREATE TYPE version AS (major int, minor int);
CREATE FUNCTION compare(version, version) RETURNS int LANGUAGE sql IMMUTABLE AS
  'SELECT CASE WHEN $1.major <> $2.major THEN $1.major - $2.major ELSE $1.minor - $2.minor END';
CREATE FUNCTION is_before(version, version) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT public.compare($1, $2) < 0';
CREATE FUNCTION is_not_after(version, version) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT public.compare($1, $2) <= 0';
CREATE FUNCTION is_same(version, version) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT public.compare($1, $2) = 0';
CREATE FUNCTION is_not_before(version, version) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT public.compare($1, $2) >= 0';
CREATE FUNCTION is_after(version, version) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT public.compare($1, $2) > 0';
CREATE OPERATOR <# (FUNCTION = is_before, LEFTARG = version, RIGHTARG = version, COMMUTATOR = >#, NEGATOR = >=#);
CREATE OPERATOR <=# (FUNCTION = is_not_after, LEFTARG = version, RIGHTARG = version, COMMUTATOR = >=#, NEGATOR = >#);
CREATE OPERATOR =# (FUNCTION = is_same, LEFTARG = version, RIGHTARG = version, COMMUTATOR = =#);
CREATE OPERATOR >=# (FUNCTION = is_not_before, LEFTARG = version, RIGHTARG = version, COMMUTATOR = <=#, NEGATOR = <#);
CREATE OPERATOR ># (FUNCTION = is_after, LEFTARG = version, RIGHTARG = version, COMMUTATOR = <#, NEGATOR = <=#);
CREATE OPERATOR CLASS version_order DEFAULT FOR TYPE version USING btree AS
  OPERATOR 1 <#, OPERATOR 2 <=#, OPERATOR 3 =#, OPERATOR 4 >=#, OPERATOR 5 >#, FUNCTION 1 compare(version, version);
CREATE TABLE releases (v version, n int);
INSERT INTO releases VALUES (ROW(1, 2), 1), (ROW(1, 1), 2);
CREATE UNIQUE INDEX ON releases (v);
CREATE INDEX ON releases (n "Odd schema"."odd Class");
CREATE TABLE by_version (v version) PARTITION BY RANGE (v);
CREATE TYPE versions AS RANGE (subtype = version, subtype_opclass = version_order);
-- Storage, ordering operators, and the members that GiST and GIN can do without.
CREATE OPERATOR CLASS boxes FOR TYPE point USING gist AS STORAGE box,
  OPERATOR 1 <<, OPERATOR 15 <-> (point, point) FOR ORDER BY pg_catalog.float_ops,
  FUNCTION 1 gist_point_consistent(internal, point, smallint, oid, internal), FUNCTION 2 gist_box_union(internal, internal),
  FUNCTION 3 gist_point_compress(internal), FUNCTION 5 gist_box_penalty(internal, internal, internal),
  FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal),
  FUNCTION 8 (point, point) gist_point_distance(internal, point, smallint, oid, internal), FUNCTION 9 (point, point) gist_point_fetch(internal);
CREATE OPERATOR CLASS lists FOR TYPE anyarray USING gin AS STORAGE anyelement,
  OPERATOR 1 && (anyarray, anyarray), OPERATOR 2 @> (anyarray, anyarray),
  FUNCTION 1 btarraycmp(anyarray, anyarray), FUNCTION 2 ginarrayextract(anyarray, internal, internal),
  FUNCTION 3 ginqueryarrayextract(anyarray, internal, smallint, internal, internal, internal, internal),
  FUNCTION 4 ginarrayconsistent(internal, smallint, anyarray, integer, internal, internal, internal, internal);
CREATE OPERATOR CLASS hollow FOR TYPE int USING hash FAMILY empty AS STORAGE int;
COMMENT ON OPERATOR CLASS "Odd schema"."odd Class" USING btree IS 'a class';
COMMENT ON OPERATOR FAMILY "Odd schema"."odd Family" USING btree IS 'a family';
ALTER OPERATOR CLASS version_order USING btree OWNER TO sample_owner;
ALTER OPERATOR FAMILY "Odd schema"."odd Family" USING btree OWNER TO sample_owner;
