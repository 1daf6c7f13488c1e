package schemaplan

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

const userBefore = "model User {\n  id Int @id\n  name String?\n  age Int?\n}\nmodel Old {\n  id Int @id\n}\n"

func TestAPushThatDestroysIsRefusedUnlessToldSo(t *testing.T) {
	url, db := database(t)
	push(t, db, userBefore)
	run(t, db, `INSERT INTO "User" VALUES (1, 'a', 3), (2, 'b', NULL), (3, NULL, NULL); INSERT INTO "Old" VALUES (1)`)
	before := catalogue(t, url)
	p := plan(t, db, "model User {\n  id Int @id\n  age Int?\n}\n")
	if !p.Destructive() || p.Counts() != (Counts{Destroys: 2}) {
		t.Fatalf("counts %+v", p.Counts())
	}
	_, err := Apply(ctx, db, p, ApplyOptions{})
	if remedy.Code(err) != "push.destroys" || remedy.Exit(err) != remedy.ExitRefused {
		t.Fatalf("got %v", err)
	}
	text := remedy.Text(err)
	for _, part := range []string{"2 values of public.User.name", "1 row of public.Old", "schema.prisma:5:7", "--accept-data-loss"} {
		if !strings.Contains(text, part) {
			t.Errorf("the refusal lacks %q:\n%s", part, text)
		}
	}
	if after := catalogue(t, url); after != before {
		t.Errorf("the refused push changed something:\n%s", differences(before, after))
	}
	if _, err := Apply(ctx, db, p, ApplyOptions{AllowLoss: true}); err != nil {
		t.Fatal(err)
	}
	if n := number(t, db, `SELECT count(*) FROM "User" WHERE age = 3`); n != 1 {
		t.Errorf("the rows that stay are gone")
	}
}

func TestDroppingWhatIsEmptyDestroysNothing(t *testing.T) {
	_, db := database(t)
	push(t, db, userBefore)
	run(t, db, `INSERT INTO "User" VALUES (1, NULL, 3)`)
	p := plan(t, db, "model User {\n  id Int @id\n  age Int?\n}\n")
	if p.Destructive() {
		t.Errorf("an empty table and a column of NULLs lose nothing, but: %v", p.Summary(remedy.Target{}))
	}
	if _, err := Apply(ctx, db, p, ApplyOptions{}); err != nil {
		t.Error(err)
	}
}

func TestStepsThatCannotRunSayWhyAndHowMany(t *testing.T) {
	const before = "enum E {\n  A\n  B\n}\nmodel T {\n  id Int @id\n  a String?\n  b Int?\n  e E?\n  other Int?\n  big BigInt?\n}\nmodel R {\n  id Int @id\n}\n"
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(before) }
	cases := []struct {
		name, to, object, why string
		count                 int64
	}{
		{"a required column without a default", replace("  a String?\n", "  a String?\n  c String\n"), "public.T.c", "required and has no default", 4},
		{"a required column with a default of the client's", replace("  a String?\n", "  a String?\n  c String @default(cuid())\n"), "public.T.c", "required and has no default", 4},
		{"a column that becomes required", replace("a String?", "a String"), "public.T.a", "becomes required, and 1 row has it NULL", 1},
		{"a unique index on what is there twice", replace("b Int?", "b Int? @unique"), "public.T_b_key", "1 value of (b)", 1},
		{"a primary key on what may be NULL", replace("id Int @id\n  a", "id Int\n  a", "b Int?", "b Int @id"), "public.T.T_pkey", "(b)", 1},
		{"a foreign key to nothing", replace("other Int?", "other Int?\n  r R? @relation(fields: [other], references: [id])", "model R {\n", "model R {\n  ts T[]\n"), "public.T.T_other_fkey", "2 rows of public.T refer to no row of public.R", 2},
		{"an enum value that is in use", replace("  B\n", ""), "public.E", "1 row of public.T has B in e", 1},
		{"a column to be made again that is required", replace("id Int @id\n  a", "id Boolean @id\n  a"), "public.T.id", "made again", 4},
		{"strings that are too long", replace("a String?", "a String? @db.VarChar(3)"), "public.T.a", "1 value of public.T.a does not fit VARCHAR(3)", 1},
		{"numbers that are too large", replace("big BigInt?", "big Int?"), "public.T.big", "1 value of public.T.big does not fit INTEGER", 1},
	}
	_, db := database(t)
	push(t, db, before)
	run(t, db, `INSERT INTO "T" VALUES (1, 'abcd', 7, 'A', 1, 1), (2, 'b', 7, 'B', 2, 5000000000), (3, NULL, NULL, NULL, NULL, NULL), (4, 'd', 8, NULL, 4, 4);
		INSERT INTO "R" VALUES (1)`)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := plan(t, db, c.to)
			var found *Step
			for _, s := range p.blocked() {
				if s.Object == c.object {
					found = s
				}
			}
			if found == nil {
				t.Fatalf("no blocked step for %s in %v", c.object, p.Summary(remedy.Target{}))
			}
			if !strings.Contains(found.Blocked.Why, c.why) || found.Blocked.Count != c.count || len(found.Blocked.Ways) == 0 {
				t.Errorf("blocked: %+v", found.Blocked)
			}
			if _, err := Apply(ctx, db, p, ApplyOptions{AllowLoss: true}); remedy.Code(err) != "push.blocked" || remedy.Exit(err) != remedy.ExitRefused {
				t.Errorf("got %v", err)
			}
		})
	}
}

