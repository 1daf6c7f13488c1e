package schemaplan

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

var castTypes = []string{
	"String", "String @db.Char(5)", "String @db.Char(30)", "String @db.VarChar", "String @db.VarChar(5)", "String @db.VarChar(30)",
	"String @db.Bit(5)", "String @db.Bit(10)", "String @db.VarBit", "String @db.VarBit(5)", "String @db.VarBit(10)", "String @db.Uuid",
	"String @db.Xml", "String @db.Inet", "String @db.Citext", "Boolean", "Int", "Int @db.SmallInt", "Int @db.Oid", "BigInt", "Float",
	"Float @db.Real", "Decimal", "Decimal @db.Decimal", "Decimal @db.Decimal(10, 2)", "Decimal @db.Decimal(4, 0)", "Decimal @db.Money",
	"DateTime", "DateTime @db.Timestamp(0)", "DateTime @db.Timestamptz(3)", "DateTime @db.Date", "DateTime @db.Time(6)",
	"DateTime @db.Time(0)", "DateTime @db.Timetz(6)", "Json", "Json @db.Json", "Bytes", "E", "F",
}

// castSchema returns a schema with a table for each type and in it a column for each type; a column has the table's
// type or its own.
func castSchema(arity string, own bool) string {
	var b strings.Builder
	b.WriteString(head + "enum E {\n  A\n}\nenum F {\n  A\n}\n")
	for i, from := range castTypes {
		fmt.Fprintf(&b, "model T%d {\n  id Int @id\n", i)
		for j, to := range castTypes {
			typ := to
			if own {
				typ = from
			}
			name, rest, _ := strings.Cut(typ, " ")
			fmt.Fprintf(&b, "  c%d %s%s %s\n", j, name, arity, rest)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// castOnPurpose reports whether our class of a change deliberately differs from real Prisma's.
func castOnPurpose(from, to string) bool {
	switch {
	case strings.Contains(from, "Time(") && strings.Contains(to, "Time("):
		return true // Prisma discards times of day to change their precision
	case from == "Decimal @db.Money":
		return true // Prisma tries casts that the server does not have
	case (from == "E" || from == "F") && strings.HasPrefix(to, "String") && !strings.Contains(to, "Xml"):
		return true // Prisma discards labels although they are texts already
	}
	return false
}

func TestTypesAreCastWherePrismaCastsThem(t *testing.T) {
	o := askOracle(t)
	for _, arity := range []string{"?", "[]"} {
		url, db := database(t)
		run(t, db, "CREATE EXTENSION citext")
		push(t, db, castSchema(arity, true))
		to := castSchema(arity, false)
		a := o.ask(t, map[string]any{"do": "sql", "schema": to, "url": url})
		if a.Error != "" {
			t.Fatal(a.Error)
		}
		theirs := map[string]string{}
		table := ""
		form := regexp.MustCompile(`ALTER TABLE "(T\d+)"|(DROP) COLUMN "(c\d+)"|ALTER COLUMN "(c\d+)" (SET) DATA`)
		for _, m := range form.FindAllStringSubmatch(a.SQL, -1) {
			switch {
			case m[1] != "":
				table = m[1]
			case m[2] != "":
				theirs[table+"."+m[3]] = "made again"
			}
			if m[5] != "" {
				theirs[table+"."+m[4]] = "cast"
			}
		}
		ours := map[string]string{}
		for _, s := range plan(t, db, to).Steps {
			ours[strings.TrimPrefix(s.Object, "public.")] = map[Kind]string{alterColumn: "cast", recreateColumn: "made again"}[s.Kind]
		}
		for i, from := range castTypes {
			for j, to := range castTypes {
				key := fmt.Sprintf("T%d.c%d", i, j)
				if ours[key] != theirs[key] && !castOnPurpose(from, to) {
					t.Errorf("%s%s to %s%s: ours %q, real Prisma's %q", from, arity, to, arity, ours[key], theirs[key])
				}
			}
		}
	}
}

// TestEachCastThatIsPlannedRuns casts a column of each type to every other one, with a value in it that every cast that
// is called safe must accept.
func TestEachCastThatIsPlannedRuns(t *testing.T) {
	_, db := database(t)
	run(t, db, "CREATE EXTENSION citext")
	text := castSchema("?", true)
	push(t, db, text)
	p := plan(t, db, castSchema("?", false))
	if n := len(p.filter(func(s *Step) bool { return s.Kind == alterColumn })); n < 300 {
		t.Fatalf("only %d casts", n)
	}
	if _, err := Apply(ctx, db, p, ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if again := plan(t, db, castSchema("?", false)); !again.Empty() {
		t.Errorf("the second plan is not empty:\n%s", again.SQL())
	}
}

func TestSafeCastsTakeEveryValue(t *testing.T) {
	extremes := map[string]string{
		"Int": "-2147483648", "Int @db.SmallInt": "-32768", "BigInt": "-9223372036854775808", "Float @db.Real": "'-1.1754944e-38'",
		"Float": "0.30000000000000004", "Json": `'{"a": 1, "b": "ü"}'`, "Json @db.Json": `'{"a":1,  "a":2}'`,
		"Boolean": "false", "String @db.Uuid": "'00000000-0000-0000-0000-000000000000'", "DateTime": "'12021-01-02 03:04:05.678'",
		"DateTime @db.Timestamptz(3)": "'2021-01-02 03:04:05.678+05:30'", "DateTime @db.Date": "'2021-01-02'", "DateTime @db.Time(6)": "'03:04:05.678901'",
		"DateTime @db.Timetz(6)": "'03:04:05.678901+05:30'", "String @db.Bit(5)": "B'10101'", "String @db.VarBit(5)": "B'10101'",
		"Decimal @db.Decimal(10, 2)": "-12345678.91", "Decimal @db.Decimal(4, 0)": "-1234", "String @db.VarChar(5)": "'abcde'", "Int @db.Oid": "4294967295",
		"Decimal @db.Decimal": "0.1234567890123456789012345678901234567890",
	}
	_, db := database(t)
	run(t, db, "CREATE EXTENSION citext")
	push(t, db, castSchema("?", true))
	for i, from := range castTypes {
		if v := extremes[from]; v != "" {
			names, values := []string{"id"}, []string{"1"}
			for j := range castTypes {
				names, values = append(names, fmt.Sprintf("c%d", j)), append(values, v)
			}
			run(t, db, fmt.Sprintf(`INSERT INTO "T%d" (%s) VALUES (%s); CREATE SCHEMA s%d; CREATE TABLE s%d.kept AS TABLE "T%d"`,
				i, strings.Join(names, ", "), strings.Join(values, ", "), i, i, i))
		}
	}
	p := plan(t, db, castSchema("?", false))
	safe := p.only(func(s *Step) bool { return s.Kind == alterColumn && s.Destroys == nil && s.Blocked == nil })
	if len(safe.Steps) < 100 {
		t.Fatalf("only %d safe casts", len(safe.Steps))
	}
	if _, err := Apply(ctx, db, safe, ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	survive(t, db, extremes)
}

// survive casts each value back, and compares it with the original.
func survive(t *testing.T, db *postgres.DB, extremes map[string]string) {
	for i, from := range castTypes {
		if extremes[from] == "" {
			continue
		}
		for j, to := range castTypes {
			var kept, back string
			err := db.QueryRow(ctx, fmt.Sprintf(`SELECT format_type(a.atttypid, a.atttypmod), k.c%d::text FROM s%d.kept k, pg_attribute a
				WHERE a.attrelid = 's%d.kept'::regclass AND a.attname = 'c%d'`, j, i, i, j)).Scan(&back, &kept)
			if err == nil {
				via := "::text"
				if strings.HasPrefix(from, "Int") || strings.HasPrefix(from, "BigInt") || strings.HasPrefix(from, "Decimal") {
					via = "" // an integer does not accept 1.00
				}
				err = db.QueryRow(ctx, fmt.Sprintf(`SELECT c%d%s::%s::text FROM "T%d"`, j, via, back, i)).Scan(&back)
			}
			if err != nil || back != kept {
				t.Errorf("%s to %s: %s came back as %s, %v", from, to, kept, back, err)
			}
		}
	}
}

func TestACastCountsTheValuesThatDoNotComeBack(t *testing.T) {
	_, db := database(t)
	const before = "model T {\n  id Int @id\n  f Float?\n  r Float? @db.Real\n  d Decimal?\n  j Json? @db.Json\n}\n"
	push(t, db, before)
	run(t, db, `INSERT INTO "T" VALUES (1, 0.30000000000000004, 16777217, 1.5, '{"a": [{"b": 1, "b": 2}]}'), (2, 0.5, 2, 2, '{"a": 1, "b": {"a": 2}}'),
		(3, 2147483647.4, 2147483520, 2147483647.4, '[]'), (4, -3, -3, -3, NULL), (5, NULL, NULL, NULL, 'null')`)
	for field, want := range map[string]struct {
		to         string
		lost, held int64
	}{
		"f Float?":          {"f Decimal?", 1, 0},
		"f Float? ":         {"f Decimal? @db.Decimal(20, 4)", 1, 0},
		"f Float?  ":        {"f Decimal? @db.Decimal", 1, 0},
		"f Float?   ":       {"f Int?", 3, 0},
		"f Float?    ":      {"f BigInt?", 3, 0},
		"r Float? @db.Real": {"r Decimal?", 2, 0},
		"d Decimal?":        {"d Int?", 2, 0},
		"d Decimal? ":       {"d Int? @db.SmallInt", 1, 1},
		"j Json? @db.Json":  {"j Json?", 1, 0},
	} {
		p := plan(t, db, strings.Replace(before, strings.TrimSpace(field), want.to, 1))
		if len(p.Steps) != 1 {
			t.Fatalf("%s: %v", want.to, p.Summary(remedy.Target{}))
		}
		var lost, held int64
		if s := p.Steps[0]; s.Destroys != nil {
			lost = s.Destroys.NonNull
		}
		if s := p.Steps[0]; s.Blocked != nil {
			held = s.Blocked.Count
		}
		if lost != want.lost || held != want.held {
			t.Errorf("%s to %s: %d lost, %d refused: %v", field, want.to, lost, held, p.Summary(remedy.Target{}))
		}
	}
	run(t, db, `UPDATE "T" SET f = 'NaN' WHERE id = 1; UPDATE "T" SET f = 9223372036854775807, j = '"\u0000"' WHERE id = 2`)
	for field, to := range map[string]string{"f Float?": "f BigInt?", "j Json? @db.Json": "j Json?"} {
		if p := plan(t, db, strings.Replace(before, field, to, 1)); len(p.blocked()) != 1 {
			t.Errorf("%s: %v", to, p.Summary(remedy.Target{}))
		}
	}
}
