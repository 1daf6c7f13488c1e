package fakehints

import (
	"slices"
	"testing"

	"github.com/livepeer/naap-dev/internal/fakedata"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

func TestCommentsAndSeedsAreHintsForMadeUpRows(t *testing.T) {
	schema, err := prisma.Parse(prisma.Source{Name: "a.prisma", Text: `datasource db {
  provider = "postgresql"
  url = env("U")
}
model Seat {
  id Int @id // the number
  // invited | joined
  state String @map("seat_state")
  /// one of: a, b
  kind String @default("a") // of it

  plain String
  both String /// x | y
}`})
	if err != nil {
		t.Fatal(err)
	}
	got := Of(schema, nil).Comments
	for name, want := range map[string]string{"id": "the number", "seat_state": "invited | joined", "kind": "of it\none of: a, b", "plain": "", "both": "x | y"} {
		if got := got[fakedata.Column{Table: postgres.TableRef{Schema: "public", Name: "Seat"}, Name: name}]; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	f, err := seedfile.Parse("public.sql", "public.sql", []byte(`INSERT INTO "Seat" (state, kind) VALUES ('joined', 'b'), ('invited', 'b');`))
	if err != nil {
		t.Fatal(err)
	}
	seen := Of(nil, []*seedfile.File{f}).Seen[fakedata.Column{Table: postgres.TableRef{Schema: "public", Name: "Seat"}, Name: "state"}]
	if !slices.Equal(seen, []string{"joined", "invited"}) {
		t.Errorf("seen of state: %q", seen)
	}
}
