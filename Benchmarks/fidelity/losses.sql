DO $$ BEGIN CREATE ROLE fidelity_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
SET search_path = '';
ALTER DATABASE fidelity_losses SET work_mem = '8MB';
COMMENT ON DATABASE fidelity_losses IS 'losses';
GRANT CREATE ON DATABASE fidelity_losses TO fidelity_reader;
CREATE SCHEMA app;
CREATE EXTENSION citext SCHEMA app;
CREATE COLLATION app.german (provider = icu, locale = 'de');
CREATE TYPE app.level AS ENUM ('low', 'high');
CREATE DOMAIN app.positive AS integer CHECK (VALUE > 0);
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO fidelity_reader;
CREATE TABLE app.item (
  id serial PRIMARY KEY CHECK (id > 0),
  name text NOT NULL DEFAULT 'none',
  raw bytea
) WITH (fillfactor = 80);
COMMENT ON TABLE app.item IS 'items';
COMMENT ON COLUMN app.item.name IS 'what it is called';
INSERT INTO app.item (name, raw) SELECT 'name ' || i, '\x00ff0a5d' FROM generate_series(1, 5) AS i;
CREATE INDEX item_name ON app.item (name);
ALTER TABLE app.item ALTER name SET STATISTICS 77;
ALTER TABLE app.item ALTER name SET STORAGE EXTERNAL;
ALTER TABLE app.item REPLICA IDENTITY FULL;
ALTER TABLE app.item ADD CONSTRAINT later CHECK (name <> '') NOT VALID;
CREATE STATISTICS app.item_statistics ON id, name FROM app.item;
GRANT SELECT, UPDATE (name) ON app.item TO fidelity_reader;
ALTER TABLE app.item ENABLE ROW LEVEL SECURITY;
CREATE POLICY only_positive ON app.item USING (id > 0);
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql SET search_path = app AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON app.item FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE app.item DISABLE TRIGGER touch;
CREATE TABLE app.part (id integer, item integer CONSTRAINT part_item_fkey REFERENCES app.item) PARTITION BY LIST (id);
CREATE TABLE app.part_1 PARTITION OF app.part FOR VALUES IN (1);
GRANT SELECT ON app.part TO fidelity_reader WITH GRANT OPTION;
INSERT INTO app.part VALUES (1, 1), (1, 2);
CREATE VIEW app.names AS SELECT name FROM app.item;
ALTER VIEW app.names OWNER TO fidelity_reader;
CREATE RULE quiet AS ON DELETE TO app.names DO INSTEAD NOTHING;
CREATE MATERIALIZED VIEW app.sums AS SELECT item, sum(id) AS total FROM app.part GROUP BY item;
CREATE PUBLICATION news FOR TABLE app.item WHERE (id > 1);
CREATE FUNCTION app.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION app.watch();
ALTER EVENT TRIGGER watch DISABLE;
SELECT lo_from_bytea(4711, '\x0102030405');
GRANT SELECT ON LARGE OBJECT 4711 TO fidelity_reader;
