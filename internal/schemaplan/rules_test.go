package schemaplan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// fromEmpty returns the statements that make an empty database match the text.
func fromEmpty(t *testing.T, text string) []string {
	t.Helper()
	want := desired(t, text)
	have := &Database{Scope: want.Scope, Schemas: []schema{{Name: "public"}}}
	var out []string
	for _, s := range newDiffer(have, want, &canon{}, nil).diff() {
		out = append(out, s.Statements...)
	}
	return out
}

// columnOf returns the definition of the column x in a model with that field.
func columnOf(t *testing.T, field string) string {
	t.Helper()
	text := "enum E {\n  A\n  B @map(\"b's\")\n  @@map(\"e type\")\n}\nmodel T {\n  id Int @id\n  " + field + "\n}\n"
	for _, s := range fromEmpty(t, text) {
		if _, rest, found := strings.Cut(s, `    "x" `); found {
			line, _, _ := strings.Cut(rest, "\n")
			return strings.TrimSuffix(line, ",")
		}
	}
	t.Fatalf("no column for %q", field)
	return ""
}

func TestEachTypeIsSpelledAsPrismaSpellsIt(t *testing.T) {
	for field, want := range map[string]string{
		"String": "TEXT", "Boolean": "BOOLEAN", "Int": "INTEGER", "BigInt": "BIGINT", "Float": "DOUBLE PRECISION",
		"Decimal": "DECIMAL(65,30)", "DateTime": "TIMESTAMP(3)", "Json": "JSONB", "Bytes": "BYTEA",
		"E": `"public"."e type"`, `Unsupported("circle")`: "circle",
		"String @db.Text": "TEXT", "String @db.Char(5)": "CHAR(5)", "String @db.Char": "CHAR", "String @db.VarChar(10)": "VARCHAR(10)",
		"String @db.VarChar": "VARCHAR", "String @db.Bit": "BIT", "String @db.Bit(4)": "BIT(4)", "String @db.VarBit": "VARBIT",
		"String @db.VarBit(7)": "VARBIT(7)", "String @db.Uuid": "UUID", "String @db.Xml": "XML", "String @db.Inet": "INET",
		"String @db.Citext": "CITEXT", "Boolean @db.Boolean": "BOOLEAN", "Int @db.Integer": "INTEGER", "Int @db.SmallInt": "SMALLINT",
		"Int @db.Oid": "OID", "BigInt @db.BigInt": "BIGINT", "Float @db.DoublePrecision": "DOUBLE PRECISION", "Float @db.Real": "REAL",
		"Decimal @db.Decimal": "DECIMAL", "Decimal @db.Decimal(10, 2)": "DECIMAL(10,2)", "Decimal @db.Money": "MONEY",
		"DateTime @db.Timestamp": "TIMESTAMP", "DateTime @db.Timestamp(0)": "TIMESTAMP(0)", "DateTime @db.Timestamptz": "TIMESTAMPTZ",
		"DateTime @db.Timestamptz(6)": "TIMESTAMPTZ(6)", "DateTime @db.Date": "DATE", "DateTime @db.Time": "TIME", "DateTime @db.Time(2)": "TIME(2)",
		"DateTime @db.Timetz": "TIMETZ", "DateTime @db.Timetz(4)": "TIMETZ(4)", "Json @db.Json": "JSON", "Json @db.JsonB": "JSONB", "Bytes @db.ByteA": "BYTEA",
	} {
		if got := columnOf(t, "x "+field); got != want+" NOT NULL" {
			t.Errorf("%s is %q, want %q", field, got, want+" NOT NULL")
		}
		typ, rest, _ := strings.Cut(field, " ")
		if got := columnOf(t, "x "+typ+"[] "+rest); got != want+"[]" {
			t.Errorf("a list of %s is %q, want %q", field, got, want+"[]")
		}
		if got := columnOf(t, "x "+typ+"? "+rest); got != want {
			t.Errorf("an optional %s is %q, want %q", field, got, want)
		}
	}
}

