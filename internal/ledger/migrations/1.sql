-- What naap kept before the ledger had a version, so that any of it may be there.
CREATE SCHEMA IF NOT EXISTS naap_dev;

-- Whose the database is: the newest entry is the owner.
CREATE TABLE IF NOT EXISTS naap_dev.workspace (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	how text NOT NULL,
	naap text NOT NULL,
	builtin boolean NOT NULL,
	schema_file text NOT NULL,
	remotes text[] NOT NULL,
	first_commit text NOT NULL,
	root text NOT NULL,
	machine text NOT NULL,
	host text NOT NULL,
	left_behind jsonb);

-- Seed files that were applied, the rows that each brought, and the tables in which each changed rows of others.
CREATE TABLE IF NOT EXISTS naap_dev.seed (
	name text PRIMARY KEY,
	schema_name text NOT NULL,
	hash text NOT NULL,
	applied_at timestamptz NOT NULL,
	rows bigint NOT NULL,
	took interval NOT NULL);
CREATE TABLE IF NOT EXISTS naap_dev.seed_rows (
	seed text NOT NULL REFERENCES naap_dev.seed ON DELETE CASCADE,
	schema_name text NOT NULL,
	table_name text NOT NULL,
	keys jsonb NOT NULL,
	PRIMARY KEY (seed, schema_name, table_name));
ALTER TABLE naap_dev.seed_rows ADD COLUMN IF NOT EXISTS columns text[], ADD COLUMN IF NOT EXISTS digests text[];
CREATE TABLE IF NOT EXISTS naap_dev.seed_changed (
	seed text NOT NULL REFERENCES naap_dev.seed ON DELETE CASCADE,
	schema_name text NOT NULL,
	table_name text NOT NULL,
	PRIMARY KEY (seed, schema_name, table_name));

-- How many rows each table had right after its schema was seeded.
CREATE TABLE IF NOT EXISTS naap_dev.baseline (
	schema_name text NOT NULL,
	table_name text NOT NULL,
	rows bigint NOT NULL,
	PRIMARY KEY (schema_name, table_name));

-- Resets and undos that can be taken back.
CREATE TABLE IF NOT EXISTS naap_dev.undo (
	id int PRIMARY KEY,
	verb text NOT NULL,
	at timestamptz NOT NULL,
	places jsonb NOT NULL,
	rows bigint NOT NULL,
	exact boolean NOT NULL,
	bytes bigint NOT NULL,
	kept text NOT NULL,
	dropping boolean NOT NULL DEFAULT false,
	detail jsonb NOT NULL);

-- Runs of made-up rows, and how far each table of a run came.
CREATE TABLE IF NOT EXISTS naap_dev.fake_run (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	seed bigint NOT NULL,
	options jsonb NOT NULL,
	structure text NOT NULL,
	began timestamptz NOT NULL DEFAULT now(),
	ended timestamptz);
CREATE TABLE IF NOT EXISTS naap_dev.fake (
	run bigint NOT NULL REFERENCES naap_dev.fake_run ON DELETE CASCADE,
	schema_name text NOT NULL,
	table_name text NOT NULL,
	rows bigint NOT NULL,
	first bigint NOT NULL,
	starts jsonb NOT NULL,
	xid text,
	done timestamptz,
	PRIMARY KEY (run, schema_name, table_name));
ALTER TABLE naap_dev.fake ADD COLUMN IF NOT EXISTS last bigint;

-- The ledger's version: the highest is the present one.
CREATE TABLE IF NOT EXISTS naap_dev.version (
	version int PRIMARY KEY,
	since timestamptz NOT NULL DEFAULT now());
-- A role that may use the schema is told the version, whatever else it may read.
GRANT SELECT ON naap_dev.version TO PUBLIC;
