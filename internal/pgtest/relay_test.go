//go:build unix

package pgtest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestARelayActsAtTheQuestionThatIsNamed counts a table's rows, without the relay, while an insert waits in it.
func TestARelayActsAtTheQuestionThatIsNamed(t *testing.T) {
	direct := NewDatabase(t)
	Exec(t, direct, "CREATE TABLE t (x int)")
	relay := NewRelay(t, direct)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, relay.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, answered := range []bool{false, true} {
		seen := ""
		relay.At(2, answered, func() bool { seen = value(t, direct, "SELECT count(*)::text FROM t"); return true })
		for _, sql := range []string{"SELECT 1", "INSERT INTO t VALUES (1)", "SELECT 2"} {
			if _, err := conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
				t.Fatal(err)
			}
		}
		if want := map[bool]string{false: "0", true: "2"}[answered]; seen != want {
			t.Errorf("answered %v: %s rows at the point, want %s", answered, seen, want)
		}
	}
	relay.At(0, false, nil)
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"t"}, []string{"x"}, pgx.CopyFromRows([][]any{{1}, {2}})); err != nil {
		t.Fatal(err)
	}
	asked := relay.Questions()
	relay.At(1, false, func() bool { return false })
	if _, err := conn.Exec(ctx, "TRUNCATE t", pgx.QueryExecModeSimpleProtocol); err == nil || value(t, direct, "SELECT count(*)::text FROM t") != "4" {
		t.Errorf("what the relay was to keep: %v", err)
	}
	if !slices.ContainsFunc(asked, func(q string) bool { return strings.HasPrefix(q, "the end of copy") }) {
		t.Errorf("a COPY asks %q", asked)
	}
}
