-- The tables of the workloads, made once in a database of their own.
SET client_min_messages = warning;

-- W2, W3: one row by its key.
CREATE TABLE world (id int PRIMARY KEY, randomnumber int NOT NULL);
INSERT INTO world SELECT g, (g::bigint * 7919) % 10000 + 1 FROM generate_series(1, 10000) AS g;

-- W4: a million rows to read.
CREATE TABLE bulk (a int8 NOT NULL, b float8 NOT NULL, c timestamptz NOT NULL, d text NOT NULL);
INSERT INTO bulk
SELECT g::int8 * 1000003, g * 0.5 + 0.25,
  timestamptz '2020-01-01 00:00:00+00' + g * interval '1.000001 second', md5(g::text)
FROM generate_series(1, 1000000) AS g;

-- W5: where rows are written. Unlogged: the client is measured, not the disk.
CREATE UNLOGGED TABLE bulkin (LIKE bulk);

-- W7: many columns.
DO $$
BEGIN
  EXECUTE (SELECT format('CREATE TABLE wide (%s)', string_agg(format('c%s int NOT NULL', i), ', '))
    FROM generate_series(1, 50) AS i);
  EXECUTE (SELECT format('INSERT INTO wide SELECT %s FROM generate_series(1, 10000) AS g',
      string_agg(format('g * 50 + %s', i - 1), ', '))
    FROM generate_series(1, 50) AS i);
END $$;

-- Programs log in by a password or without one, as different roles.
GRANT ALL ON world, bulk, bulkin, wide TO PUBLIC;
VACUUM (ANALYZE, FREEZE) world, bulk, wide;
