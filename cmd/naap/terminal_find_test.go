//go:build unix

package main

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

func TestTerminalFindsAUserByEMailAcrossSchemas(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	p.must(t, "dev", "up", "--detach", "--no-push", "--no-seed")
	p.must(t, "dev", "sql", "--write", `CREATE TABLE public."User" (id text PRIMARY KEY, email text UNIQUE);
		INSERT INTO "User" SELECT 'u' || n, 'user' || n || '@example.org' FROM generate_series(1, 300) n;
		CREATE SCHEMA plugin_mail; CREATE TABLE plugin_mail."Letter" (tenant int, nr int, "to" text, body text, PRIMARY KEY (tenant, nr));
		INSERT INTO plugin_mail."Letter" SELECT n % 3, n, 'nobody', 'Dear ' || CASE n WHEN 77 THEN 'USER250@example.org' ELSE 'x' END FROM generate_series(1, 100) n`)
	s := sit(t, p, 120, 40, "dev")
	s.sees("1 Schemas", "healthy").types(":", "find user250@example.org", enter)
	s.sees("> find", "2 values in 2 tables, after", "public.User", "u250", "plugin_mail.Letter", "Dear USER250@example.org", "tenant 2, nr 77")
	s.types("G", enter).sees("find > Letter", "where tenant = 2 and nr = 77", "rows 1–1 of 1").escapes().loses("> Letter")
	s.types("g", enter).sees("find > User", "where id = u250", "user250@example.org").escapes().sees("2 values in 2 tables")
	s.escapes().loses("> find").leaves()
}

func TestTerminalFindsInTheOthersWhileOneTableIsHuge(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	p := newPrepared(t, empty)
	p.must(t, "dev", "up", "--detach", "--no-push", "--no-seed")
	p.must(t, "dev", "sql", "--write", `CREATE TABLE huge (id int PRIMARY KEY, v text); INSERT INTO huge SELECT n, repeat(md5(n::text), 4) FROM generate_series(1, 1000000) n;
		CREATE TABLE small (id int PRIMARY KEY, v text); INSERT INTO small VALUES (1, 'the needle')`)
	s := sit(t, p, 120, 40, "dev")
	s.sees("1 Schemas", "healthy").types(":", "find needle", enter).sees("so far; table 2 of 2: public.huge", "the needle").escapes()
	s.sees("1 value in 1 table, then it was stopped at table 2 of 2", "the needle")
	s.types("R").sees("1 value in 1 table, after").escapes()
	s.loses("> find").leaves()
}
