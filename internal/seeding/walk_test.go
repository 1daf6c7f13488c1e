package seeding

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

// What the user wrote has a number in a place that no seed touches: a note that begins with p, a price from 1000 on.
var ownRows = map[string]string{
	"club": "SELECT 'member ' || id || ' ' || note FROM club.member WHERE note ~ '^p'",
	"shop": `SELECT 'product ' || id || ' ' || code || ' ' || price FROM shop.product WHERE price >= 1000
UNION ALL SELECT 'sale ' || id || ' ' || product || ' ' || coalesce(member::text, '') FROM shop.sale
UNION ALL SELECT 'loose ' || a || ' ' || b FROM shop.loose WHERE b ~ '^p'`,
}

// walk is a random sequence of what the user and naap do to a database.
type walk struct {
	*suite
	r             *rand.Rand
	n             int // of what the user wrote
	edits, pushes int
	ids           map[string][]string
	log           []string
	reset         *movedAside
	did           map[string]int
}

// movedAside is a schema that was reset and can be brought back.
type movedAside struct {
	notes json.RawMessage
	rows  []string
}

// TestNoSeedTakesARowThatAPersonWrote walks at random through edits of seed files, the user's rows, pushes, seeding and
// resets. After each step every row that the user wrote and did not remove exists, nothing that the seeds brought is
// left behind, and the user's next insert gets an id that is free.
func TestNoSeedTakesARowThatAPersonWrote(t *testing.T) {
	steps, seed := pgtest.Number(t, "NAAP_TEST_STEPS", 30), pgtest.Number(t, "NAAP_TEST_SEED", 1)
	w := &walk{suite: newSuite(t), r: rand.New(rand.NewPCG(uint64(seed), 13)), ids: map[string][]string{}, did: map[string]int{}}
	for step := range steps {
		w.step()
		if t.Failed() {
			t.Fatalf("step %d of NAAP_TEST_SEED=%d, after\n%s", step, seed, strings.Join(w.log[max(0, len(w.log)-25):], "\n"))
		}
	}
	t.Logf("%d steps of NAAP_TEST_SEED=%d: %v", steps, seed, w.did)
}

func (w *walk) step() {
	switch k := w.r.IntN(20); {
	case k < 5:
		w.edit()
	case k < 12:
		w.person()
	case k < 13:
		w.push()
	case k < 17:
		w.seed(Options{Changed: true})
	case k < 19:
		w.seed(Options{Force: true})
	case w.reset == nil:
		w.resetClub()
	default:
		w.undoClub()
	}
}

func (w *walk) say(format string, args ...any) { w.log = append(w.log, fmt.Sprintf(format, args...)) }

// some returns a random choice of items, at least one.
func (w *walk) some(items ...string) []string {
	w.r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	return items[:1+w.r.IntN(len(items))]
}

// edit writes a new version of one of the files.
func (w *walk) edit() {
	w.edits++
	version := w.r.IntN(50)
	rows := func(ids []string, f func(id string) string) string {
		var list []string
		for _, id := range ids {
			list = append(list, f(id))
		}
		return strings.Join(list, ", ")
	}
	member := func(id string) string { return fmt.Sprintf("(%s, 'v%d')", id, version) }
	name := []string{"10-club.sql", "club/member.csv", "shop.sql", "shop/product.csv", "shop/loose.jsonl", "30-shop.touch.sql"}[w.r.IntN(6)]
	var text string
	switch name {
	case "10-club.sql":
		w.ids[name] = w.some("1", "2", "3", "4", "5", "6")
		text = "INSERT INTO club.member (id, name) VALUES " + rows(w.ids[name], member)
		switch w.r.IntN(5) {
		case 0:
			text += " ON CONFLICT (id) DO UPDATE SET name = excluded.name"
		case 1:
			text += " ON CONFLICT DO NOTHING"
		case 2:
			text = "COPY club.member (id, name) FROM stdin;\n" + strings.Join(w.ids[name], fmt.Sprintf("\tv%d\n", version)) + fmt.Sprintf("\tv%d\n\\.\n", version)
		}
	case "club/member.csv":
		w.ids[name] = w.some("7", "8", "9", "10")
		text = fmt.Sprintf("id,name\n%s,v%d\n", strings.Join(w.ids[name], fmt.Sprintf(",v%d\n", version)), version)
	case "shop.sql":
		w.ids[name] = w.some("a", "b", "c", "d")
		text = "-- naap: key=product(code)\nINSERT INTO product (code, price) VALUES " + rows(w.ids[name], func(c string) string { return fmt.Sprintf("('%s', %d)", c, version) })
		if w.r.IntN(3) == 0 { // rows are found by the id that the server generates
			_, text, _ = strings.Cut(text, "\n")
		}
	case "shop/product.csv":
		w.ids[name] = w.some("q", "r", "s")
		text = "# naap: key=code\nid,code,price\n"
		for i, c := range w.ids[name] {
			text += fmt.Sprintf("%d,%s,%d\n", 1000*w.edits+i, c, version) // ahead of those that the server generates
		}
	case "shop/loose.jsonl":
		for range 1 + w.r.IntN(4) {
			text += fmt.Sprintf("{\"a\": %d, \"b\": \"v\"}\n", w.r.IntN(3))
		}
	default:
		text = fmt.Sprintf("UPDATE club.member SET name = 'touched %d' WHERE id IN (1, 8); INSERT INTO shop.log VALUES (%d);", version, version)
		switch w.r.IntN(6) { // whose rows these are is another matter
		case 0:
			text += fmt.Sprintf(" DELETE FROM club.member WHERE id = %d AND id NOT IN (SELECT member FROM shop.sale WHERE member IS NOT NULL);", 1+w.r.IntN(12))
		case 1:
			text += fmt.Sprintf(" DELETE FROM shop.product WHERE code = '%c'; DELETE FROM shop.loose WHERE a = %d;", "abcdqrsxyz"[w.r.IntN(10)], w.r.IntN(3))
		case 2:
			text += fmt.Sprintf(" TRUNCATE shop.sale; DELETE FROM club.member WHERE id = %d;", 1+w.r.IntN(12))
		}
	}
	w.write(name, text)
	w.say("edit %s: %s", name, text)
}

