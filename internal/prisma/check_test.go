package prisma

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// parse is Parse of one text that must be valid.
func parse(t testing.TB, text string) *Schema {
	t.Helper()
	s, err := Parse(Source{Name: "schema.prisma", Text: text})
	if err != nil {
		var d *Diagnostics
		if errors.As(err, &d) {
			t.Fatal(d.Render(false))
		}
		t.Fatal(err)
	}
	return s
}

const shop = `/// The shop's database.
datasource main {
  provider   = "postgres"
  url        = env("SHOP_URL")
  schemas    = ["public", "audit"]
  extensions = [citext, uuidOssp(map: "uuid-ossp", schema: "public", version: "1.1")]
}

generator client {
  provider        = "prisma-client-js"
  previewFeatures = ["views", "somethingNew"]
}

enum Role {
  ADMIN @map("admin")
  USER
  @@map("roles")
  @@schema("public")
}

/// A person
/// who buys.
model User {
  id      Int      @id(map: "user pk") @default(autoincrement())
  email   String   @unique(map: "mail", sort: Desc) @main.Citext /// where to write
  role    Role     @default(USER)
  old     Boolean  @default(false) @map("is_old") @ignore
  at      DateTime @default(now()) @updatedAt @main.Timestamptz(6)
  names   String[] @default(["a", "b"])
  shape   Unsupported("circle")?
  orders  Order[]
  boss    User?    @relation("boss", fields: [bossId], references: [id], onDelete: SetNull, map: "boss fk")
  bossId  Int?
  minions User[]   @relation("boss")
  tags    Tag[]
  likes   Tag[]    @relation("likes")
  friends User[]   @relation("friends")
  friendOf User[]  @relation("friends")
  @@index([role, at(sort: Desc)], name: "legacy")
  @@unique([role, bossId], name: "client", map: "db")
  @@index([names(ops: ArrayOps)], type: Gin)
  @@map("users")
  @@schema("public")
}

model Order {
  user   Int
  number Int
  buyer  User @relation(fields: [user], references: [id])
  @@id([user, number], map: "order pk")
  @@index([number], where: { number: { not: 0 }, user: 1 })
  @@unique([number], where: raw("number > 0"), map: "big")
  @@schema("audit")
}

model Tag {
  id    String @id @default(dbgenerated("gen_random_uuid()")) @main.Uuid
  users User[]
  liked User[] @relation("likes")
  @@ignore
  @@schema("public")
}

view Report {
  total Decimal @main.Decimal(10, 2)
  @@schema("audit")
}
`

// Tag is ignored, so the lists of it must be too.
var shopText = strings.NewReplacer("tags    Tag[]", "tags    Tag[] @ignore", `likes   Tag[]    @relation("likes")`, `likes   Tag[]    @relation("likes") @ignore`).Replace(shop)

func TestTheDatasourceAndGeneratorsAreKept(t *testing.T) {
	s := parse(t, shopText)
	d := s.Datasource
	if d.Name != "main" || d.Provider != "postgresql" || d.URLEnv != "SHOP_URL" || d.URL != "" || d.RelationMode != "foreignKeys" {
		t.Errorf("datasource: %+v", d)
	}
	if len(d.Schemas) != 2 || d.Schemas[1].Value != "audit" || d.Schemas[1].Span.Start.Line != 5 {
		t.Errorf("schemas: %+v", d.Schemas)
	}
	want := []Extension{{Name: "citext", DBName: "citext"}, {Name: "uuidOssp", DBName: "uuid-ossp", Schema: "public", Version: "1.1"}}
	for i := range d.Extensions {
		d.Extensions[i].Span = Span{}
	}
	if !reflect.DeepEqual(d.Extensions, want) {
		t.Errorf("extensions: %+v", d.Extensions)
	}
	if g := s.Generators[0]; g.Provider != "prisma-client-js" || len(g.PreviewFeatures) != 2 || g.PreviewFeatures[1].Value != "somethingNew" {
		t.Errorf("generator: %+v", g)
	}
}

func TestModelsEnumsAndViewsAreResolved(t *testing.T) {
	s := parse(t, shopText)
	if len(s.Models) != 3 || len(s.Views) != 1 || !s.Views[0].View || s.Views[0].Schema != "audit" {
		t.Fatalf("%d models, %d views", len(s.Models), len(s.Views))
	}
	user, tag := s.Models[0], s.Models[2]
	if user.DBName != "users" || user.Schema != "public" || user.Doc != "A person\nwho buys." || user.Ignored || !tag.Ignored {
		t.Errorf("user: %+v", user)
	}
	e := s.Enums[0]
	if e.DBName != "roles" || e.Schema != "public" || len(e.Values) != 2 || e.Values[0].DBName != "admin" || e.Values[1].DBName != "USER" {
		t.Errorf("enum: %+v", e)
	}
}

// fieldOf finds a field by its name in the schema.
func fieldOf(m *Model, name string) *Field {
	return m.Fields[slices.IndexFunc(m.Fields, func(f *Field) bool { return f.Name == name })]
}

