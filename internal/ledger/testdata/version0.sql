-- The schema naap_dev, and one that an undo brings back, as a naap wrote them before the ledger had a version: after an up
-- with two seeds, a reset and made-up rows. It is pg_dump's text, and stays as it is.
CREATE SCHEMA naap_dev;
CREATE SCHEMA naap_undo_1;
CREATE TABLE naap_dev.baseline (
    schema_name text NOT NULL,
    table_name text NOT NULL,
    rows bigint NOT NULL
);
CREATE TABLE naap_dev.fake (
    run bigint NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    rows bigint NOT NULL,
    first bigint NOT NULL,
    starts jsonb NOT NULL,
    xid text,
    done timestamp with time zone,
    last bigint
);
CREATE TABLE naap_dev.fake_run (
    id bigint NOT NULL,
    seed bigint NOT NULL,
    options jsonb NOT NULL,
    structure text NOT NULL,
    began timestamp with time zone DEFAULT now() NOT NULL,
    ended timestamp with time zone
);
ALTER TABLE naap_dev.fake_run ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME naap_dev.fake_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE naap_dev.seed (
    name text NOT NULL,
    schema_name text NOT NULL,
    hash text NOT NULL,
    applied_at timestamp with time zone NOT NULL,
    rows bigint NOT NULL,
    took interval NOT NULL
);
CREATE TABLE naap_dev.seed_changed (
    seed text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL
);
CREATE TABLE naap_dev.seed_rows (
    seed text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    keys jsonb NOT NULL,
    columns text[],
    digests text[]
);
CREATE TABLE naap_dev.undo (
    id integer NOT NULL,
    verb text NOT NULL,
    at timestamp with time zone NOT NULL,
    places jsonb NOT NULL,
    rows bigint NOT NULL,
    exact boolean NOT NULL,
    bytes bigint NOT NULL,
    kept text NOT NULL,
    dropping boolean DEFAULT false NOT NULL,
    detail jsonb NOT NULL
);
CREATE TABLE naap_dev.workspace (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    how text NOT NULL,
    naap text NOT NULL,
    builtin boolean NOT NULL,
    schema_file text NOT NULL,
    remotes text[] NOT NULL,
    first_commit text NOT NULL,
    root text NOT NULL,
    machine text NOT NULL,
    host text NOT NULL,
    left_behind jsonb
);
ALTER TABLE naap_dev.workspace ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME naap_dev.workspace_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE naap_undo_1."Bill" (
    id integer NOT NULL,
    note text NOT NULL
);
INSERT INTO naap_dev.baseline VALUES ('public', 'Person', 1);
INSERT INTO naap_dev.baseline VALUES ('shop', 'Bill', 2);
INSERT INTO naap_dev.fake VALUES (1, 'shop', 'Bill', 3, 2, '{"id": 3, "note": 0}', '748', '2026-11-27 21:56:01.393457+00', 5);
INSERT INTO naap_dev.fake VALUES (1, 'public', 'Person', 3, 1, '{"id": 8, "name": 0}', '749', '2026-11-27 21:56:01.419768+00', 4);
INSERT INTO naap_dev.fake_run OVERRIDING SYSTEM VALUE VALUES (1, 1, '{"Edge": false, "Rows": 3, "Seed": 1, "Append": true, "RowsOf": {}, "Tables": null, "Schemas": []}', 'b34a8a06adb53b49', '2026-11-27 21:56:01.327288+00', '2026-11-27 21:56:01.423079+00');
INSERT INTO naap_dev.seed VALUES ('public.sql', 'public', '4f05445c621bb2691cbaa4cd1890a1ec68a3718b7d5d1cec627cedd3e01f29a8', '2026-11-27 21:55:34.820151+00', 1, '00:00:00.068935');
INSERT INTO naap_dev.seed VALUES ('shop.sql', 'shop', 'bf662f324a996b4e0e8989b372bc7c94abc92e5a5001a7ee9f0bc256ef80a75b', '2026-11-27 21:55:35.527426+00', 2, '00:00:00.033138');
INSERT INTO naap_dev.seed_rows VALUES ('public.sql', 'public', 'Person', '[{"id": 7}]', '{id,name}', '{9Cwx+6OV1Dk=cP/DtPyd+Kk=}');
INSERT INTO naap_dev.seed_rows VALUES ('shop.sql', 'shop', 'Bill', '[{"id": 1}, {"id": 2}]', '{id,note}', '{eHYFddphqvk=MdlMZkATcLE=,7+pL2/pTggI=6VYydPvl36A=}');
INSERT INTO naap_dev.undo VALUES (1, 'reset', '2026-11-27 21:55:35.527426+00', '[{"aside": "naap_undo_1", "schema": "shop"}]', 2, true, 32768, '', false, '{"remembered": {"seeds": {"rows": [{"keys": [{"id": 1}, {"id": 2}], "seed": "shop.sql", "columns": ["id", "note"], "digests": ["eHYFddphqvk=MdlMZkATcLE=", "7+pL2/pTggI=6VYydPvl36A="], "table_name": "Bill", "schema_name": "shop"}], "seed": [{"hash": "bf662f324a996b4e0e8989b372bc7c94abc92e5a5001a7ee9f0bc256ef80a75b", "name": "shop.sql", "rows": 2, "took": "00:00:00.048721", "applied_at": "2026-11-27T21:55:34.908196+00:00", "schema_name": "shop"}], "changed": []}, "baseline": [{"rows": 2, "table_name": "Bill", "schema_name": "shop"}]}}');
INSERT INTO naap_dev.workspace OVERRIDING SYSTEM VALUE VALUES (1, '2026-11-27 21:55:34.667314+00', 'made', 'devel', false, 'schema.prisma', '{}', '', '/home/ada/shop', '0123456789abcdef0123456789abcdef', 'ada-laptop', NULL);
INSERT INTO naap_undo_1."Bill" VALUES (1, 'a');
INSERT INTO naap_undo_1."Bill" VALUES (2, 'b');
SELECT pg_catalog.setval('naap_dev.fake_run_id_seq', 1, true);
SELECT pg_catalog.setval('naap_dev.workspace_id_seq', 1, true);
ALTER TABLE ONLY naap_dev.baseline
    ADD CONSTRAINT baseline_pkey PRIMARY KEY (schema_name, table_name);
