-- Objects that depend on one another, so that none can be made first.
CREATE SCHEMA app;
CREATE TABLE app.t (id int PRIMARY KEY, v text);
INSERT INTO app.t VALUES (1, 'a'), (2, 'b');
-- Two views.
CREATE VIEW app.one AS SELECT 1 AS a, 'x'::text COLLATE "C" AS b; CREATE VIEW app.two AS SELECT a, b FROM app.one;
CREATE OR REPLACE VIEW app.one AS SELECT a, b FROM app.two; COMMENT ON VIEW app.one IS 'turns round';
-- A view, its rule, and a function that the rule calls and that gives rows of the view.
CREATE VIEW app.seen AS SELECT id, v FROM app.t;
CREATE FUNCTION app.seen_rows() RETURNS SETOF app.seen LANGUAGE sql STABLE BEGIN ATOMIC SELECT id, v FROM app.seen; END;
CREATE RULE seen_insert AS ON INSERT TO app.seen DO INSTEAD INSERT INTO app.t SELECT id + 100, v FROM app.seen_rows();
CREATE OR REPLACE VIEW app.seen WITH (security_barrier) AS SELECT id, v FROM app.t WHERE id NOT IN (SELECT r.id + 100 FROM app.seen_rows() AS r);
-- Views and functions over a primary key.
CREATE FUNCTION app.grouped() RETURNS SETOF app.t LANGUAGE sql STABLE BEGIN ATOMIC SELECT id, v FROM app.t GROUP BY id; END;
CREATE VIEW app.over_function AS SELECT * FROM app.grouped();
CREATE MATERIALIZED VIEW app.over_key AS SELECT id, v FROM app.t GROUP BY id;
CREATE MATERIALIZED VIEW app.over_view AS SELECT count(*) AS n FROM app.over_function;
CREATE INDEX over_key_v ON app.over_key (v);
CREATE PROCEDURE app.fill() LANGUAGE sql BEGIN ATOMIC INSERT INTO app.t SELECT id + 1000, v FROM app.grouped() ON CONFLICT (id) DO NOTHING; END;
-- A table whose default, checks and generated column call functions of its own rows.
CREATE TABLE app.self (id int, w text);
CREATE FUNCTION app.self_count(r app.self) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT r.id';
CREATE FUNCTION app.self_next() RETURNS int LANGUAGE sql STABLE BEGIN ATOMIC SELECT coalesce(max(id), 0) + 1 FROM app.self; END;
ALTER TABLE app.self ADD CONSTRAINT own_rows CHECK (app.self_count(self) > 0), ALTER id SET DEFAULT app.self_next();
INSERT INTO app.self VALUES (1, 'x');
-- A check that calls a function which needs a key.
CREATE FUNCTION app.known(int) RETURNS bool LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) >= 0 FROM (SELECT id, v FROM app.t GROUP BY id) AS x; END;
CREATE TABLE app.checked (id int CONSTRAINT is_known CHECK (app.known(id)), d int DEFAULT (app.known(1))::int);
INSERT INTO app.checked VALUES (1, 0);
-- A domain whose check calls a function that takes the domain.
CREATE DOMAIN app.even AS int; CREATE FUNCTION app.is_even(app.even) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'begin return $1 % 2 = 0; end';
ALTER DOMAIN app.even ADD CONSTRAINT really CHECK (app.is_even(VALUE)); COMMENT ON CONSTRAINT really ON DOMAIN app.even IS 'checks itself';
CREATE TABLE app.evens (e app.even);
-- Two tables that refer to each other.
CREATE TABLE app.hen (id int PRIMARY KEY, egg int); CREATE TABLE app.egg (id int PRIMARY KEY, hen int REFERENCES app.hen);
ALTER TABLE app.hen ADD FOREIGN KEY (egg) REFERENCES app.egg; INSERT INTO app.hen VALUES (1, NULL); INSERT INTO app.egg VALUES (1, 1); UPDATE app.hen SET egg = 1;
