-- Types that are made in two steps, and tables that follow a type.
DO $$ BEGIN CREATE ROLE reader; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
CREATE SCHEMA app;
CREATE TYPE app."only a name"; COMMENT ON TYPE app."only a name" IS 'never made';
CREATE TYPE public.num;
CREATE FUNCTION public.num_in(cstring) RETURNS public.num AS 'int8in' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION public.num_out(public.num) RETURNS cstring AS 'int8out' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION public.num_recv(internal) RETURNS public.num AS 'int8recv' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION public.num_send(public.num) RETURNS bytea AS 'int8send' LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE public.num (INPUT = public.num_in, OUTPUT = public.num_out, RECEIVE = public.num_recv,
  SEND = public.num_send, LIKE = bigint, DEFAULT = '42', CATEGORY = 'N', PREFERRED = true, DELIMITER = ';');
COMMENT ON TYPE public.num IS 'a number'; GRANT USAGE ON TYPE public.num TO reader; ALTER TYPE public.num OWNER TO reader;
CREATE FUNCTION public.num_twice(public.num) RETURNS public.num AS 'int8um' LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE app.words;
CREATE FUNCTION app.words_in(cstring) RETURNS app.words AS 'textin' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION app.words_out(app.words) RETURNS cstring AS 'textout' LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE app.words (INPUT = app.words_in, OUTPUT = app.words_out, INTERNALLENGTH = variable,
  COLLATABLE = true, STORAGE = external, ALIGNMENT = int4, DEFAULT = 'it''s');
CREATE TYPE app.steps;
CREATE FUNCTION app.steps_canonical(app.steps) RETURNS app.steps AS 'int4range_canonical' LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE app.steps AS RANGE (SUBTYPE = int4, CANONICAL = app.steps_canonical, SUBTYPE_DIFF = int4range_subdiff);
CREATE TYPE app.nums AS RANGE (SUBTYPE = int8);
CREATE DOMAIN app.posnum AS public.num CHECK (VALUE IS NOT NULL);
CREATE TABLE public.uses (a public.num DEFAULT '7', b public.num[], c app.words COLLATE "C", d app.steps, e app.posnum);
INSERT INTO public.uses VALUES ('1', '{1;2}', 'w', '[1,3]', '9'), (DEFAULT, NULL, E'a\tb', 'empty', '1');
CREATE TYPE app.person AS (id int, name text COLLATE "C", age int);
CREATE TABLE app.people OF app.person;
CREATE TABLE app.staff OF app.person (PRIMARY KEY (id), name WITH OPTIONS DEFAULT 'x' NOT NULL,
  CONSTRAINT grown CHECK (age > 17)) WITH (fillfactor = 70);
CREATE TABLE app.parted OF app.person (id NOT NULL) PARTITION BY LIST (id);
CREATE TABLE app.later (id int, name text COLLATE "C", age int); ALTER TABLE app.later OF app.person;
ALTER TABLE app.staff ALTER age SET STATISTICS 5; COMMENT ON COLUMN app.staff.age IS 'in years';
INSERT INTO app.staff VALUES (1, 'a', 20); INSERT INTO app.people VALUES (1, NULL, 3);
CREATE VIEW app.grown AS SELECT p.* FROM app.people AS p WHERE p.age > 17;
