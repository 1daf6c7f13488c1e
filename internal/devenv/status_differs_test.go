package devenv

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/migrate"
)

// A difference from the Prisma file is the migrations' business only where they alone make the tables; a workspace without any
// has no status of them.
func TestADifferenceIsNamedForWhatItIs(t *testing.T) {
	way := func(pending int, known bool, steps, drops int) *StatusMigrations {
		return &StatusMigrations{Way: "migrate", Pending: pending, apart: apart{migrate.Distance{Steps: steps, Adds: steps - drops, Drops: drops}, known}}
	}
	for _, c := range []struct {
		what  string
		m     *StatusMigrations
		helps string // "" where it is not the migrations'
	}{
		{"no migrations", nil, ""},
		{"both ways", &StatusMigrations{Way: "migrate, then push"}, ""},
		{"some are pending", way(1, false, 0, 0), "naap migrate deploy"},
		{"nothing is known", way(0, false, 0, 0), "naap dev diff"},
		{"the database has lost something", way(0, true, 0, 0), "naap dev diff"},
		{"the file has more", way(0, true, 2, 0), "naap migrate dev"},
		{"the folder has more", way(0, true, 2, 2), "naap migrate diff"},
	} {
		means, helps, ok := c.m.Differs(2)
		if ok != (c.helps != "") || ok && (helps.String() != c.helps || means == "") {
			t.Errorf("%s: %q (%s), %v; want %s", c.what, means, helps, ok, c.helps)
		}
	}
}
