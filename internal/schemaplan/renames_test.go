package schemaplan

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

const (
	orders = "enum Status {\n  NEW\n  PAID\n  SENT\n}\nmodel Order {\n  id Int @id\n  note String\n  status Status @default(PAID)\n  old Status[]\n}\n"
	rows   = `INSERT INTO "Order" VALUES (1, 'a', 'NEW', '{}'), (2, 'b', 'PAID', '{PAID,SENT}')`
)

// offered returns the keys in the remedy's first line that names renames.
func offered(t *testing.T, err error) []string {
	t.Helper()
	for line := range strings.Lines(remedy.Text(err)) {
		if m := regexp.MustCompile(`--rename (\S+)`).FindAllStringSubmatch(line, -1); len(m) > 0 {
			var keys []string
			for _, k := range m {
				keys = append(keys, strings.Trim(k[1], "'"))
			}
			return keys
		}
	}
	t.Fatalf("no rename is offered: %s", remedy.Text(err))
	return nil
}

// takeOffer pushes, is refused, and pushes again with what the refusal offers.
func takeOffer(t *testing.T, db *postgres.DB, text string) *Plan {
	t.Helper()
	_, err := Apply(ctx, db, plan(t, db, text), ApplyOptions{})
	if code := remedy.Code(err); code != "push.blocked" && code != "push.destroys" {
		t.Fatalf("it is not refused: %v", err)
	}
	p := plan(t, db, text, ComputeOptions{Renames: offered(t, err)})
	if _, err := Apply(ctx, db, p, ApplyOptions{}); err != nil {
		t.Fatalf("%s\n%s", remedy.Text(err), p.SQL())
	}
	if again := plan(t, db, text); !again.Empty() {
		t.Errorf("the next plan is not empty:\n%s", again.SQL())
	}
	return p
}

func TestARenamedEnumIsOfferedWhereItsColumnsHaveRows(t *testing.T) {
	_, db := database(t)
	push(t, db, orders)
	run(t, db, rows)
	takeOffer(t, db, strings.ReplaceAll(strings.ReplaceAll(orders, " Status", " OrderStatus"), "enum Status", "enum OrderStatus"))
	if n := number(t, db, `SELECT count(*) FROM "Order" WHERE status = 'PAID' AND old = '{PAID,SENT}'`); n != 1 {
		t.Error("the values are gone")
	}
}

func TestARenamedEnumThatHasAnotherValueTooIsOffered(t *testing.T) {
	_, db := database(t)
	push(t, db, orders)
	run(t, db, rows)
	to := strings.ReplaceAll(strings.ReplaceAll(orders, " Status", " OrderStatus"), "  NEW\n", "  NEW\n  LOST\n")
	takeOffer(t, db, strings.ReplaceAll(to, "enum Status", "enum OrderStatus"))
	if n := number(t, db, `SELECT count(*) FROM "Order" WHERE status = 'PAID'`); n != 1 {
		t.Error("the values are gone")
	}
}

func TestARenamedEnumValueIsOffered(t *testing.T) {
	_, db := database(t)
	push(t, db, orders)
	run(t, db, rows)
	p := takeOffer(t, db, strings.ReplaceAll(orders, "PAID", "SETTLED"))
	if !has(p, renameEnumValue) || has(p, rebuildEnum) || !strings.Contains(p.SQL(), `ALTER TYPE "public"."Status" RENAME VALUE 'PAID' TO 'SETTLED'`) {
		t.Error(p.SQL())
	}
	if n := number(t, db, `SELECT count(*) FROM "Order" WHERE status = 'SETTLED' AND old = '{SETTLED,SENT}'`); n != 1 {
		t.Error("the rows do not have the new name")
	}
	run(t, db, `INSERT INTO "Order" (id, note) VALUES (9, 'c')`)
	if n := number(t, db, `SELECT count(*) FROM "Order" WHERE id = 9 AND status = 'SETTLED'`); n != 1 {
		t.Error("the default is another")
	}
}

