package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkReset resets a schema of the platform with few and with many rows, beside psql with the same rename and the
// same prepared statements, and undoes it.
func BenchmarkReset(b *testing.B) {
	needProgram(b, "psql")
	for _, schema := range []string{"plugin_wallet", "public"} {
		for _, rows := range []int{1_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s/%d", schema, rows), func(b *testing.B) { benchReset(b, schema, rows) })
		}
	}
}

const undoLimit = 300 * time.Millisecond

func benchReset(b *testing.B, schema string, rows int) {
	name := fmt.Sprintf("reset of %s, %s rows", schema, thousands(rows))
	undoName := "undo of that reset, " + schema + ", " + thousands(rows) + " rows"
	in := newServer(b)
	in.run(b, "dev", "push")
	fillRows(b, in.url("naap"), schema, rows)
	query(b, in.url("postgres"), nil, "CREATE DATABASE by_psql TEMPLATE naap")
	hand := newHandReset(b, schema)
	var undos, renames series
	naap := contender{"naap dev reset", func(b *testing.B) effort {
		took := in.run(b, "dev", "reset", schema, "--yes="+schema)
		undos = append(undos, in.run(b, "dev", "undo"))
		in.forget(b)
		return took
	}}
	psql := contender{"psql: rename and DDL ready-made", func(b *testing.B) effort {
		took := run(b, psqlFile(in.url("by_psql"), hand.forth))
		renames = append(renames, run(b, psqlFile(in.url("by_psql"), hand.back)))
		query(b, in.url("by_psql"), nil, hand.drop)
		return took
	}}
	compare(b, name, 0, naap, peer{psql, 1.3})
	alsoLimited(undoName, name, undoLimit, undos, measuredPeer{peer{contender{name: "psql: the same renames"}, 1}, renames})
}

// forget drops what undo keeps, so that the next turn starts like the first.
func (in *instance) forget(b *testing.B) {
	b.Helper()
	var id int
	query(b, in.url("naap"), &id, `SELECT max(id) FROM naap_dev.undo`)
	in.run(b, "dev", "undo", "--drop", strconv.Itoa(id), "--yes="+strconv.Itoa(id))
}

// BenchmarkResetBesideCompose resets one schema, beside what developers do today, which resets everything.
func BenchmarkResetBesideCompose(b *testing.B) {
	needDocker(b)
	repo := naapRepo(b)
	command, compose := newCLI(b), newComposed(b, repo)
	if compose == nil {
		b.Skip("docker compose is not on this machine")
	}
	in := newInstance(b, "docker", repo)
	in.up(b)
	fillRows(b, in.url("naap"), "plugin_wallet", 1_000)
	compose.up(b)
	naap := contender{"naap dev reset plugin_wallet", func(b *testing.B) effort {
		took := in.run(b, "dev", "reset", "plugin_wallet", "--yes=plugin_wallet")
		in.run(b, "dev", "undo")
		in.forget(b)
		return took
	}}
	today := contender{"docker compose down -v, up --wait, prisma db push", func(b *testing.B) effort {
		took := whole(func() {
			run(b, compose.command("down", "--volumes"))
			compose.up(b)
			command.push(b, filepath.Join(repo, schemaFile), serverURL(compose.port, "naap"))
		})
		tables(b, serverURL(compose.port, "naap"), naapTables)
		return took
	}}
	compare(b, "reset beside today's way, Docker, 112 tables", 0, naap, peer{contender: today})
}

// BenchmarkSnapshot saves and restores the whole database, beside the server's own way of copying one.
func BenchmarkSnapshot(b *testing.B) {
	needProgram(b, "psql")
	in := newServer(b)
	in.run(b, "dev", "push")
	fillRows(b, in.url("naap"), "public", 1_000_000)
	const name = "snapshot save, 1,000,000 rows"
	var restores series
	naap := contender{"naap dev snapshot save", func(b *testing.B) effort {
		took := in.run(b, "dev", "snapshot", "save", "bench")
		restores = append(restores, in.run(b, "dev", "snapshot", "restore", "bench", "--yes=bench"))
		in.run(b, "dev", "snapshot", "delete", "bench", "--yes=bench")
		return took
	}}
	psql := contender{"psql: CREATE DATABASE … TEMPLATE", func(b *testing.B) effort {
		took := run(b, exec.Command("psql", "--no-psqlrc", "--quiet", "--dbname", in.url("postgres"), "--command", "CREATE DATABASE by_psql TEMPLATE naap STRATEGY FILE_COPY"))
		query(b, in.url("postgres"), nil, "DROP DATABASE by_psql")
		return took
	}}
	compare(b, name, 0, naap, peer{contender: psql})
	alsoSeen("snapshot restore, 1,000,000 rows", name, restores)
}