ALTER TABLE ONLY naap_dev.fake
    ADD CONSTRAINT fake_pkey PRIMARY KEY (run, schema_name, table_name);
ALTER TABLE ONLY naap_dev.fake_run
    ADD CONSTRAINT fake_run_pkey PRIMARY KEY (id);
ALTER TABLE ONLY naap_dev.seed_changed
    ADD CONSTRAINT seed_changed_pkey PRIMARY KEY (seed, schema_name, table_name);
ALTER TABLE ONLY naap_dev.seed
    ADD CONSTRAINT seed_pkey PRIMARY KEY (name);
ALTER TABLE ONLY naap_dev.seed_rows
    ADD CONSTRAINT seed_rows_pkey PRIMARY KEY (seed, schema_name, table_name);
ALTER TABLE ONLY naap_dev.undo
    ADD CONSTRAINT undo_pkey PRIMARY KEY (id);
ALTER TABLE ONLY naap_dev.workspace
    ADD CONSTRAINT workspace_pkey PRIMARY KEY (id);
ALTER TABLE ONLY naap_undo_1."Bill"
    ADD CONSTRAINT "Bill_pkey" PRIMARY KEY (id);
ALTER TABLE ONLY naap_dev.fake
    ADD CONSTRAINT fake_run_fkey FOREIGN KEY (run) REFERENCES naap_dev.fake_run(id) ON DELETE CASCADE;
ALTER TABLE ONLY naap_dev.seed_changed
    ADD CONSTRAINT seed_changed_seed_fkey FOREIGN KEY (seed) REFERENCES naap_dev.seed(name) ON DELETE CASCADE;
ALTER TABLE ONLY naap_dev.seed_rows
    ADD CONSTRAINT seed_rows_seed_fkey FOREIGN KEY (seed) REFERENCES naap_dev.seed(name) ON DELETE CASCADE;
INSERT INTO naap_dev.seed_changed VALUES ('public.sql', 'shop', 'Bill');
