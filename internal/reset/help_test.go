package reset

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

func TestMain(m *testing.M) {
	pgtest.SideBySide() // some tests wait for locks, and for servers that they kill
	os.Exit(m.Run())
}

// house is a database with the tables of a Prisma schema.
type house struct {
	url  string
	db   *postgres.DB
	want *schemaplan.Database
}

func newHouse(t testing.TB, url, text string) *house {
	t.Helper()
	h := &house{url: url, db: connect(t, url), want: desired(t, text)}
	plan, err := schemaplan.Compute(context.Background(), h.db, h.want, schemaplan.ComputeOptions{})
	if err == nil {
		_, err = schemaplan.Apply(context.Background(), h.db, plan, schemaplan.ApplyOptions{})
	}
	if err != nil {
		t.Fatalf("make the tables: %v", err)
	}
	return h
}

// monorepo returns the database of the real schema file.
func monorepo(t testing.TB) *house {
	t.Helper()
	return newHouse(t, pgtest.NewDatabase(t), monorepoText(t))
}

func monorepoText(t testing.TB) string {
	t.Helper()
	return string(sharedtest.Read(t, "naap-repo/packages/database/prisma/schema.prisma"))
}

func connect(t testing.TB, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(context.Background(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// head is the beginning of test schemas.
const head = "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n"

func desired(t testing.TB, text string) *schemaplan.Database {
	t.Helper()
	if !strings.Contains(text, "datasource ") {
		text = head + text
	}
	schema, err := prisma.Parse(prisma.Source{Name: "schema.prisma", Text: text})
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	want, err := schemaplan.Desired(schema, schemaplan.External{})
	if err != nil {
		t.Fatal(err)
	}
	return want
}

func (h *house) run(t testing.TB, sql string) {
	t.Helper()
	pgtest.Exec(t, h.url, sql)
}

func (h *house) number(t testing.TB, sql string) (n int64) {
	t.Helper()
	if err := h.db.QueryRow(context.Background(), sql).Scan(&n); err != nil {
		t.Fatalf("%v\nin: %s", err, sql)
	}
	return n
}

func (h *house) options() Options { return Options{Desired: h.want} }

func (h *house) plan(t testing.TB, opt Options, schemas ...string) *Plan {
	t.Helper()
	p, err := Compute(context.Background(), h.db, schemas, opt)
	if err != nil {
		t.Fatalf("plan the reset of %v: %v", schemas, err)
	}
	return p
}

func (h *house) reset(t testing.TB, opt Options, schemas ...string) *Entry {
	t.Helper()
	p := h.plan(t, opt, schemas...)
	h.sameAtOnce(t, p, opt)
	e, err := Apply(context.Background(), h.db, p, opt)
	if err != nil {
		t.Fatalf("reset %v: %s\n%s", schemas, remedy.Text(err), strings.Join(p.Lines(), "\n"))
	}
	return e
}

// sameAtOnce makes sure that a reset without a question says the same as its plan. It is rolled back.
func (h *house) sameAtOnce(t testing.TB, want *Plan, opt Options) {
	t.Helper()
	opt.Cascade = want.Cascade
	err := h.db.InTx(context.Background(), func(tx postgres.Tx) error {
		shown := ""
		p, _, err := AtOnce(context.Background(), tx, want.Schemas, opt, func(p *Plan) { shown = strings.Join(p.Lines(), "\n") })
		if err != nil {
			return err
		}
		if lines := strings.Join(want.Lines(), "\n"); shown != lines {
			t.Errorf("the plan says\n%s\nand at once\n%s", lines, shown)
		}
		if p.fingerprint != want.fingerprint || p.Rehearsed != want.Rehearsed {
			t.Errorf("at once it finds other links than the plan:\n%s\n%s", want.fingerprint, p.fingerprint)
		}
		return errRehearsed
	})
	if !errors.Is(err, errRehearsed) {
		t.Errorf("reset %v at once: %v", want.Schemas, err)
	}
}

func (h *house) undo(t testing.TB, opt Options) *Undone {
	t.Helper()
	u, err := Undo(context.Background(), h.db, 0, opt)
	if err != nil {
		t.Fatalf("undo: %s", remedy.Text(err))
	}
	return u
}

var metaCommands = regexp.MustCompile(`(?m)^\\.*$`)

// catalogue returns the canonical text of the database's structure.
func (h *house) catalogue(t testing.TB) string {
	t.Helper()
	script := metaCommands.ReplaceAllString(string(sharedtest.Read(t, "prisma/oracle/catalog.sql")), "")
	ctx := context.Background()
	conn, err := postgres.Connect(ctx, h.url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	results, err := conn.PgConn().Exec(ctx, script).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range results {
		for _, row := range r.Rows {
			cells := make([]string, len(row))
			for i, c := range row {
				cells[i] = string(c)
			}
			b.WriteString(strings.Join(cells, " | ") + "\n")
		}
	}
	return relevant(b.String())
}

var ours = regexp.MustCompile(`(^extension \| )|(\| naap_(dev|undo_\d+(_kept)?)( |$))`)

func relevant(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(slices.DeleteFunc(lines, ours.MatchString), "\n")
}

// differences returns the lines that only one of two texts has.
func differences(want, got string) string {
	count := map[string]int{}
	for l := range strings.SplitSeq(want, "\n") {
		count[l]--
	}
	for l := range strings.SplitSeq(got, "\n") {
		count[l]++
	}
	var out []string
	for l, n := range count {
		if n < 0 {
			out = append(out, "- "+l)
		}
		if n > 0 {
			out = append(out, "+ "+l)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(a[2:], b[2:]) })
	return strings.Join(out[:min(len(out), 30)], "\n")
}

// contents returns a line for each table and sequence of the developer's schemas: its rows in any order, as a checksum.
func (h *house) contents(t testing.TB) map[string]string {
	t.Helper()
	ctx := context.Background()
	parts, err := postgres.CollectStrings(h.db.Query(ctx, `
SELECT CASE c.relkind WHEN 'S' THEN format('SELECT %L, last_value::text || is_called FROM %I.%I', n.nspname || '.' || c.relname, n.nspname, c.relname)
	ELSE format('SELECT %L, count(*) || '' '' || coalesce(md5(string_agg(md5(t::text), '''' ORDER BY md5(t::text))), '''') FROM %I.%I t', n.nspname || '.' || c.relname, n.nspname, c.relname) END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'S', 'm') AND NOT c.relispartition AND n.nspname !~ '`+hidden.Schemas+`'`))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	if len(parts) == 0 {
		return out
	}
	rows, err := h.db.Query(ctx, strings.Join(parts, " UNION ALL "))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, sum string
		if err := rows.Scan(&name, &sum); err != nil {
			t.Fatal(err)
		}
		out[name] = sum
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return out
}

// sameContents compares what is in schemas other than those named.
func sameContents(t testing.TB, when string, before, after map[string]string, except ...string) {
	t.Helper()
	skip := func(name string) bool {
		return slices.ContainsFunc(except, func(s string) bool { return strings.HasPrefix(name, s+".") })
	}
	for name, sum := range before {
		if !skip(name) && after[name] != sum {
			t.Errorf("%s: %s was %q and is %q", when, name, sum, after[name])
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok && !skip(name) {
			t.Errorf("%s: %s is new", when, name)
		}
	}
}

// golden returns the catalogue that real Prisma makes of the real schema file.
func golden(t testing.TB) string {
	t.Helper()
	return relevant(string(sharedtest.Read(t, filepath.ToSlash("prisma/golden/naap.catalog.txt"))))
}

// snapshotOf is everything in a database that an undo must restore.
type snapshotOf struct {
	catalogue string
	rights    string
	contents  map[string]string
}

func (h *house) snapshot(t testing.TB) snapshotOf {
	t.Helper()
	return snapshotOf{h.catalogue(t), h.rights(t), h.contents(t)}
}

// rights returns owners, privileges, comments, triggers, policies and views: what the canonical catalogue leaves out.
func (h *house) rights(t testing.TB) string {
	t.Helper()
	lines, err := postgres.CollectStrings(h.db.Query(context.Background(), `
WITH ns AS (SELECT * FROM pg_namespace WHERE nspname !~ '`+hidden.Schemas+`')
SELECT concat_ws(' | ', 'schema', nspname, pg_get_userbyid(nspowner), (SELECT string_agg(x::text, ',' ORDER BY x::text) FROM unnest(nspacl) x), obj_description(oid, 'pg_namespace')) FROM ns
UNION ALL SELECT concat_ws(' | ', 'relation', n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner), (SELECT string_agg(x::text, ',' ORDER BY x::text) FROM unnest(c.relacl) x), obj_description(c.oid, 'pg_class'), c.relrowsecurity, c.relforcerowsecurity)
	FROM pg_class c JOIN ns n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
UNION ALL SELECT concat_ws(' | ', 'default', n.nspname, d.defaclobjtype, pg_get_userbyid(d.defaclrole), d.defaclacl::text) FROM pg_default_acl d JOIN ns n ON n.oid = d.defaclnamespace
UNION ALL SELECT concat_ws(' | ', 'trigger', n.nspname, c.relname, pg_get_triggerdef(t.oid), t.tgenabled) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN ns n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal
UNION ALL SELECT concat_ws(' | ', 'policy', schemaname, tablename, policyname, roles::text, cmd, qual, with_check) FROM pg_policies WHERE schemaname !~ '^naap_'
UNION ALL SELECT concat_ws(' | ', 'view', n.nspname, c.relname, pg_get_viewdef(c.oid)) FROM pg_class c JOIN ns n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm')
UNION ALL SELECT concat_ws(' | ', 'function', n.nspname, pg_get_functiondef(p.oid), pg_get_userbyid(p.proowner), p.proacl::text) FROM pg_proc p JOIN ns n ON n.oid = p.pronamespace WHERE p.prokind IN ('f', 'p')
	AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.objid = p.oid AND x.deptype = 'e')
UNION ALL SELECT concat_ws(' | ', 'constraint', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint')) FROM pg_constraint k JOIN ns n ON n.oid = k.connamespace
UNION ALL SELECT concat_ws(' | ', 'column', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attacl::text, col_description(c.oid, a.attnum), pg_get_expr(d.adbin, d.adrelid))
	FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN ns n ON n.oid = c.relnamespace LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
	WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v')
UNION ALL SELECT concat_ws(' | ', 'comment', x.type, x.identity, y.description) FROM pg_description y, pg_identify_object(y.classoid, y.objoid, y.objsubid) x
	WHERE y.objoid >= 16384 /* the server's own are below */ AND x.identity !~ '(^| on )(pg_|naap_(undo|dev))' AND x.schema IS DISTINCT FROM 'pg_catalog' AND x.type NOT IN ('extension', 'schema') AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = y.classoid AND e.objid = y.objoid AND e.deptype = 'e')
UNION ALL SELECT concat_ws(' | ', 'type', n.nspname, t.typname, pg_get_userbyid(t.typowner), (SELECT string_agg(x::text, ',' ORDER BY x::text) FROM unnest(t.typacl) x)) FROM pg_type t JOIN ns n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd')
UNION ALL SELECT concat_ws(' | ', 'index', n.nspname, i.relname, pg_get_indexdef(i.oid), x.indisreplident, x.indisclustered, (SELECT string_agg(a.attnum || ':' || a.attstattarget, ',') FROM pg_attribute a WHERE a.attrelid = i.oid AND a.attstattarget >= 0))
	FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN ns n ON n.oid = i.relnamespace
UNION ALL SELECT concat_ws(' | ', 'statistics', pg_get_statisticsobjdef(s.oid)) FROM pg_statistic_ext s JOIN ns n ON n.oid = s.stxnamespace
UNION ALL SELECT concat_ws(' | ', 'publication', pubname, schemaname, tablename) FROM pg_publication_tables WHERE schemaname !~ '^naap_'
UNION ALL SELECT concat_ws(' | ', 'storage', n.nspname, c.relname, c.reloptions::text, (SELECT o.reloptions::text FROM pg_class o WHERE o.oid = c.reltoastrelid), c.relpersistence, c.relreplident, (SELECT amname FROM pg_am WHERE oid = c.relam))
	FROM pg_class c JOIN ns n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'i', 'I', 'm')
UNION ALL SELECT concat_ws(' | ', 'attribute', n.nspname, c.relname, a.attname, a.attstattarget, a.attstorage, a.attcompression, a.attoptions::text, a.attidentity, a.attgenerated, a.attcollation::regcollation)
	FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN ns n ON n.oid = c.relnamespace WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
UNION ALL SELECT concat_ws(' | ', 'sequence', n.nspname, c.relname, q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle) FROM pg_sequence q JOIN pg_class c ON c.oid = q.seqrelid JOIN ns n ON n.oid = c.relnamespace
UNION ALL SELECT concat_ws(' | ', 'extension', e.extname, n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
ORDER BY 1`))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// same compares everything.
func (s snapshotOf) same(t testing.TB, when string, after snapshotOf) {
	t.Helper()
	if d := differences(s.catalogue, after.catalogue); d != "" {
		t.Errorf("%s, the catalogue differs:\n%s", when, d)
	}
	if d := differences(s.rights, after.rights); d != "" {
		t.Errorf("%s, rights and the rest differ:\n%s", when, d)
	}
	sameContents(t, when, s.contents, after.contents)
}

func (s snapshotOf) equal(o snapshotOf) bool {
	return s.catalogue == o.catalogue && s.rights == o.rights && fmt.Sprint(s.contents) == fmt.Sprint(o.contents)
}

// keepsRights resets schemas and brings them back. Owners, privileges, comments and the like must be unchanged after
// the reset.
func (h *house) keepsRights(t *testing.T, opt Options, schemas ...string) {
	t.Helper()
	before := h.rights(t)
	h.andBack(t, opt, func(*Plan) {
		t.Helper()
		if d := differences(before, h.rights(t)); d != "" {
			t.Errorf("after the reset it is not as before:\n%s", d)
		}
	}, schemas...)
}
