package screen

import (
	"slices"
	"testing"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/postgres"
)

func TestPathsLoseFoldersAndNotNames(t *testing.T) {
	names := []string{"packages/database/prisma/schema.prisma", "naap.toml"}
	for width, want := range map[int]string{
		60: "packages/database/prisma/schema.prisma, naap.toml", 48: "…/database/prisma/schema.prisma, naap.toml",
		40: "…/prisma/schema.prisma, naap.toml", 28: "…/schema.prisma, naap.toml", 5: "…/schema.prisma, naap.toml",
	} {
		if got := listedIn(names, width, "…"); got != want {
			t.Errorf("in %d cells %q, not %q", width, got, want)
		}
	}
}

func TestFiguresAreWrittenShort(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1020: "1,020", 18_400: "18.4k", 999_960: "1.0M", 1_234_567: "1.2M", 123_456_789: "123M", -5: "-5"} {
		if got := Count(n); got != want {
			t.Errorf("count(%d) = %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{-1: "?", 0: "0 bytes", 48 << 10: "48 kB", 2<<20 + 100<<10: "2148 kB", 41 << 30: "41 GB"} {
		if got := Size(n); got != want {
			t.Errorf("size(%d) = %s, want %s", n, got, want)
		}
	}
	if got := Rows(postgres.RowCount{N: 1_200_000}) + " " + Rows(postgres.RowCount{N: 5, Exact: true}) + " " + Rows(postgres.RowCount{N: -1}); got != "~1.2M 5 ?" {
		t.Errorf("got %s", got)
	}
}

func TestTheChangeOfASchemaIsWhatItsTablesChangedBy(t *testing.T) {
	up, down := Drift{More: 4}, Drift{Less: 3, Rough: true}
	for want, d := range map[string]Drift{"": {}, "+4": up, "~-3": down, "~±7": up.And(down), "+5": up.And(Drift{More: 1}).And(Drift{Rough: true})} {
		if got := d.String(); got != want {
			t.Errorf("%+v is %q, want %q", d, got, want)
		}
	}
	users := postgres.TableInfo{Schema: "public", Name: "User", Rows: postgres.RowCount{N: 500}}
	live := Live{Facts: &backend.Facts{Baseline: map[postgres.TableRef]int64{users.Ref(): 480}}}
	if got, want := live.Drift(users), (Drift{More: 20, Rough: true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestASchemaWhoseModelsTheClientDoesNotKnowIsInTrouble(t *testing.T) {
	l := Live{Facts: &backend.Facts{
		Missing: map[string][]string{"plugin_x": {"Post"}}, Stale: map[string][]string{"plugin_x": {"Post", "Tag"}}, Generate: "cd packages/database && npx prisma generate",
	}}
	want := []string{"1 table missing: Post", "client stale: Post, Tag (cd packages/database && npx prisma generate)"}
	if got := l.Troubles("plugin_x"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := l.Troubles("public"); len(got) > 0 {
		t.Errorf("another schema has %q", got)
	}
}