func TestEachDefaultIsSpelledAsPrismaSpellsIt(t *testing.T) {
	for field, want := range map[string]string{
		`Int @default(autoincrement())`:                          "SERIAL NOT NULL",
		`BigInt @default(autoincrement())`:                       "BIGSERIAL NOT NULL",
		`Int @default(autoincrement()) @db.SmallInt`:             "SMALLSERIAL NOT NULL",
		`Int? @default(autoincrement())`:                         "SERIAL",
		`String @default(uuid())`:                                "TEXT NOT NULL",
		`String @default(uuid(7))`:                               "TEXT NOT NULL",
		`String @default(cuid())`:                                "TEXT NOT NULL",
		`String @default(cuid(2))`:                               "TEXT NOT NULL",
		`String @default(nanoid(10))`:                            "TEXT NOT NULL",
		`String @default(ulid())`:                                "TEXT NOT NULL",
		`DateTime @updatedAt`:                                    "TIMESTAMP(3) NOT NULL",
		`String @default(dbgenerated())`:                         "TEXT NOT NULL",
		`DateTime @default(now())`:                               "TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP",
		`DateTime @default(now()) @updatedAt`:                    "TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP",
		`DateTime @default(now()) @db.Date`:                      "DATE NOT NULL DEFAULT CURRENT_TIMESTAMP",
		`String @default(dbgenerated("a || 'b'"))`:               "TEXT NOT NULL DEFAULT a || 'b'",
		`String @default("it's \\ \"q\"")`:                       `TEXT NOT NULL DEFAULT 'it''s \ "q"'`,
		`String @default("")`:                                    "TEXT NOT NULL DEFAULT ''",
		`E @default(B)`:                                          `"public"."e type" NOT NULL DEFAULT 'b''s'`,
		`Json @default("[1,   2]")`:                              "JSONB NOT NULL DEFAULT '[1,   2]'",
		`Bytes @default("SGVsbG8=")`:                             `BYTEA NOT NULL DEFAULT '\x48656c6c6f'`,
		`Bytes @default("")`:                                     `BYTEA NOT NULL DEFAULT '\x'`,
		`Boolean @default(false)`:                                "BOOLEAN NOT NULL DEFAULT false",
		`Int @default(007)`:                                      "INTEGER NOT NULL DEFAULT 7",
		`BigInt @default(-9223372036854775808)`:                  "BIGINT NOT NULL DEFAULT -9223372036854775808",
		`Float @default(1)`:                                      "DOUBLE PRECISION NOT NULL DEFAULT 1",
		`Float @default(1.0)`:                                    "DOUBLE PRECISION NOT NULL DEFAULT 1.0",
		`Float @default(0.000000001)`:                            "DOUBLE PRECISION NOT NULL DEFAULT 0.000000001",
		`Decimal @default(99.90)`:                                "DECIMAL(65,30) NOT NULL DEFAULT 99.90",
		`Decimal @default("12.3400")`:                            "DECIMAL(65,30) NOT NULL DEFAULT 12.3400",
		`Decimal @default("1e3")`:                                "DECIMAL(65,30) NOT NULL DEFAULT 1000",
		`DateTime @default("2020-01-02 03:04:05Z")`:              "TIMESTAMP(3) NOT NULL DEFAULT '2020-01-02 03:04:05 +00:00'",
		`DateTime @default("2016-12-31t23:59:60.5Z")`:            "TIMESTAMP(3) NOT NULL DEFAULT '2016-12-31 23:59:60.500 +00:00'",
		`DateTime @default("2020-01-02T03:04:05Z")`:              "TIMESTAMP(3) NOT NULL DEFAULT '2020-01-02 03:04:05 +00:00'",
		`DateTime @default("2020-01-02T03:04:05.1-05:30")`:       "TIMESTAMP(3) NOT NULL DEFAULT '2020-01-02 03:04:05.100 -05:30'",
		`DateTime @default("2020-01-02T03:04:05.1234Z")`:         "TIMESTAMP(3) NOT NULL DEFAULT '2020-01-02 03:04:05.123400 +00:00'",
		`DateTime @default("2020-01-02T03:04:05.1234567Z")`:      "TIMESTAMP(3) NOT NULL DEFAULT '2020-01-02 03:04:05.123456700 +00:00'",
		`String[] @default([])`:                                  "TEXT[] DEFAULT ARRAY[]::TEXT[]",
		`String[] @default(["a", "b'c"]) @db.VarChar(10)`:        "VARCHAR(10)[] DEFAULT ARRAY['a', 'b''c']::VARCHAR(10)[]",
		`E[] @default([A, B])`:                                   `"public"."e type"[] DEFAULT ARRAY['A', 'b''s']::"public"."e type"[]`,
		`Decimal[] @default([1.50])`:                             "DECIMAL(65,30)[] DEFAULT ARRAY[1.50]::DECIMAL(65,30)[]",
		`Bytes[] @default(["SGVsbG8="])`:                         `BYTEA[] DEFAULT ARRAY['\x48656c6c6f']::BYTEA[]`,
		`Boolean[] @default([true])`:                             "BOOLEAN[] DEFAULT ARRAY[true]::BOOLEAN[]",
		`Unsupported("point") @default(dbgenerated("x::point"))`: "point NOT NULL DEFAULT x::point",
	} {
		if got := columnOf(t, "x "+field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}

func TestPlainDecimalsKeepTheirScale(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1", "1.0": "1.0", "-0.50": "-0.50", "1e3": "1000", "1.5E2": "150", "1.55e1": "15.5", "1e-5": "0.00001", "-12.5e-1": "-1.25",
		"007.70": "7.70", ".5": "0.5", "-0": "0", "+3": "3",
	} {
		if got, err := plainDecimal(text); got != want || err != nil {
			t.Errorf("%s is %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "e3", "1e", "x", "1.2.3", "0x10", "1e9999"} {
		if got, err := plainDecimal(text); err == nil {
			t.Errorf("%q is no number, but became %q", text, got)
		}
	}
}

func TestIndexesAndKeysAreSpelledAsPrismaSpellsThem(t *testing.T) {
	for block, want := range map[string]string{
		"@@index([a])":                                   `CREATE INDEX "T_a col_idx" ON "public"."T"("a col")`,
		"@@unique([a, b])":                               `CREATE UNIQUE INDEX "T_a col_b_key" ON "public"."T"("a col", "b")`,
		`@@unique([a, b], name: "client")`:               `CREATE UNIQUE INDEX "T_a col_b_key" ON "public"."T"("a col", "b")`,
		`@@unique([a, b], name: "client", map: "db")`:    `CREATE UNIQUE INDEX "db" ON "public"."T"("a col", "b")`,
		`@@index([a], name: "legacy")`:                   `CREATE INDEX "legacy" ON "public"."T"("a col")`,
		"@@index([a(sort: Desc), b(sort: Asc)])":         `CREATE INDEX "T_a col_b_idx" ON "public"."T"("a col" DESC, "b" ASC)`,
		"@@index([a], type: Hash)":                       `CREATE INDEX "T_a col_idx" ON "public"."T" USING HASH ("a col")`,
		"@@index([j(ops: JsonbPathOps)], type: Gin)":     `CREATE INDEX "T_j_idx" ON "public"."T" USING GIN ("j" jsonb_path_ops)`,
		"@@index([b], type: Brin)":                       `CREATE INDEX "T_b_idx" ON "public"."T" USING BRIN ("b")`,
		`@@index([a(ops: raw("text_pattern_ops"))])`:     `CREATE INDEX "T_a col_idx" ON "public"."T"("a col" text_pattern_ops)`,
		`@@index([a(ops: raw("x_ops"), sort: Desc), b])`: `CREATE INDEX "T_a col_b_idx" ON "public"."T"("a col" x_ops DESC, "b")`,
		`@@unique([a], map: "it's")`:                     `CREATE UNIQUE INDEX "it's" ON "public"."T"("a col")`,
	} {
		statements := fromEmpty(t, "model T {\n  id Int @id\n  a String @map(\"a col\")\n  b Int\n  j Json\n  "+block+"\n}\n")
		if got := statements[len(statements)-1]; got != want {
			t.Errorf("%s is %q, want %q", block, got, want)
		}
	}
}

func TestOperatorClassesHaveTheServersNames(t *testing.T) {
	for name, want := range map[string]string{
		"JsonbPathOps": "jsonb_path_ops", "InetOps": "inet_ops", "ArrayOps": "array_ops", "TextOps": "text_ops",
		"TimestampMinMaxMultiOps": "timestamp_minmax_multi_ops", "TimestampTzBloomOps": "timestamptz_bloom_ops",
		"TimeTzMinMaxOps": "timetz_minmax_ops", "VarBitMinMaxOps": "varbit_minmax_ops", "Float4BloomOps": "float4_bloom_ops",
		"Int2MinMaxMultiOps": "int2_minmax_multi_ops", "InetInclusionOps": "inet_inclusion_ops",
	} {
		if got := operatorClass(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestForeignKeysHavePrismasActions(t *testing.T) {
	const text = "model P {\n  id Int @id\n  c C[]\n  @@map(\"parents\")\n}\nmodel C {\n  id Int @id\n  pId Int%s\n  p P%s @relation(fields: [pId], references: [id]%s)\n}\n"
	const fk = `ALTER TABLE "public"."C" ADD CONSTRAINT "%s" FOREIGN KEY ("pId") REFERENCES "public"."parents"("id") ON DELETE %s ON UPDATE %s`
	for _, c := range []struct{ null, more, name, onDelete, onUpdate string }{
		{"", "", "C_pId_fkey", "RESTRICT", "CASCADE"},
		{"?", "", "C_pId_fkey", "SET NULL", "CASCADE"},
		{"", ", onDelete: Cascade, onUpdate: Restrict", "C_pId_fkey", "CASCADE", "RESTRICT"},
		{"?", ", onDelete: NoAction, onUpdate: NoAction", "C_pId_fkey", "NO ACTION", "NO ACTION"},
		{"?", ", onDelete: SetDefault, onUpdate: SetNull, map: \"my fk\"", "my fk", "SET DEFAULT", "SET NULL"},
	} {
		statements := fromEmpty(t, fmt.Sprintf(text, c.null, c.null, c.more))
		if got, want := statements[len(statements)-1], fmt.Sprintf(fk, c.name, c.onDelete, c.onUpdate); got != want {
			t.Errorf("%+v is %q, want %q", c, got, want)
		}
	}
}

func TestViewsAndRelationModePrismaMakeNoForeignKeys(t *testing.T) {
	const models = "model P {\n  id Int @id\n  c C[]\n  m C[] @relation(\"m\")\n}\nmodel C {\n  id Int @id\n  pId Int\n  p P @relation(fields: [pId], references: [id])\n  m P[] @relation(\"m\")\n}\nview V {\n  id Int @unique\n}\n"
	statements := strings.Join(fromEmpty(t, "generator g {\n  provider = \"x\"\n  previewFeatures = [\"views\"]\n}\ndatasource db {\n  provider = \"postgresql\"\n  url = \"x\"\n  relationMode = \"prisma\"\n}\n"+models), "\n")
	if strings.Contains(statements, "FOREIGN KEY") || strings.Contains(statements, `"V"`) || strings.Count(statements, "CREATE TABLE") != 3 {
		t.Errorf("the statements are:\n%s", statements)
	}
}

func TestSchemasAreMadeInByteOrderAndOnlyWhereSomethingLies(t *testing.T) {
	text := "datasource db {\n  provider = \"postgresql\"\n  url = \"x\"\n  schemas = [\"b\", \"unused\", \"a\", \"B\"]\n}\n" +
		"model X {\n  id Int @id\n  @@schema(\"b\")\n}\nmodel Y {\n  id Int @id\n  @@schema(\"a\")\n}\nenum E {\n  A\n  @@schema(\"B\")\n}\n"
	statements := fromEmpty(t, text)
	want := []string{`CREATE SCHEMA IF NOT EXISTS "B"`, `CREATE SCHEMA IF NOT EXISTS "a"`, `CREATE SCHEMA IF NOT EXISTS "b"`}
	if strings.Join(statements[:3], "\n") != strings.Join(want, "\n") {
		t.Errorf("the statements are %q", statements)
	}
}

func TestAnEnumValueWithAQuoteIsEscaped(t *testing.T) {
	if got := fromEmpty(t, "enum E {\n  A @map(\"it's\")\n}\n")[0]; got != `CREATE TYPE "public"."E" AS ENUM ('it''s')` {
		t.Error(got)
	}
}

func TestExtensionsAreMadeWithWhatTheFileSays(t *testing.T) {
	text := "generator g {\n  provider = \"x\"\n  previewFeatures = [\"postgresqlExtensions\"]\n}\ndatasource db {\n  provider = \"postgresql\"\n  url = \"x\"\n" +
		"  extensions = [citext, pg_trgm(schema: \"public\"), uuidOssp(map: \"uuid-ossp\", version: \"1.1\"), hstore(schema: \"public\", version: \"1.8\")]\n}\n"
	want := `CREATE EXTENSION IF NOT EXISTS "citext"
CREATE EXTENSION IF NOT EXISTS "pg_trgm" WITH SCHEMA "public"
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH VERSION "1.1"
CREATE EXTENSION IF NOT EXISTS "hstore" WITH SCHEMA "public" VERSION "1.8"`
	if got := strings.Join(fromEmpty(t, text), "\n"); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestANameThatTheServerWouldCutIsRefused(t *testing.T) {
	long := strings.Repeat("n", 64)
	field := &prisma.Field{Name: "id", DBName: long, Type: "Int"}
	model := &prisma.Model{Name: "T", DBName: long, Fields: []*prisma.Field{field}}
	field.Model = model
	_, err := Desired(&prisma.Schema{Models: []*prisma.Model{model}}, External{})
	if remedy.Code(err) != "schema.unplannable" || !strings.Contains(remedy.Text(err), "64 bytes") {
		t.Errorf("got %v", err)
	}
}
