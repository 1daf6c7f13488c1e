package schemaplan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// TestWhatManyColumnsHaveIsAskedOnce asks about defaults that only the server can compare, also where it has no room for
// a temporary table for each.
func TestWhatManyColumnsHaveIsAskedOnce(t *testing.T) {
	db := cramped(t)
	var text strings.Builder
	for i := range 300 {
		fmt.Fprintf(&text, "model T%03d {\n  id Int @id\n  at DateTime @default(dbgenerated(\"now() + '%d days'\"))\n  key String @default(dbgenerated(\"md5('a')\"))\n}\n", i, i)
	}
	push(t, db, text.String())
	want := desired(t, text.String())
	var have *Database
	err := db.WithConn(ctx, func(c *postgres.Conn) (err error) {
		have, err = inspect(ctx, c, want.Scope, settings{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &canon{types: map[columnRef]string{}, castable: map[columnRef]bool{}, defaults: map[columnRef]string{}, refused: map[string]*refusal{}}
	all := c.questions(have, want)
	if asked := once(all); len(all) < 600 || len(asked) > 301 {
		t.Errorf("%d questions, %d of them asked", len(all), len(asked))
	}
	if again := plan(t, db, text.String()); !again.Empty() {
		t.Errorf("%d steps are left", len(again.Steps))
	}
}
