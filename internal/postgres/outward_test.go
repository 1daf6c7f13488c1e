package postgres

import (
	"os/exec"
	"strings"
	"testing"
)

// Each of these reaches out of the database, in a different way.
func TestWhatLeadsOutOfTheDatabaseIsFound(t *testing.T) {
	for _, sql := range []string{
		`COPY t FROM PROGRAM 'id'`,
		`copy (SELECT 1) to /* x */ program 'id'`,
		`COPY t (a, b) FROM '/etc/passwd' WITH (FORMAT csv)`,
		`COPY t TO '/tmp/x'`,
		`COPY t TO $q$/tmp/x$q$`,
		`COPY BINARY t FROM E'/etc/passwd'`,
		`DO $$ BEGIN COPY (SELECT 1) TO PROGRAM 'id'; END $$`,
		`DO LANGUAGE plpgsql $x$ BEGIN IF true THEN COPY t TO PROGRAM 'id'; END IF; END $x$`,
		`DO 'BEGIN EXECUTE ''COPY t TO PROGRAM ''''id''''''; END'`,
		`DO $$ BEGIN EXECUTE 'COPY t TO PRO' || 'GRAM ''id'''; END $$`,
		`DO $$ DECLARE q text := 'COPY t TO PROGRAM ''id'''; BEGIN EXECUTE q; END $$`,
		`DO $$ BEGIN EXECUTE E'COPY t TO \x50ROGRAM \'id\''; END $$`,
		`DO E'BEGIN COPY t TO \120ROGRAM \'id\'; END'`,
		`DO $$ BEGIN EXECUTE $q$DO $r$BEGIN COPY t TO PROGRAM 'id'; END$r$ $q$; END $$`,
		`CREATE FUNCTION f() RETURNS void AS $$ BEGIN COPY t TO PROGRAM 'id'; END $$ LANGUAGE plpgsql`,
		`CREATE OR REPLACE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_read_file('/etc/passwd'); END $$`,
		`CREATE FUNCTION f() RETURNS text LANGUAGE plpython3u AS $$ import os $$`,
		`CREATE FUNCTION f() RETURNS text AS $$ import os $$ LANGUAGE 'plpythonu'`,
		`CREATE FUNCTION f() RETURNS text LANGUAGE "plperlu" AS $$ 1 $$`,
		`CREATE FUNCTION f(int) RETURNS int AS '/tmp/x.so', 'f' LANGUAGE C`,
		`CREATE FUNCTION f(text) RETURNS text AS 'pg_read_file_all' LANGUAGE internal`,
		`CREATE FUNCTION f() RETURNS text LANGUAGE plsh AS $$#!/bin/sh$$`,
		`DO LANGUAGE plperlu $$ 1 $$`,
		`DO $$ 1 $$ LANGUAGE plpython3u`,
		`CREATE LANGUAGE plpython3u`,
		`CREATE OR REPLACE TRUSTED PROCEDURAL LANGUAGE x HANDLER h`,
		`CREATE EXTENSION plpython3u`,
		`CREATE EXTENSION IF NOT EXISTS "plperlu" WITH SCHEMA public`,
		`CREATE EXTENSION hstore_plpython3u CASCADE`,
		`CREATE EXTENSION file_fdw`, `CREATE EXTENSION dblink`, `CREATE EXTENSION adminpack`, `CREATE EXTENSION http`,
		`LOAD '/tmp/x.so'`,
		`ALTER SYSTEM SET archive_command = 'id'`, `alter system reset all`,
		`ALTER ROLE postgres SET session_preload_libraries = 'x'`,
		`ALTER DATABASE d SET local_preload_libraries TO 'x'`,
		`SET dynamic_library_path = '/tmp'`,
		`SELECT set_config('session_preload_libraries', 'x', false)`,
		`SELECT lo_export(1, '/tmp/x')`, `SELECT pg_catalog.lo_import('/etc/passwd')`, `SELECT "pg_read_file"('/etc/passwd')`,
		`SELECT U&"\0070g_read_file"('/etc/passwd')`,
		`SELECT U&"!0070g_read_file"('/etc/passwd') UESCAPE '!'`,
		`SELECT * FROM pg_ls_dir('/')`, `SELECT pg_stat_file('/')`, `SELECT pg_read_binary_file('x')`,
		`INSERT INTO t VALUES ((SELECT pg_read_file('/etc/passwd')))`,
		`CREATE OPERATOR ### (RIGHTARG = text, FUNCTION = pg_read_file)`,
		`CREATE TABLE t (a text DEFAULT pg_read_file('/etc/passwd'))`,
		`CREATE VIEW v AS SELECT pg_read_file('/etc/passwd')`,
		`SELECT query_to_xml('SELECT pg_read_file(''/etc/passwd'')', true, false, '')`,
		`SELECT * FROM ts_stat('SELECT pg_read_file(''/etc/passwd'')::tsvector')`,
		`GRANT pg_execute_server_program TO me`,
		`CREATE SERVER s FOREIGN DATA WRAPPER file_fdw`, `CREATE FOREIGN TABLE t (a text) SERVER s OPTIONS (program 'id')`,
		`IMPORT FOREIGN SCHEMA x FROM SERVER s INTO y`,
		`CREATE SUBSCRIPTION s CONNECTION 'host=evil' PUBLICATION p`,
		`CREATE TABLESPACE t LOCATION '/tmp'`,
		`SELECT dblink_connect('host=evil')`,
		`SELECT pg_create_logical_replication_slot('s', '/tmp/x')`,
		`UPDATE pg_catalog.pg_proc SET prosrc = 'x'`, `INSERT INTO pg_language VALUES (1)`, `DELETE FROM ONLY pg_catalog.pg_proc`,
		`UPDATE pg_language SET lanpltrusted = true`,
		`SET standard_conforming_strings = off`, `set standard_conforming_strings to 'off'`,
		`\! id`, `\copy t from program 'id'`, `\o |sh`, "\\set x `id`", `SELECT 1 \g |sh`, `SELECT 'id' \gexec`, `\i /tmp/x.sql`, `\setenv x y`,
	} {
		if WhyOutward(sql) == "" {
			t.Errorf("nothing is said of %s", sql)
		}
	}
}

