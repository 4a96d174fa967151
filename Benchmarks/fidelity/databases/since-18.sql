-- What PostgreSQL 18 brought: names for NOT NULL, columns that are computed when they are read, rows
-- that are valid for a time, constraints that are not enforced.
CREATE SCHEMA app;
CREATE TABLE app.item (
  id int CONSTRAINT "id is there" NOT NULL,
  a int NOT NULL,
  b int CONSTRAINT own_only NOT NULL NO INHERIT,
  double int GENERATED ALWAYS AS (a * 2),
  triple int GENERATED ALWAYS AS (a * 3) STORED,
  CONSTRAINT item_key PRIMARY KEY (id),
  CONSTRAINT small CHECK (a < 1000) NOT ENFORCED
);
COMMENT ON CONSTRAINT "id is there" ON app.item IS 'a NOT NULL that has a name';
INSERT INTO app.item (id, a, b) VALUES (1, 2, 3), (2, 2000, 3);
ALTER TABLE app.item ADD c int; ALTER TABLE app.item ADD CONSTRAINT later NOT NULL c NOT VALID;
CREATE TABLE app.child (d int NOT NULL, a int CONSTRAINT merged NOT NULL) INHERITS (app.item);
CREATE TABLE app.plain_child () INHERITS (app.item);
CREATE TABLE app.renamed (old int NOT NULL, key int PRIMARY KEY); ALTER TABLE app.renamed RENAME old TO new;
CREATE TABLE app.parted (id int CONSTRAINT parted_id NOT NULL, g int GENERATED ALWAYS AS IDENTITY) PARTITION BY LIST (id);
CREATE TABLE app.parted_1 PARTITION OF app.parted FOR VALUES IN (1);
CREATE TABLE app.parted_2 (g int NOT NULL, id int CONSTRAINT own_name NOT NULL);
ALTER TABLE app.parted ATTACH PARTITION app.parted_2 FOR VALUES IN (2);
CREATE TABLE app.room (id int4range, valid daterange, CONSTRAINT room_key PRIMARY KEY (id, valid WITHOUT OVERLAPS));
CREATE TABLE app.stay (id int4range, room int4range, valid daterange,
  CONSTRAINT stay_room FOREIGN KEY (room, PERIOD valid) REFERENCES app.room (id, PERIOD valid));
INSERT INTO app.room VALUES ('[1,2)', '[2026-01-01,2027-01-01)'); INSERT INTO app.stay VALUES ('[1,2)', '[1,2)', '[2026-02-01,2026-03-01)');
CREATE TABLE app.loose (item int CONSTRAINT loose_item REFERENCES app.item NOT ENFORCED); INSERT INTO app.loose VALUES (99);
CREATE PUBLICATION news FOR TABLE app.item WITH (publish_generated_columns = stored);
CREATE TABLE app.typed_row (id int); CREATE TYPE app.person AS (id int, name text); CREATE TABLE app.people OF app.person (id NOT NULL);
CREATE DOMAIN app.strict AS int CONSTRAINT given NOT NULL;
CREATE FUNCTION app.opt(a int) RETURNS int LANGUAGE sql IMMUTABLE RETURN a + 1;
CREATE TABLE app.virt (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL NOT NULL, c int); INSERT INTO app.virt (a) VALUES (1);
-- NOT NULL for new rows only, with children made before and after it, and a child of two such parents.
CREATE TABLE app.old (a int, b int); INSERT INTO app.old VALUES (NULL, 1); ALTER TABLE app.old ADD CONSTRAINT from_now_on NOT NULL a NOT VALID;
CREATE TABLE app.strict_child () INHERITS (app.old); CREATE TABLE app.grandchild () INHERITS (app.strict_child);
CREATE TABLE app.named_child (a int, CONSTRAINT mine NOT NULL a) INHERITS (app.old);
CREATE TABLE app.other (a int, b int); CREATE TABLE app.earlier () INHERITS (app.other); ALTER TABLE app.other ADD CONSTRAINT other_b NOT NULL b NOT VALID;
CREATE TABLE app.of_two (b int) INHERITS (app.old, app.other);
CREATE TABLE app.ranged (a int, b int) PARTITION BY RANGE (b); CREATE TABLE app.ranged_1 PARTITION OF app.ranged FOR VALUES FROM (0) TO (10);
ALTER TABLE app.ranged ADD CONSTRAINT ranged_a NOT NULL a NOT VALID; CREATE TABLE app.ranged_2 PARTITION OF app.ranged FOR VALUES FROM (10) TO (20);