func TestTwoRenamedEnumValuesAreOfferedByTheirPlaces(t *testing.T) {
	_, db := database(t)
	push(t, db, orders)
	run(t, db, rows)
	takeOffer(t, db, strings.NewReplacer("PAID", "SETTLED", "SENT", "SHIPPED").Replace(orders))
	if n := number(t, db, `SELECT count(*) FROM "Order" WHERE old = '{SETTLED,SHIPPED}'`); n != 1 {
		t.Error("the values are not in their places")
	}
}

// TestNoRemedyGivesRowsAValueThatIsNotThereYet removes a value while others are added: the UPDATE that is printed must
// run before the push.
func TestNoRemedyGivesRowsAValueThatIsNotThereYet(t *testing.T) {
	_, db := database(t)
	push(t, db, strings.Replace(orders, "  old Status[]\n", "", 1))
	run(t, db, `INSERT INTO "Order" VALUES (1, 'a', 'NEW'), (2, 'b', 'PAID')`)
	to := strings.Replace(strings.Replace(orders, "  old Status[]\n", "", 1), "  PAID\n", "  LATER\n  SOON\n", 1)
	to = strings.Replace(to, "@default(PAID)", "@default(NEW)", 1)
	_, err := Apply(ctx, db, plan(t, db, to), ApplyOptions{AllowLoss: true})
	update := regexp.MustCompile(`UPDATE .*`).FindString(remedy.Text(err))
	if remedy.Code(err) != "push.blocked" || update == "" {
		t.Fatalf("%s", remedy.Text(err))
	}
	run(t, db, update)
	push(t, db, to)
}

func TestRenamesThatNeedEachOtherAreOfferedTogether(t *testing.T) {
	_, db := database(t)
	push(t, db, orders)
	run(t, db, rows)
	to := "enum OrderStatus {\n  NEW\n  SETTLED\n  SENT\n}\nmodel Purchase {\n  id Int @id\n  note String\n  state OrderStatus @default(SETTLED)\n  old OrderStatus[]\n}\n"
	_, err := Apply(ctx, db, plan(t, db, to), ApplyOptions{})
	if keys := offered(t, err); len(keys) < 3 || !slices.Contains(keys, "public.Order>public.Purchase") {
		t.Errorf("offered %q", keys)
	}
	takeOffer(t, db, to)
	if n := number(t, db, `SELECT count(*) FROM "Purchase" WHERE state = 'SETTLED' AND old = '{SETTLED,SENT}' AND note = 'b'`); n != 1 {
		t.Error("the row is not whole")
	}
}

func TestAnEnumThatBecomesTextKeepsItsValues(t *testing.T) {
	_, db := database(t)
	push(t, db, strings.Replace(orders, "  note String\n", "  note String\n  short Status @default(NEW)\n", 1))
	run(t, db, `INSERT INTO "Order" VALUES (1, 'a', 'SENT', 'NEW', '{}'), (2, 'b', 'NEW', 'PAID', '{PAID,SENT}')`)
	p := push(t, db, "model Order {\n  id Int @id\n  note String\n  status String @default(\"PAID\")\n  short String @db.VarChar(4)\n  old String[]\n}\n")
	if has(p, recreateColumn) || p.Destructive() {
		t.Errorf("%s", p.SQL())
	}
	if n := number(t, db, `SELECT count(*) FROM "Order" WHERE status = 'PAID' AND old = '{PAID,SENT}' AND short = 'NEW'`); n != 1 {
		t.Error("the values are gone")
	}
}

func TestAnEnumThatBecomesAShorterTextIsCounted(t *testing.T) {
	_, db := database(t)
	push(t, db, orders)
	run(t, db, rows)
	_, err := Apply(ctx, db, plan(t, db, "model Order {\n  id Int @id\n  note String\n  status String @default(\"PAID\") @db.VarChar(3)\n}\n"), ApplyOptions{AllowLoss: true})
	if remedy.Code(err) != "push.blocked" || !strings.Contains(remedy.Text(err), "1 value of public.Order.status does not fit") {
		t.Errorf("%s", remedy.Text(err))
	}
}