// With each of these the server, or psql, reads a script otherwise than it was searched.
func TestWhatIsWrittenSoAsNotToBeFoundIsFound(t *testing.T) {
	for _, sql := range []string{
		"DO $$ BEGIN EXECUTE 'COPY t TO PRO'\n'GRAM ''id'''; END $$",
		"DO 'BEGIN COPY t TO PRO'\n  'GRAM ''''id''''; END'",
		"DO $$ BEGIN EXECUTE E'COPY t TO PRO'\n'GRAM \\'id\\''; END $$",
		"DO E'BEGIN PERFORM pg_read_'\n'file(1); END'",
		"SELECT set_config('session_preload'\n'_libraries', 'x', false)",
		"SELECT set_config('session_preload' || '_libraries', 'x', false)",
		"UPDATE pg_settings SET setting = 'off' WHERE name = 'standard_conforming_strings'",
		"UPDATE pg_settings SET setting = 'off' WHERE name LIKE 'standard_conforming_str%'",
		"SET client_encoding = 'SJIS'", "SET NAMES 'SJIS'", "set client_encoding to gbk", "SELECT set_config('client_encoding', 'big5', false)", "\\encoding SJIS",
		"ALTER ROLE postgres SET client_encoding = uhc",
		"\\set q COPY ' t TO PRO' 'GRAM ' '''id'''\n:q;",
		"\\set a pg_ read_file\nSELECT :a('/etc/passwd')",
		"SELECT 'pg_'||'read_file' AS q \\gset",
		"\\set SINGLELINE on",
		"\\connect \"host=evil.example dbname=x\"", "\\c postgresql://evil/x", "\\c naap postgres evil.example 5432",
		"COPY t FROM stdin;\nit's\n\\.\nCOPY t TO PROGRAM 'id';\n-- '",
		"CREATE FUNCTION f() RETURNS void LANGUAGE plperl AS $$ spi_exec_query(\"COPY t TO PROGRAM 'id'\") $$",
		"CREATE FUNCTION f() RETURNS void LANGUAGE plv8 AS $$ plv8.execute(`COPY t TO PROGRAM 'id'`) $$",
		"COPY pg_catalog.pg_proc FROM stdin", "COPY pg_language (lanpltrusted) FROM stdin", "UPDATE pg_operator SET oprcode = 1", "MERGE INTO pg_proc USING t ON true WHEN MATCHED THEN UPDATE SET prosrc = 'x'",
		"SELECT * FROM crosstab('SELECT pg_read_file(''x'')')", "SELECT connectby('x', 'COPY', 'pg_read_file(1)')",
		"SELECT pg_copy_logical_replication_slot('a', 'b', false, '/tmp/x')",
		"SET \"session_preload_libraries\" = 'x'", "SET SESSION PRELOAD_LIBRARIES = x", "DO LANGUAGE 'plperlu' 'x'",
		"SELECT 1;;DO $a$ begin execute $b$ copy t to program $c$id$c$ $b$; end $a$",
		"COPY t FROM U&'/etc/p\\0061sswd'", "COPY t FROM -- x\nPROGRAM 'id'", "DO $$ BEGIN EXECUTE U&'COPY t TO \\0050ROGRAM ''id'''; END $$",
		"SELECT lo_import ('/etc/passwd')", "SELECT (pg_read_file)('/x')", "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION pg_read_file()",
		"ALTER DATABASE naap SET \"local_preload_libraries\" FROM CURRENT", "CREATE EXTENSION \"plpython3u\"", "IMPORT/**/FOREIGN SCHEMA x FROM SERVER s INTO y",
		"GRANT \"pg_read_server_files\" TO x",
		"SET client_encoding = WIN932", "\\encoding 'GB18030'", "COPY t FROM stdin;\n1\n\\.\nSELECT pg_read_file('x')",
		"\\echo it's\nCOPY t TO PROGRAM 'id';", "\\echo 'a\nCOPY t TO PROGRAM $$id$$; -- '", `\e'echo'`, `\echo a \\ \! id`,
		"COPY missing FROM stdin;\nSELECT pg_read_file('x');\n\\.\n",
	} {
		if len(FindOutward(sql)) == 0 {
			t.Errorf("nothing is said of %s", sql)
		}
	}
}