func TestFieldsAreResolved(t *testing.T) {
	user := parse(t, shopText).Models[0]
	email, role, old, at := fieldOf(user, "email"), fieldOf(user, "role"), fieldOf(user, "old"), fieldOf(user, "at")
	if email.Native.Name != "Citext" || email.Doc != "where to write" || email.Model != user || email.NameAt.Start.Line != 25 {
		t.Errorf("email: %+v", email)
	}
	if role.Kind != EnumValue || role.Enum.Name != "Role" || role.Default.Value.Kind != ConstantValue || role.Default.Value.Text != "USER" {
		t.Errorf("role: %+v", role)
	}
	if old.DBName != "is_old" || !old.Ignored || old.Default.Value.Kind != BooleanValue {
		t.Errorf("old: %+v", old)
	}
	if !at.UpdatedAt || at.Default.Function != "now" || !reflect.DeepEqual(at.Native.Args, []string{"6"}) {
		t.Errorf("at: %+v", at)
	}
	if names := fieldOf(user, "names"); names.Arity != List || len(names.Default.Value.Elements) != 2 || names.Default.Value.Elements[1].Text != "b" {
		t.Errorf("names: %+v", names.Default)
	}
	if shape := fieldOf(user, "shape"); shape.Kind != Unsupported || shape.Type != "circle" || shape.Arity != Optional || !shape.HasColumn() {
		t.Errorf("shape: %+v", shape)
	}
}

func TestIndexesStandInPrismasOrder(t *testing.T) {
	s := parse(t, shopText)
	user, order := s.Models[0], s.Models[1]
	if user.PrimaryKey.Map != "user pk" || order.PrimaryKey.Map != "order pk" || len(order.PrimaryKey.Fields) != 2 {
		t.Errorf("primary keys: %+v %+v", user.PrimaryKey, order.PrimaryKey)
	}
	if len(user.Indexes) != 4 {
		t.Fatalf("%d indexes", len(user.Indexes))
	}
	mail, legacy, gin, client := user.Indexes[0], user.Indexes[1], user.Indexes[2], user.Indexes[3]
	if mail.Kind != Unique || mail.Map != "mail" || mail.Fields[0].Sort != "Desc" {
		t.Errorf("@unique: %+v", mail)
	}
	if legacy.Kind != Plain || legacy.Map != "legacy" || legacy.Fields[1].Sort != "Desc" || legacy.Algorithm != "BTree" {
		t.Errorf("@@index: %+v", legacy)
	}
	if gin.Algorithm != "Gin" || gin.Fields[0].Ops != "ArrayOps" {
		t.Errorf("gin: %+v", gin)
	}
	if client.Kind != Unique || client.Name != "client" || client.Map != "db" {
		t.Errorf("@@unique: %+v", client)
	}
	terms := order.Indexes[0].Where.Terms
	if len(terms) != 2 || !terms[0].Not || terms[0].Field.Name != "number" || terms[0].Value.Text != "0" || terms[1].Not || terms[1].Value.Text != "1" {
		t.Errorf("where: %+v", terms)
	}
	if big := order.Indexes[1]; big.Where.Raw != "number > 0" || big.Map != "big" {
		t.Errorf("raw where: %+v", big)
	}
}

func TestRelationsAreResolvedOnBothSides(t *testing.T) {
	s := parse(t, shopText)
	user, order := s.Models[0], s.Models[1]
	buyer, orders := fieldOf(order, "buyer").Relation, fieldOf(user, "orders").Relation
	if !buyer.Holds() || orders.Holds() || buyer.Opposite != fieldOf(user, "orders") || orders.Opposite != fieldOf(order, "buyer") || orders.To != order {
		t.Errorf("buyer: %+v", buyer)
	}
	boss := fieldOf(user, "boss").Relation
	if boss.OnDelete != SetNull || boss.OnUpdate != "" || boss.Map != "boss fk" || boss.Name != "boss" || boss.Fields[0].Name != "bossId" || boss.References[0].Name != "id" {
		t.Errorf("boss: %+v", boss)
	}
	var pairs []string
	for _, r := range s.ManyToMany {
		pairs = append(pairs, r.Name+":"+r.A.Model.Name+"."+r.A.Name+"-"+r.B.Model.Name+"."+r.B.Name)
	}
	// A is the model, or for a relation of a model to itself the field, that comes first in the alphabet.
	want := []string{":Tag.users-User.tags", "likes:Tag.liked-User.likes", "friends:User.friendOf-User.friends"}
	for _, w := range want {
		if !strings.Contains(strings.Join(pairs, " "), w) {
			t.Errorf("%s is missing in %v", w, pairs)
		}
	}
	if len(pairs) != len(want) {
		t.Errorf("got %v", pairs)
	}
}

func TestCorpusIsAccepted(t *testing.T) {
	// These two deliberately have names of more than 63 bytes, which Prisma creates truncated and we refuse.
	tooLong := map[string]bool{"x-auto.prisma": true, "x-names.prisma": true}
	for _, file := range corpus(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		_, err = Parse(Source{Name: name, Text: string(text)})
		if tooLong[name] {
			var d *Diagnostics
			if !errors.As(err, &d) || d.Errors() != 1 || d.List[0].Code != codeTooLong {
				t.Errorf("%s: its long name is not refused: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFindingsOfSeveralFilesStandInTheirOrder(t *testing.T) {
	_, err := Parse(
		Source{Name: "b.prisma", Text: "model B {\n  id Int @id\n  a  A   @relation(fields: [id], references: [nope])\n}\n"},
		Source{Name: "a.prisma", Text: "model A {\n  id Int @idd\n  bs B[]\n}\n"},
	)
	var d *Diagnostics
	if !errors.As(err, &d) || len(d.List) != 2 {
		t.Fatalf("got %v", err)
	}
	if d.List[0].Span.Start.File() != "b.prisma" || d.List[1].Span.Start.File() != "a.prisma" {
		t.Errorf("got %v", d.List)
	}
	if want := "b.prisma:3:47: The model `A` has no field `nope`. (and 1 more)"; err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}

func TestNestingIsBounded(t *testing.T) {
	deep := "model A {\n  id Int @id @default(" + strings.Repeat("[", 100_000) + ")\n}\n"
	_, err := Parse(Source{Name: "a.prisma", Text: deep})
	if err == nil || !strings.Contains(err.Error(), "nested too deeply") {
		t.Errorf("got %.200v", err)
	}
}