// do does something as the user, which must succeed.
func (w *walk) do(sql string, args ...any) {
	sql = fmt.Sprintf(sql, args...)
	w.say("person: %s", sql)
	w.exec(sql)
}

func (w *walk) person() {
	w.n++
	id := 1 + w.r.IntN(12)
	code := string("abcdqrsxyz"[w.r.IntN(10)])
	switch w.r.IntN(11) {
	case 0, 1:
		w.do("INSERT INTO club.member VALUES (%d, 'mine', 'p%d') ON CONFLICT (id) DO UPDATE SET note = excluded.note", id, w.n)
	case 2, 3:
		w.do("UPDATE club.member SET note = 'p%d' WHERE id = %d", w.n, id)
	case 4:
		w.do("DELETE FROM club.member WHERE id = %d AND id NOT IN (SELECT member FROM shop.sale WHERE member IS NOT NULL)", id)
	case 5, 6: // the server generates the id
		w.do("INSERT INTO shop.product (code, price) SELECT '%s', %d WHERE NOT EXISTS (SELECT FROM shop.product WHERE code = '%[1]s')", code, 1000+w.n)
	case 7:
		w.do("UPDATE shop.product SET price = %d WHERE code = '%s'", 1000+w.n, code)
	case 8:
		w.do("DELETE FROM shop.product WHERE code = '%s'", code)
	case 9:
		w.do("INSERT INTO shop.sale (product, member) SELECT p.id, (SELECT id FROM club.member WHERE id = %d) FROM shop.product p WHERE code = '%s'", id, code)
	case 10:
		w.do("INSERT INTO shop.loose VALUES (%d, 'p%d')", w.r.IntN(3), w.n)
	}
}

// push changes a table as naap's own push does. A column never comes back under the name of a dropped one: its values
// would differ from those that were noted.
func (w *walk) push() {
	switch w.r.IntN(4) {
	case 0:
		w.do("ALTER TABLE club.member ADD COLUMN IF NOT EXISTS extra int NOT NULL DEFAULT 7")
	case 1:
		w.do("ALTER TABLE club.member DROP COLUMN IF EXISTS extra")
	case 2:
		w.do("ALTER TABLE shop.product DROP COLUMN IF EXISTS extra_%d, ADD COLUMN extra_%d timestamptz DEFAULT now()", w.pushes, w.pushes+1)
		w.pushes++
	case 3:
		w.do("ALTER TABLE shop.product DROP COLUMN IF EXISTS extra_%d", w.pushes)
	}
}

func (w *walk) rows(schemas ...string) []string {
	w.t.Helper()
	var list []string
	for _, s := range schemas {
		got, err := postgres.CollectStrings(w.db.Query(context.Background(), ownRows[s]))
		if err != nil {
			w.t.Fatal(err)
		}
		list = append(list, got...)
	}
	return list
}

func (w *walk) hasAll(rows []string) {
	w.t.Helper()
	now := w.rows("club", "shop")
	for _, r := range rows {
		if !slices.Contains(now, r) {
			w.t.Errorf("the person's row %q is gone", r)
		}
	}
}