// Statements that are common in developers' scripts, and data that only mentions such things.
func TestWhatStaysInTheDatabaseIsLeftAlone(t *testing.T) {
	for _, sql := range []string{
		`CREATE SCHEMA IF NOT EXISTS plugin_wallet`,
		`CREATE EXTENSION IF NOT EXISTS "uuid-ossp"`, `CREATE EXTENSION pgcrypto`, `CREATE EXTENSION IF NOT EXISTS vector`,
		`CREATE EXTENSION postgis CASCADE`, `CREATE EXTENSION pg_trgm`, `CREATE EXTENSION pg_stat_statements`,
		`COPY t FROM stdin`, `COPY public.t (a, b) TO STDOUT`, `COPY t FROM STDIN WITH (FORMAT csv, HEADER)`,
		`INSERT INTO post VALUES ('COPY t FROM PROGRAM ''id''')`,
		`INSERT INTO post (title, language) VALUES ('How pg_read_file works', 'en')`,
		`INSERT INTO doc VALUES ($$CREATE FUNCTION f() LANGUAGE plpython3u$$)`,
		`SELECT language FROM t WHERE substring(a FROM 'x') = 'y'`,
		`CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$`,
		`CREATE OR REPLACE FUNCTION f(language text) RETURNS text AS 'SELECT language' LANGUAGE sql IMMUTABLE`,
		`CREATE FUNCTION f() RETURNS int LANGUAGE SQL BEGIN ATOMIC SELECT 1; END`,
		`DO $$ BEGIN CREATE ROLE app LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
		`DO $$ DECLARE r record; BEGIN FOR r IN SELECT nspname FROM pg_namespace LOOP EXECUTE format('GRANT USAGE ON SCHEMA %I TO app', r.nspname); END LOOP; END $$`,
		`DO $$ BEGIN RAISE NOTICE 'copy from here to there'; END $$`,
		`SET search_path = public`, `SET standard_conforming_strings = on`, `ALTER DATABASE naap SET timezone TO 'UTC'`,
		`ALTER ROLE app SET statement_timeout = '5s'`,
		`SELECT pg_catalog.set_config('search_path', '', false)`, `SELECT setval('s', 1)`,
		`SELECT * FROM pg_proc JOIN pg_language l ON l.oid = prolang`, `COMMENT ON LANGUAGE plpgsql IS 'x'`,
		`CREATE TABLE "copy" (id int, "from" text, program text)`, `UPDATE t SET program = 'x' WHERE "from" = 'y'`,
		`\connect naap`, `\echo hello`, `\restrict abc`, `SELECT '\! id'`,
		`-- COPY t FROM PROGRAM 'id'` + "\nSELECT 1", `\connect my-db`, `\c naap postgres`, `\set ON_ERROR_STOP on`, `\encoding UTF-8`,
		"DO $$ BEGIN IF a ~ '\\d' THEN RETURN; END IF; END $$", "\\echo it's\nSELECT 'COPY t TO PROGRAM'",
		`SET client_encoding = 'UTF8'`, `SET NAMES 'latin1'`, `SELECT 'a' || 'b'`, "INSERT INTO t VALUES ('COPY t TO PRO'\n'GRAM')",
		`CREATE TABLE names (names text)`, `UPDATE t SET names = 'gbk' WHERE names = 'x'`,
		``,
	} {
		if why := WhyOutward(sql); why != "" {
			t.Errorf("%s: it %s", sql, why)
		}
	}
}

func TestAnOutwardStatementIsNamedByItsLine(t *testing.T) {
	got := FindOutward("CREATE SCHEMA a;\n\n-- x\nCOPY t FROM PROGRAM 'id';\nSELECT 1; SELECT pg_read_file('x')")
	if len(got) != 2 || got[0].Line != 4 || got[0].Text != "COPY t FROM PROGRAM 'id'" || got[0].Why != "runs a program" ||
		got[1].Line != 5 || got[1].Why != "uses pg_read_file" {
		t.Errorf("found are %+v", got)
	}
	deep := "SELECT 1"
	for range 12 {
		deep = "DO '" + strings.ReplaceAll("BEGIN EXECUTE '"+strings.ReplaceAll(deep, "'", "''")+"'; END", "'", "''") + "'"
		if len(deep) > 1<<20 {
			break
		}
	}
	if WhyOutward(deep) == "" {
		t.Error("strings inside strings are not looked at, and nothing is said")
	}
}

// Any text is read to its end.
func FuzzFindOutwardEnds(f *testing.F) {
	for _, seed := range []string{"", "DO $$ BEGIN EXECUTE 'x' || E'\\x'; END $$", `U&"\00" UESCAPE`, "'", "E'\\", "$a$", "U&'\\+1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range FindOutward(text) {
			if r.Why == "" || r.Line < 1 || !strings.Contains(text, r.Text) {
				t.Errorf("%q: %+v", text, r)
			}
		}
	})
}

// psql is asked where a quote in one of its own commands ends.
func TestAQuoteInAPsqlCommandEndsWithItsLine(t *testing.T) {
	_, url := openURL(t, "")
	for _, line := range []string{`\echo it's`, `\echo 'a`, `\echo "b`, "\\set x 'c"} {
		c := exec.Command("psql", "-X", "-qAt", "-f", "-", url)
		c.Stdin = strings.NewReader(line + "\nSELECT 'read' || 'on';\n")
		if out, err := c.CombinedOutput(); !strings.Contains(string(out), "readon") {
			t.Errorf("%s: %v, %s", line, err, out)
		}
		if list, _ := scriptOf(line + "\nSELECT 1;"); len(list) != 2 || list[1].Text != "SELECT 1" {
			t.Errorf("%s: %+v", line, list)
		}
	}
}
