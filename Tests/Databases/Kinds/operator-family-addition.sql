-- Members that a user has added to families of the server's own and of an extension.
CREATE EXTENSION citext;
CREATE EXTENSION btree_gist;
CREATE TYPE meters AS (n int);
CREATE FUNCTION compare(meters, meters) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1.n - $2.n';
CREATE FUNCTION hash(meters) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1.n';
CREATE FUNCTION same(meters, meters) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1.n = $2.n';
CREATE FUNCTION same(citext, name) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1::text = $2::text';
CREATE OPERATOR =~= (FUNCTION = same, LEFTARG = meters, RIGHTARG = meters, COMMUTATOR = =~=, HASHES, MERGES);
CREATE OPERATOR =~= (FUNCTION = same, LEFTARG = citext, RIGHTARG = name);
ALTER OPERATOR FAMILY integer_ops USING btree ADD OPERATOR 3 =~= (meters, meters), FUNCTION 1 (meters, meters) compare(meters, meters);
ALTER OPERATOR FAMILY integer_ops USING hash ADD OPERATOR 1 =~= (meters, meters), FUNCTION 1 (meters) hash(meters);
ALTER OPERATOR FAMILY point_ops USING gist ADD OPERATOR 40 <-> (point, line) FOR ORDER BY float_ops;
ALTER OPERATOR FAMILY citext_ops USING btree ADD OPERATOR 3 =~= (citext, name);
