package seeding

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

const tablesScript = `
CREATE SCHEMA shop; CREATE SCHEMA club;
CREATE TABLE club.member (id int PRIMARY KEY, name text NOT NULL, note text);
CREATE TABLE shop.product (id serial PRIMARY KEY, code text UNIQUE NOT NULL, price numeric(8,2), made timestamptz DEFAULT now());
CREATE TABLE shop.sale (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), product int NOT NULL REFERENCES shop.product ON DELETE CASCADE, member int REFERENCES club.member);
CREATE TABLE shop.loose (a int, b text);
CREATE TABLE shop.log (n int)`

// suite is a database, and a folder of seed files that a test changes.
type suite struct {
	t     *testing.T
	db    *postgres.DB
	files fstest.MapFS
}

func newSuite(t *testing.T, files ...string) *suite {
	t.Helper()
	db, err := postgres.Open(context.Background(), pgtest.NewDatabase(t, pgtest.With(tablesScript)), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	s := &suite{t: t, db: db, files: fstest.MapFS{}}
	for i := 0; i < len(files); i += 2 {
		s.write(files[i], files[i+1])
	}
	return s
}

func (s *suite) write(name, text string) { s.files[name] = &fstest.MapFile{Data: []byte(text)} }

func (s *suite) plan(opt Options) Plan {
	s.t.Helper()
	files, err := seedfile.Discover(s.files, "seeds")
	if err != nil {
		s.t.Fatal(remedy.Text(err))
	}
	plan, err := Decide(context.Background(), s.db, files, opt)
	if err != nil {
		s.t.Fatal(remedy.Text(err))
	}
	return plan
}

// apply applies what is pending and changed, and returns the result.
func (s *suite) apply(opt Options) (Result, error) {
	s.t.Helper()
	return Apply(context.Background(), s.db, s.plan(opt), progress.Discard)
}

func (s *suite) must(opt Options) Result {
	s.t.Helper()
	result, err := s.apply(opt)
	if err != nil {
		s.t.Fatal(remedy.Text(err))
	}
	return result
}

// inOneTransaction applies a plan as a reset does.
func (s *suite) inOneTransaction(plan Plan) {
	s.t.Helper()
	ctx := context.Background()
	err := s.db.InTx(ctx, func(tx postgres.Tx) error {
		if err := ledger.Prepare(ctx, tx); err != nil {
			return err
		}
		for _, step := range plan.Steps {
			if _, err := ApplyIn(ctx, tx, step); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(remedy.Text(err))
	}
}

// holds compares a query's only column, one line per row.
func (s *suite) holds(sql string, want ...string) {
	s.t.Helper()
	got, err := postgres.CollectStrings(s.db.Query(context.Background(), sql))
	if err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		s.t.Errorf("%s:\n got %q\nwant %q", sql, got, want)
	}
}

func (s *suite) exec(sql string) {
	s.t.Helper()
	if _, err := s.db.Exec(context.Background(), sql); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

var changed = Options{Changed: true}

func TestEachSeedIsAppliedOnceInTheOrderOfForeignKeys(t *testing.T) {
	s := newSuite(t,
		"10-shop.sql", "INSERT INTO shop.product (code) VALUES ('a'), ('b');\nINSERT INTO shop.sale (product, member) VALUES (1, 7);",
		"20-club.sql", "INSERT INTO club.member VALUES (7, 'Ada', NULL);",
		"shop/loose.csv", "a,b\n1,\n2,\"\"\n",
		"shop.log.sql", "-- naap: after=shop\nCOPY shop.log FROM stdin;\n1\n\\N\n\\.\n")
	plan := s.plan(Options{})
	want := "apply shop/loose.csv\napply 20-club.sql\napply 10-shop.sql\napply shop.log.sql\n"
	if plan.String() != want {
		t.Errorf("the plan is\n%swant\n%s", plan, want)
	}
	if result := s.must(Options{}); result.Rows != 8 || len(result.Applied) != 4 {
		t.Errorf("%d rows of %d files", result.Rows, len(result.Applied))
	}
	s.holds("SELECT coalesce(b, 'none') FROM shop.loose ORDER BY a", "none", "")
	s.holds("SELECT coalesce(n::text, 'none') FROM shop.log", "1", "none")
	if again := s.plan(changed); again.String() != "" {
		t.Errorf("a second run would\n%s", again)
	}
	s.holds("SELECT name || ' ' || rows FROM naap_dev.seed ORDER BY name", "10-shop.sql 3", "20-club.sql 1", "shop.log.sql 2", "shop/loose.csv 2")
}

func TestAChangedSeedWaitsAndThenReplacesItsRows(t *testing.T) {
	s := newSuite(t, "shop.sql", "-- naap: key=product(code)\nINSERT INTO shop.product (code, price) VALUES ('a', 1), ('b', 2), ('c', 3);")
	s.must(Options{})
	s.exec("INSERT INTO shop.product (id, code, price) VALUES (90, 'mine', 9)")
	s.exec("INSERT INTO shop.sale (product) SELECT id FROM shop.product WHERE code = 'mine'")
	s.write("shop.sql", "-- naap: key=product(code)\nINSERT INTO shop.product (code, price) VALUES ('a', 10), ('d', 4);")
	if got := s.plan(Options{}).String(); got != "leave shop.sql as it is: the file has changed since it was applied\n" {
		t.Errorf("without being asked it would\n%s", got)
	}
	if got := s.plan(changed).String(); got != "replace the rows of shop.sql\n" {
		t.Errorf("the plan is\n%s", got)
	}
	s.must(changed)
	s.holds("SELECT code || ' ' || price::int FROM shop.product ORDER BY code", "a 10", "d 4", "mine 9")
	s.holds("SELECT count(*)::text FROM shop.sale", "1")
	s.must(Options{Force: true})
	s.holds("SELECT code FROM shop.product ORDER BY code", "a", "d", "mine")
}

func TestRowsThatOthersReferToAreKeptOrTheSeedIsRefused(t *testing.T) {
	s := newSuite(t, "club.sql", "INSERT INTO club.member VALUES (1, 'Ada'), (2, 'Bea');")
	s.must(Options{})
	s.exec("INSERT INTO shop.product (code) VALUES ('x')")
	s.exec("INSERT INTO shop.sale (product, member) SELECT id, 2 FROM shop.product")
	s.write("club.sql", "INSERT INTO club.member VALUES (2, 'Bea the second');")
	s.must(changed)
	s.holds("SELECT name FROM club.member", "Bea the second")
	s.write("club.sql", "INSERT INTO club.member VALUES (3, 'Cleo');")
	_, err := s.apply(changed)
	if remedy.Code(err) != "seed.referenced" || remedy.Exit(err) != remedy.ExitRefused {
		t.Errorf("a seed without a row that is referred to: %v", err)
	}
	s.holds("SELECT name FROM club.member", "Bea the second")
	s.holds("SELECT count(*)::text FROM shop.sale", "1")
}

func TestRowsThatASeedOnlyChangedAreNotItsOwn(t *testing.T) {
	s := newSuite(t, "club.sql", "INSERT INTO club.member (id, name) VALUES (1, 'Ada'), (2, 'Bea') ON CONFLICT (id) DO UPDATE SET name = excluded.name;")
	s.exec("INSERT INTO club.member VALUES (1, 'mine', 'a note')")
	if result := s.must(Options{}); result.Rows != 1 {
		t.Errorf("%d rows are called its own", result.Rows)
	}
	s.write("club.sql", "INSERT INTO club.member (id, name) VALUES (3, 'Cleo') ON CONFLICT (id) DO UPDATE SET name = excluded.name;")
	s.must(changed)
	s.holds("SELECT id || ' ' || name || ' ' || coalesce(note, '') FROM club.member ORDER BY id", "1 Ada a note", "3 Cleo ")
}

func TestRowsOfSavepointsAndBlocksAreNoted(t *testing.T) {
	const text = `SAVEPOINT a; INSERT INTO club.member VALUES (1, 'in a savepoint'); RELEASE a;
DO $$ BEGIN BEGIN INSERT INTO club.member VALUES (2, 'in a block'); EXCEPTION WHEN others THEN NULL; END; END $$;
INSERT INTO club.member VALUES (3, 'plain');`
	s := newSuite(t, "club.sql", text)
	if result := s.must(Options{}); result.Rows != 3 {
		t.Errorf("%d rows are noted", result.Rows)
	}
	s.write("club.sql", strings.ReplaceAll(text, "'in ", "'again in "))
	s.must(changed)
	s.holds("SELECT name FROM club.member ORDER BY id", "again in a savepoint", "again in a block", "plain")
}

func TestSeedsOfOneTransactionKeepTheirRowsApart(t *testing.T) {
	s := newSuite(t, "a-club.sql", "", "club.sql", "INSERT INTO club.member VALUES (1, 'Ada');", "club.more.sql", "INSERT INTO club.member VALUES (2, 'Bea');")
	delete(s.files, "a-club.sql")
	plan := s.plan(Options{})
	s.inOneTransaction(plan)
	s.holds("SELECT seed || ' ' || keys FROM naap_dev.seed_rows ORDER BY seed", `club.more.sql [{"id": 2}]`, `club.sql [{"id": 1}]`)
}

func TestABrokenSeedLeavesNothingAndSaysWhere(t *testing.T) {
	for _, c := range []struct{ name, text, where, says string }{
		{"shop.sql", "INSERT INTO shop.product (code) VALUES ('a');\nINSERT INTO shop.log\n  VALUES (1, 2);", ":3:14:", "INSERT has more expressions"},
		{"shop.sql", "INSERT INTO shop.log VALUES (1);\n\nCOPY shop.log FROM stdin;\n1\n2\nx\n\\.\n", ":6:1:", "invalid input syntax"},
		{"shop/log.csv", "# naap: key=n\nn\n1\n2\ny\n", ":5:", "invalid input syntax"},
		{"shop/log.jsonl", "{\"n\": 1}\n{\"n\": 2}\n{\"n\": \"z\"}\n", ":3:", "invalid input syntax"},
		{"shop.sql", "INSERT INTO shop.log VALUES (1);\nDO $$ BEGIN RAISE EXCEPTION 'no %', 'more'; END $$;", ":2:1:", "no more"},
	} {
		s := newSuite(t, "10-club.sql", "INSERT INTO club.member VALUES (1, 'Ada');")
		s.must(Options{})
		s.write(c.name, c.text)
		result, err := s.apply(Options{})
		text := fmt.Sprint(err)
		if err != nil {
			text = remedy.Text(err)
		}
		if remedy.Code(err) != "seed.failed" || !strings.Contains(text, "seeds/"+c.name+c.where) || !strings.Contains(text, c.says) {
			t.Errorf("%s: %s", c.name, text)
		}
		if len(result.Applied) != 0 {
			t.Errorf("%s: %d files are said to be applied", c.name, len(result.Applied))
		}
		s.holds("SELECT (SELECT count(*) FROM shop.log) + (SELECT count(*) FROM shop.product) || ' ' || (SELECT count(*) FROM naap_dev.seed)", "0 1")
	}
}

func TestWhatWaitsForTheTransactionsEndNamesTheFile(t *testing.T) {
	s := newSuite(t, "shop.sql", "INSERT INTO shop.log VALUES (1);\nINSERT INTO shop.late VALUES (7);")
	s.exec("CREATE TABLE shop.late (member int REFERENCES club.member DEFERRABLE INITIALLY DEFERRED)")
	_, err := s.apply(Options{})
	if text := remedy.Text(err); remedy.Code(err) != "seed.failed" || !strings.Contains(text, "seeds/shop.sql:2:1:") || !strings.Contains(text, `table "late"`) {
		t.Errorf("%s", text)
	}
	s.holds("SELECT count(*)::text FROM shop.log", "0")
}

// TestSeedsDoNotSeeWhatOthersLeftInTheSession runs two files in transactions of their own, and in one.
func TestSeedsDoNotSeeWhatOthersLeftInTheSession(t *testing.T) {
	const leaves = `SET session_replication_role = replica; SELECT set_config('search_path', 'nowhere', false); SET TimeZone = 'Asia/Tokyo';
CREATE TEMP TABLE log (n int); CREATE ROLE naap_test_guest; SET ROLE naap_test_guest; RESET ROLE; DROP ROLE naap_test_guest; SET CONSTRAINTS ALL IMMEDIATE;
DECLARE c CURSOR WITH HOLD FOR SELECT * FROM shop.loose; INSERT INTO club.member VALUES (1, 'Ada');`
	const finds = `CREATE TEMP TABLE log_2 AS SELECT 1; INSERT INTO log VALUES (1); ALTER TABLE loose ADD COLUMN c int;
INSERT INTO late VALUES (2); INSERT INTO club.member VALUES (2, current_setting('TimeZone') || ' ' || current_setting('session_replication_role'));`
	for _, together := range []bool{false, true} {
		s := newSuite(t, "10-club.sql", leaves, "20-shop.sql", finds)
		s.exec("CREATE TABLE shop.late (member int REFERENCES club.member DEFERRABLE INITIALLY DEFERRED); SET TimeZone = 'UTC'")
		if together {
			s.inOneTransaction(s.plan(Options{}))
		} else {
			s.must(Options{})
		}
		s.holds("SELECT name ~ 'Tokyo|replica' || ' ' || (SELECT count(*) FROM shop.log) FROM club.member WHERE id = 2", "false 1")
	}
}

func TestNamesWithoutASchemaAreOfTheSeedsOwn(t *testing.T) {
	s := newSuite(t, "shop.sql", "INSERT INTO log VALUES (1); INSERT INTO elsewhere VALUES (2);")
	s.exec("CREATE TABLE public.elsewhere (n int); CREATE TABLE public.log (n int)")
	s.must(Options{})
	s.holds("SELECT n::text FROM shop.log UNION ALL SELECT n::text FROM public.elsewhere UNION ALL SELECT n::text FROM public.log", "1", "2")
}

func TestAStatementThatEndsTheTransactionIsTheLast(t *testing.T) {
	s := newSuite(t, "shop.sql", "INSERT INTO shop.log VALUES (1);\nSELECT 1; ROLLBACK -- to start over\n;\nINSERT INTO shop.log VALUES (2);")
	if _, err := s.apply(Options{}); remedy.Code(err) != "seed.transaction" || !strings.Contains(err.Error(), "seeds/shop.sql:2:11") {
		t.Errorf("%v", err)
	}
	s.holds("SELECT count(*)::text FROM shop.log", "0")
}

func TestARenamedFileIsTheSameSeed(t *testing.T) {
	s := newSuite(t, "shop.sql", "INSERT INTO shop.log VALUES (1);", "shop/loose.csv", "a,b\n1,x\n")
	s.must(Options{})
	s.files["10-shop.log.sql"], s.files["shop/5-loose.csv"] = s.files["shop.sql"], s.files["shop/loose.csv"]
	delete(s.files, "shop.sql")
	delete(s.files, "shop/loose.csv")
	want := "note that shop/loose.csv is called shop/5-loose.csv now\nnote that shop.sql is called 10-shop.log.sql now\n"
	if got := s.plan(Options{}).String(); got != want {
		t.Errorf("the plan is\n%swant\n%s", got, want)
	}
	s.must(Options{})
	if got := s.plan(changed).String(); got != "" {
		t.Errorf("after that it would\n%s", got)
	}
	s.must(Options{Force: true})
	s.write("public.log.sql", "INSERT INTO shop.log VALUES (1);") // of another schema: a separate seed
	s.must(Options{})
	s.holds("SELECT (SELECT count(*) FROM shop.log) || ' ' || (SELECT count(*) FROM shop.loose)", "2 1")
	s.holds("SELECT seed FROM naap_dev.seed_rows ORDER BY seed", "10-shop.log.sql", "public.log.sql", "shop/5-loose.csv")
}

func TestTwoThatSeedAtOnceBringEachRowOnce(t *testing.T) {
	s := newSuite(t, "shop.sql", "INSERT INTO shop.loose VALUES (1, 'x'); SELECT pg_sleep(0.05);", "club.sql", "INSERT INTO club.member VALUES (1, 'Ada');")
	plans := []Plan{s.plan(Options{}), s.plan(Options{}), s.plan(Options{})}
	var wg sync.WaitGroup
	for _, plan := range plans {
		wg.Go(func() {
			if _, err := Apply(context.Background(), s.db, plan, progress.Discard); err != nil {
				t.Error(remedy.Text(err))
			}
		})
	}
	wg.Wait()
	s.holds("SELECT count(*)::text FROM shop.loose", "1")
}

// TestAnEndAtAnyMomentIsAsOneCleanRun cancels and kills the application of seeds at random moments, changes files
// meanwhile, and compares the result with a database on which nothing was interrupted.
func TestAnEndAtAnyMomentIsAsOneCleanRun(t *testing.T) {
	files := []string{
		"club.sql", "INSERT INTO club.member SELECT n, 'member ' || n FROM generate_series(1, 3000) AS n;",
		"shop.sql", "COPY shop.product (id, code) FROM stdin;\n1\ta\n2\tb\n\\.\nINSERT INTO shop.log SELECT n FROM generate_series(1, 5000) n;\nINSERT INTO shop.sale (id, product, member) SELECT md5(n::text)::uuid, 1 + n % 2, n FROM generate_series(1, 3000) n;",
		"shop/loose.csv", "a,b\n" + strings.Repeat("1,x\n", 3000),
	}
	last := "INSERT INTO club.member SELECT n, 'person ' || n FROM generate_series(1, 3000) AS n;"
	const sum = `SELECT (SELECT sum(hashtext(m::text)) FROM club.member m) || ' ' || (SELECT sum(hashtext(p.code)) FROM shop.product p) || ' ' ||
(SELECT sum(hashtext(s::text)) FROM shop.sale s) || ' ' || (SELECT count(*) FROM shop.loose) || ' ' || (SELECT count(*) FROM shop.log)`
	clean := newSuite(t, files...)
	clean.write("club.sql", last)
	clean.must(Options{})
	want, err := postgres.CollectStrings(clean.db.Query(context.Background(), sum))
	if err != nil {
		t.Fatal(err)
	}
	s := newSuite(t, files...)
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 24 {
		if round == 12 {
			s.write("club.sql", last)
		}
		plan := s.plan(Options{Changed: true, Force: round%3 == 0})
		ctx, cancel := context.WithCancel(context.Background())
		after := time.Duration(r.IntN(120)) * time.Millisecond
		over := make(chan struct{})
		timer := time.AfterFunc(after, func() {
			defer close(over)
			if round%2 == 0 {
				cancel()
				return
			}
			_, _ = s.db.Exec(context.Background(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		})
		_, _ = Apply(ctx, s.db, plan, progress.Discard)
		if !timer.Stop() {
			<-over // else it would end sessions of the next round
		}
		cancel()
	}
	s.must(changed)
	s.holds(sum, want...)
}