// aFunction exists while a plan is made, and is gone when it is carried out.
const aFunction = `CREATE FUNCTION no_such_function() RETURNS int LANGUAGE sql AS 'SELECT 1'`

func TestAFailedPushChangesNothingAndShowsTheLineAndTheServersWords(t *testing.T) {
	url, db := database(t)
	push(t, db, userBefore)
	before := catalogue(t, url)
	run(t, db, aFunction)
	p := plan(t, db, userBefore+"model New {\n  id Int @id\n  x  Int @default(dbgenerated(\"no_such_function()\"))\n}\n")
	run(t, db, "DROP FUNCTION no_such_function")
	_, err := Apply(ctx, db, p, ApplyOptions{})
	if remedy.Code(err) != "push.failed" {
		t.Fatalf("got %v", err)
	}
	var failure *refusedStatement
	if !errors.As(err, &failure) || failure.Server.Code != "42883" || failure.Step.Object != "public.New" {
		t.Fatalf("the failure is %+v", failure)
	}
	text := remedy.Text(err)
	for _, part := range []string{"create table public.New", "schema.prisma:13:7: model New {", "no_such_function() does not exist", "CREATE TABLE", "at line 3"} {
		if !strings.Contains(text, part) {
			t.Errorf("the failure lacks %q:\n%s", part, text)
		}
	}
	if after := catalogue(t, url); after != before {
		t.Errorf("the failed push changed something:\n%s", differences(before, after))
	}
}

func TestAFailureOnASyntaxErrorNamesItsOwnStatement(t *testing.T) {
	_, db := database(t)
	p := plan(t, db, "enum E {\n  A\n}\nmodel A {\n  id Int @id\n}\nmodel B {\n  id Int @id\n  x E @default(dbgenerated(\"((\"))\n}\nmodel C {\n  id Int @id\n}\n")
	_, err := Apply(ctx, db, p, ApplyOptions{})
	var failure *refusedStatement
	if !errors.As(err, &failure) || failure.Step.Object != "public.B" {
		t.Fatalf("got %v", err)
	}
}

func TestAPlanForAnotherStateIsRefused(t *testing.T) {
	_, db := database(t)
	p := plan(t, db, userBefore)
	run(t, db, `CREATE TABLE "Other" (id int)`)
	if _, err := Apply(ctx, db, p, ApplyOptions{}); remedy.Code(err) != "push.stale" {
		t.Errorf("got %v", err)
	}
}

func TestRowsThatCameSinceThePlanAreNotLost(t *testing.T) {
	_, db := database(t)
	push(t, db, userBefore)
	p := plan(t, db, "model User {\n  id Int @id\n  name String?\n  age Int?\n}\n")
	run(t, db, `INSERT INTO "Old" VALUES (1)`)
	_, err := Apply(ctx, db, p, ApplyOptions{})
	if remedy.Code(err) != "push.destroys" || !strings.Contains(remedy.Text(err), "1 row of public.Old") {
		t.Errorf("got %v", remedy.Text(err))
	}
	if n := number(t, db, `SELECT count(*) FROM "Old"`); n != 1 {
		t.Error("the row is gone")
	}
}