// alsoLimited adds a line with an absolute aim to the table: another measure of naap in the same rounds, and of peers.
func alsoLimited(name, of string, limit time.Duration, naap series, peers ...measuredPeer) {
	first, known := lookUp(of)
	if _, twice := lookUp(name); twice || !known || len(naap) == 0 {
		return
	}
	finished.Lock()
	defer finished.Unlock()
	finished.list = append(finished.list, measured{name: name, limit: limit, naap: naap, peers: peers, load: first.load})
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// filled are tables without foreign keys: what concerns rows is the same for every table.
var filled = map[string][]string{
	"plugin_wallet": {"WalletPriceCache", "WalletStakingSnapshot", "WalletAlert"},
	"public":        {"JobFeed", "AuditLog", "HistoricalStat"},
}

// fillRows inserts that many rows into a few tables of a schema: columns without a default get values that differ in
// each row.
func fillRows(b *testing.B, url, schema string, rows int) {
	b.Helper()
	for _, table := range filled[schema] {
		var sql string
		query(b, url, &sql, fmt.Sprintf(`SELECT format('INSERT INTO %%I.%%I (%%s) SELECT %%s FROM generate_series(1, %d) i', '%s', '%s', string_agg(quote_ident(attname), ', ' ORDER BY attnum),
	string_agg(CASE (SELECT typcategory FROM pg_type t WHERE t.oid = atttypid) WHEN 'S' THEN '''row '' || i' WHEN 'N' THEN 'i' WHEN 'B' THEN 'true' WHEN 'D' THEN 'now()' ELSE '''{}''' END, ', ' ORDER BY attnum))
FROM pg_attribute WHERE attrelid = '%s.%s'::regclass AND attnum > 0 AND attnotnull AND NOT atthasdef`, rows/len(filled[schema]), schema, table, schema, `"`+table+`"`))
		query(b, url, nil, sql)
	}
	query(b, url, nil, "ANALYZE")
}

// handReset are the scripts of someone who knows beforehand what a reset of a schema and its undo have to do.
type handReset struct {
	forth, back string // files; an undo moves the new schema aside in turn
	drop        string // what that leaves
}

var (
	statementOf = regexp.MustCompile(`^(?:CREATE TABLE|CREATE TYPE|ALTER TABLE|CREATE (?:UNIQUE )?INDEX "[^"]+" ON) "([^"]+)"\."([^"]+)"`)
	foreignKey  = regexp.MustCompile(`ADD CONSTRAINT ("[^"]+") FOREIGN KEY .* REFERENCES "([^"]+)"\.`)
)

func newHandReset(b *testing.B, schema string) handReset {
	b.Helper()
	text, err := os.ReadFile(naapSQL(b))
	if err != nil {
		b.Fatal(err)
	}
	var cut, make, keys []string
	for sql := range strings.SplitSeq(string(text), ";\n") {
		lines := strings.Split(sql, "\n")
		for len(lines) > 0 && (strings.HasPrefix(lines[0], "--") || strings.TrimSpace(lines[0]) == "") {
			lines = lines[1:]
		}
		sql = strings.Join(lines, "\n")
		m := statementOf.FindStringSubmatch(sql)
		if m == nil {
			continue
		}
		k := foreignKey.FindStringSubmatch(sql)
		if k != nil && (m[1] == schema) != (k[2] == schema) {
			cut = append(cut, fmt.Sprintf("ALTER TABLE %q.%q DROP CONSTRAINT %s", m[1], m[2], k[1]))
			keys = append(keys, sql)
		} else if m[1] == schema {
			make = append(make, sql)
		}
	}
	if len(make) == 0 {
		b.Fatalf("there is nothing of %s in the golden SQL", schema)
	}
	join := func(lists ...[]string) string {
		text := "BEGIN;\n"
		for _, list := range lists {
			for _, sql := range list {
				text += sql + ";\n"
			}
		}
		return text + "COMMIT;\n"
	}
	h := handReset{filepath.Join(b.TempDir(), "forth.sql"), filepath.Join(b.TempDir(), "back.sql"), "DROP SCHEMA naap_undo_2 CASCADE"}
	err = os.WriteFile(h.forth, []byte(join(cut, []string{"ALTER SCHEMA " + schema + " RENAME TO naap_undo_1", "CREATE SCHEMA " + schema}, make, keys)), 0o600)
	if err == nil {
		err = os.WriteFile(h.back, []byte(join(cut, []string{"ALTER SCHEMA " + schema + " RENAME TO naap_undo_2", "ALTER SCHEMA naap_undo_1 RENAME TO " + schema}, keys)), 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
	return h
}
