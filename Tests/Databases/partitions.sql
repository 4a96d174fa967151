-- Rows whose partition is another one in every database: a label's hash is that of its OID.
CREATE SCHEMA app;
CREATE TYPE app.colour AS ENUM ('red', 'green', 'blue', 'black', 'white', 'grey', 'pink', 'cyan');
CREATE TABLE app.hashed (c app.colour, n int, "two" int GENERATED ALWAYS AS (n * 2) STORED) PARTITION BY HASH (c);
CREATE TABLE app.hashed0 PARTITION OF app.hashed FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE app.hashed1 (n int, c app.colour, "two" int GENERATED ALWAYS AS (n * 2) STORED);
ALTER TABLE app.hashed ATTACH PARTITION app.hashed1 FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE app.hashed2 PARTITION OF app.hashed FOR VALUES WITH (MODULUS 3, REMAINDER 2) PARTITION BY LIST (n);
CREATE TABLE app.hashed2a PARTITION OF app.hashed2 FOR VALUES IN (0, 2, 4, 6); CREATE TABLE app.hashed2b PARTITION OF app.hashed2 DEFAULT;
CREATE INDEX ON app.hashed0 (n); CREATE UNIQUE INDEX hashed_key ON app.hashed (c, n);
INSERT INTO app.hashed (c, n) SELECT c, i FROM unnest(enum_range(NULL::app.colour)) AS c, generate_series(0, 9) AS i;
CREATE TABLE app.outer_t (id int, c app.colour) PARTITION BY RANGE (id);
CREATE TABLE app.outer_1 PARTITION OF app.outer_t FOR VALUES FROM (0) TO (10) PARTITION BY HASH (c);
CREATE TABLE app.outer_1_0 PARTITION OF app.outer_1 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE app.outer_1_1 PARTITION OF app.outer_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE app.outer_2 PARTITION OF app.outer_t FOR VALUES FROM (10) TO (20);
INSERT INTO app.outer_t SELECT i, (enum_range(NULL::app.colour))[1 + i % 8] FROM generate_series(0, 19) AS i;
CREATE TABLE app.refers (c app.colour, n int, FOREIGN KEY (c, n) REFERENCES app.hashed (c, n));
INSERT INTO app.refers VALUES ('red', 1), ('pink', 9);
