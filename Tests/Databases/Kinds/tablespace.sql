SET allow_in_place_tablespaces = on;
SELECT 'CREATE TABLESPACE "odd Space" LOCATION ''''' WHERE NOT EXISTS (SELECT FROM pg_tablespace WHERE spcname = 'odd Space') \gexec
CREATE TABLE plain (a int PRIMARY KEY);
CREATE TABLE elsewhere (a int CONSTRAINT key PRIMARY KEY USING INDEX TABLESPACE "odd Space", b int) TABLESPACE "odd Space";
INSERT INTO elsewhere VALUES (1, 2);
CREATE TABLE at_home (a int, b int);
ALTER TABLE at_home ADD CONSTRAINT u UNIQUE (a) USING INDEX TABLESPACE "odd Space";
CREATE INDEX far ON at_home (b) TABLESPACE "odd Space";
CREATE INDEX near ON elsewhere (b);
CREATE MATERIALIZED VIEW kept TABLESPACE "odd Space" AS SELECT b FROM elsewhere;
CREATE INDEX ON kept (b);
CREATE TABLE parted (a int, b int) PARTITION BY LIST (a) TABLESPACE "odd Space";
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2) TABLESPACE pg_default;
CREATE INDEX ON parted (b) TABLESPACE "odd Space";
CREATE UNIQUE INDEX ON parted_2 (b);