func (w *walk) seed(opt Options) {
	w.t.Helper()
	before := w.rows("club", "shop")
	plan := w.looked(opt)
	result, err := Apply(context.Background(), w.db, plan, progress.Discard)
	w.say("seed %+v: %v\n%s", opt, err, plan)
	w.hasAll(before)
	code := remedy.Code(err)
	if err == nil {
		code = "applied"
	}
	w.did[code]++
	switch code {
	case "applied":
	case "seed.removes": // until the file is edited
	case "seed.collides":
		if w.r.IntN(2) == 0 { // the user gives way, as the remedy says
			w.do("DELETE FROM club.member WHERE note ~ '^p' AND id NOT IN (SELECT member FROM shop.sale WHERE member IS NOT NULL); DELETE FROM shop.product WHERE price >= 1000")
		}
	case "seed.referenced":
		if w.r.IntN(2) == 0 {
			w.do("DELETE FROM shop.sale")
		}
	default:
		w.t.Errorf("%s", remedy.Text(err))
	}
	for i, s := range result.Applied {
		if plan.Steps[i].Replace {
			w.sameAs(plan.Steps[i].Rows, s.Back)
		}
	}
	if err == nil && opt.Force {
		w.nothingStays()
	}
}

// sameAs compares what the plan said with what was done. An earlier step may have changed what a row's own step says.
func (w *walk) sameAs(said, done []TableRows) {
	w.t.Helper()
	for i := range done {
		w.did["rows kept"] += int(done[i].Kept)
		w.did["rows removed"] += int(done[i].Removed)
		w.did["rows replaced"] += int(done[i].Back - done[i].Removed)
		if said[i].Back < done[i].Back || said[i].Kept > done[i].Kept {
			w.t.Errorf("the plan says %s, and what was done is %s", said[i], done[i])
		}
	}
}

// nothingStays looks for rows that no file brings and the user did not write.
func (w *walk) nothingStays() {
	w.t.Helper()
	members := append(slices.Clone(w.ids["10-club.sql"]), w.ids["club/member.csv"]...)
	codes := append(slices.Clone(w.ids["shop.sql"]), w.ids["shop/product.csv"]...)
	w.holds("SELECT id || ' ' || name FROM club.member WHERE note IS NULL AND NOT id::text = ANY ('{" + strings.Join(members, ",") + "}')")
	w.holds("SELECT code FROM shop.product WHERE price < 1000 AND NOT code = ANY ('{" + strings.Join(codes, ",") + "}')")
}

// resetClub moves a table aside and recreates it, as a reset does, with what is known about its seeds.
func (w *walk) resetClub() {
	w.t.Helper()
	ctx := context.Background()
	before := w.rows("shop")
	aside := &movedAside{rows: w.rows("club")}
	err := w.db.InTx(ctx, func(tx postgres.Tx) error {
		if err := ledger.Prepare(ctx, tx); err != nil {
			return err
		}
		var err error
		if aside.notes, err = ledger.Remember(ctx, tx, []string{"club"}); err != nil {
			return err
		}
		if err := ledger.ForgetSeeds(ctx, tx, "club"); err != nil {
			return err
		}
		_, err = postgres.ExecScript(ctx, postgres.TxConn(tx), `CREATE SCHEMA IF NOT EXISTS naap_undo_1; ALTER TABLE shop.sale DROP CONSTRAINT IF EXISTS sale_member_fkey;
ALTER TABLE club.member SET SCHEMA naap_undo_1; CREATE TABLE club.member (LIKE naap_undo_1.member INCLUDING ALL)`)
		if err != nil {
			return err
		}
		return w.seedIn(ctx, tx)
	})
	w.say("reset: %v", err)
	if err != nil && remedy.Code(err) != "seed.collides" {
		w.t.Errorf("%s", remedy.Text(err))
	}
	if err == nil {
		w.reset = aside
		w.did["reset"]++
	}
	w.hasAll(before)
}

func (w *walk) seedIn(ctx context.Context, tx postgres.Tx) error {
	files, err := seedfile.Discover(w.files, "seeds")
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(files, func(f *seedfile.File) bool { return f.Schema == "club" }) {
		return nil
	}
	plan, err := Decide(ctx, tx, files, Options{Schemas: []string{"club"}})
	if err != nil {
		return err
	}
	for _, step := range plan.Steps {
		if _, err := ApplyIn(ctx, tx, step); err != nil {
			return err
		}
	}
	return nil
}

// undoClub brings the table back.
func (w *walk) undoClub() {
	w.t.Helper()
	ctx := context.Background()
	before := append(w.rows("shop"), w.reset.rows...)
	err := w.db.InTx(ctx, func(tx postgres.Tx) error {
		_, err := postgres.ExecScript(ctx, postgres.TxConn(tx), "DROP TABLE club.member; ALTER TABLE naap_undo_1.member SET SCHEMA club")
		if err != nil {
			return err
		}
		return ledger.Recall(ctx, tx, []string{"club"}, w.reset.notes)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.say("undo")
	w.reset = nil
	w.did["undo"]++
	w.hasAll(before)
}