func TestABlockedPushNamesWhoBlocksIt(t *testing.T) {
	t.Parallel()
	url, db := database(t)
	push(t, db, userBefore)
	other, err := postgres.Connect(ctx, url, postgres.Options{Application: "somebody's console"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(ctx)
	if _, err := postgres.ExecScript(ctx, other, `BEGIN; SELECT * FROM "User"`); err != nil {
		t.Fatal(err)
	}
	p := plan(t, db, strings.Replace(userBefore, "age Int?", "age Int?\n  mail String?", 1))
	_, err = Apply(ctx, db, p, ApplyOptions{LockTimeout: 2 * time.Second})
	if remedy.Code(err) != "push.locked" || remedy.Exit(err) != remedy.ExitBusy {
		t.Fatalf("got %v", err)
	}
	text := remedy.Text(err)
	for _, part := range []string{fmt.Sprintf("pid %d", postgres.BackendPID(other)), "somebody's console", "idle in transaction", `SELECT * FROM "User"`} {
		if !strings.Contains(text, part) {
			t.Errorf("the error lacks %q:\n%s", part, text)
		}
	}
}

func TestASecondPushAtTheSameTimeIsToldSo(t *testing.T) {
	url, db := database(t)
	p := plan(t, db, userBefore)
	other, err := postgres.Connect(ctx, url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(ctx)
	if _, err := other.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(pushLock)); err != nil {
		t.Fatal(err)
	}
	if _, err := Apply(ctx, db, p, ApplyOptions{LockTimeout: 100 * time.Millisecond}); remedy.Code(err) != "push.busy" || remedy.Exit(err) != remedy.ExitBusy {
		t.Errorf("got %v", err)
	}
}

func TestAnEnumValueThatIsUsedAtOnceTakesATransactionOfItsOwn(t *testing.T) {
	_, db := database(t)
	push(t, db, "enum E {\n  A\n}\nmodel T {\n  id Int @id\n  e E @default(A)\n}\n")
	p := push(t, db, "enum E {\n  A\n  B\n  C\n}\nmodel T {\n  id Int @id\n  e E @default(B)\n  f E[] @default([C])\n}\n")
	if len(p.transactions()) != 2 || strings.Count(p.SQL(), "COMMIT;") != 2 {
		t.Errorf("the plan has %d transactions:\n%s", len(p.transactions()), p.SQL())
	}
	if list := strings.Join(p.Summary(remedy.Target{}), "\n"); !strings.Contains(list, "add value C to enum public.E\n= here the first transaction ends") {
		t.Errorf("the list does not show the split:\n%s", list)
	}
	if p = push(t, db, "enum E {\n  A\n  B\n  C\n  D\n}\nmodel T {\n  id Int @id\n  e E @default(B)\n  f E[] @default([C])\n}\n"); len(p.transactions()) != 1 {
		t.Errorf("a value that nobody uses takes no transaction of its own:\n%s", p.SQL())
	}
}

func TestAPlanIsMadeAndAppliedWithinATransactionOfTheCallers(t *testing.T) {
	url, db := database(t)
	before := catalogue(t, url)
	tx, err := db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, "SET LOCAL search_path = pg_temp"); err != nil {
		t.Fatal(err)
	}
	p := plan(t, tx, userBefore)
	if _, err := ApplyIn(ctx, tx, p, ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if again := plan(t, tx, userBefore); !again.Empty() {
		t.Errorf("the second plan is not empty: %v", again.Summary(remedy.Target{}))
	}
	if err := tx.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if after := catalogue(t, url); after != before {
		t.Errorf("the rollback left something:\n%s", differences(before, after))
	}
}

func TestInspectPutsTheSearchPathBack(t *testing.T) {
	_, db := database(t)
	tx, err := db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, "SET LOCAL search_path = pg_temp, public"); err != nil {
		t.Fatal(err)
	}
	if _, err := inspect(ctx, postgres.TxConn(tx), []string{"public"}, settings{}); err != nil {
		t.Fatal(err)
	}
	var path string
	if err := tx.QueryRow(ctx, "SHOW search_path").Scan(&path); err != nil || path != "pg_temp, public" {
		t.Errorf("search_path is %q, %v", path, err)
	}
}

func TestWithinOneTransactionAnEnumWithAValueThatIsUsedAtOnceIsMadeAgain(t *testing.T) {
	_, db := database(t)
	push(t, db, "enum E {\n  A\n}\nmodel T {\n  id Int @id\n  e E @default(A)\n}\n")
	run(t, db, `INSERT INTO "T" VALUES (1, 'A')`)
	const to = "enum E {\n  A\n  B\n}\nmodel T {\n  id Int @id\n  e E @default(B)\n}\n"
	tx, err := db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	if _, err := ApplyIn(ctx, tx, plan(t, tx, to), ApplyOptions{}); remedy.Code(err) != "push.split" {
		t.Errorf("got %v", err)
	}
	p := plan(t, tx, to, ComputeOptions{OneTransaction: true})
	if _, err := ApplyIn(ctx, tx, p, ApplyOptions{}); err != nil {
		t.Fatalf("%v\n%s", err, p.SQL())
	}
	if again := plan(t, tx, to); !again.Empty() || len(again.transactions()) != 0 {
		t.Errorf("the second plan is not empty:\n%s", again.SQL())
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if n := number(t, db, `SELECT count(*) FROM "T" WHERE e = 'A'`); n != 1 {
		t.Error("the row is gone")
	}
}

func TestASchemaThatTheFileDoesNotRuleIsNoneToPush(t *testing.T) {
	_, db := database(t)
	_, err := Compute(ctx, db, desired(t, userBefore), ComputeOptions{Schemas: []string{"publik"}})
	if remedy.Code(err) != "push.schema" || remedy.Exit(err) != remedy.ExitUsage {
		t.Errorf("got %v", err)
	}
}

func TestAFailureAfterASplitSaysWhatStays(t *testing.T) {
	_, db := database(t)
	push(t, db, "enum E {\n  A\n}\nmodel T {\n  id Int @id\n  e E @default(A)\n}\n")
	run(t, db, aFunction)
	p := plan(t, db, "enum E {\n  A\n  B\n}\nmodel T {\n  id Int @id\n  e E @default(B)\n  x Int @default(dbgenerated(\"no_such_function()\"))\n}\n")
	run(t, db, "DROP FUNCTION no_such_function")
	result, err := Apply(ctx, db, p, ApplyOptions{})
	text := remedy.Text(err)
	if remedy.Code(err) != "push.failed" || strings.Contains(text, "nothing was changed: ") || result.Transactions != 1 ||
		!strings.Contains(text, "the transaction in which it failed was rolled back") || !strings.Contains(text, "before that, 1 statement of the plan was committed") {
		t.Errorf("got %s, %+v", text, result)
	}
	if n := number(t, db, "SELECT count(*) FROM pg_enum WHERE enumlabel = 'B'"); n != 1 {
		t.Errorf("the value is there %d times", n)
	}
}

func TestNoMoreIsLostThanWasAllowed(t *testing.T) {
	_, db := database(t)
	push(t, db, userBefore)
	run(t, db, `INSERT INTO "Old" VALUES (1)`)
	p := plan(t, db, "model User {\n  id Int @id\n  age Int?\n}\n")
	run(t, db, `INSERT INTO "Old" VALUES (2); INSERT INTO "User" VALUES (1, 'a')`)
	_, err := Apply(ctx, db, p, ApplyOptions{AllowLoss: true})
	text := remedy.Text(err)
	if remedy.Code(err) != "push.stale" || remedy.Exit(err) != remedy.ExitRefused ||
		!strings.Contains(text, "loses 2 rows of public.Old, and was to lose 1 row of public.Old") || !strings.Contains(text, "loses 1 value of public.User.name, and was to lose nothing") {
		t.Errorf("got %s", text)
	}
	if n := number(t, db, `SELECT count(*) FROM "Old"`); n != 2 {
		t.Error("the rows are gone")
	}
	run(t, db, `DELETE FROM "Old"; DELETE FROM "User"`)
	if _, err := Apply(ctx, db, p, ApplyOptions{AllowLoss: true}); err != nil {
		t.Errorf("less than was allowed: %v", err)
	}
}

func TestNaapsOwnSchemaMakesNoPlanStale(t *testing.T) {
	_, db := database(t)
	p := plan(t, db, userBefore)
	run(t, db, `CREATE SCHEMA naap_dev; CREATE SCHEMA naap_undo_1`)
	if _, err := Apply(ctx, db, p, ApplyOptions{}); err != nil {
		t.Error(remedy.Text(err))
	}
}
