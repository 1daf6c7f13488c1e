//go:build unix

package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// sorts goes through a table of n rows by two columns, of which the first has NULLs and the second goes down: the first
// pages, the last ones, and one that is asked for and given up while another session has the table.
func (s *sitting) sorts(p *program, n int) {
	s.t.Helper()
	p.must(s.t, "dev", "sql", "--write", fmt.Sprintf(`CREATE TABLE public."Sorted" (id int PRIMARY KEY, grp int, val int, note text);
		INSERT INTO public."Sorted" SELECT 1000000 + i, CASE WHEN i %% 9 = 0 THEN NULL ELSE i %% 7 END, (i * 7919::bigint) %% 1009, 'n' || i FROM generate_series(0, %d) i; ANALYZE public."Sorted"`, n-1))
	other := application(s.t, p, "gateway", `SELECT 1`)
	order, err := postgres.CollectStrings(other.Query(s.t.Context(), `SELECT id::text FROM public."Sorted" ORDER BY grp, val DESC, id`))
	if err != nil || len(order) != n {
		s.t.Fatalf("%d rows, %v", len(order), err)
	}
	s.types("R").sees("Sorted").jumps("Sorted").types(right, "s").sees("grp ↑", "keyset(grp, id)").types(right, "S").sees("val 2↑").types("S")
	s.sees("grp 1↑", "val 2↓", "keyset(grp, val, id)").loses("asking…").inOrder(order, 0)
	if n > 100_000 {
		s.sees("no index has this order")
	}
	s.until("rows that were asked for later", func(string) bool {
		s.types("\x1b[6~")
		return slices.Index(order, s.ids()[0]) > 200
	})
	s.loses("asking…").inOrder(order, -1).types("G").sees(order[n-1]).inOrder(order, -1).types("\x1b[5~", "\x1b[5~", "\x1b[5~", "\x1b[5~").loses(order[n-1], "asking…").inOrder(order, -1)
	s.types("g").sees(order[0]).loses("asking…").inOrder(order, 0)

	// Nothing stands still while the server is asked, and escape gives up.
	if _, err := other.Exec(context.Background(), `BEGIN; LOCK public."Sorted"`); err != nil {
		s.t.Fatal(err)
	}
	s.types("S").sees("asking…").types("j").until("the cursor to move", func(screen string) bool { return strings.Contains(screen, "▸"+order[1]) })
	s.types("?").sees("these keys").escapes().loses("these keys").escapes()
	s.sees("the query was cancelled", order[0]).inOrder(order, 0)
	s.until("the server to be asked no more", func(string) bool { // it is given a second to end
		left, err := postgres.CollectStrings(other.Query(context.Background(), `SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock'`))
		return err == nil && len(left) == 0
	})
	if _, err := other.Exec(context.Background(), `COMMIT`); err != nil {
		s.t.Fatal(err)
	}
	s.types("F").loses("1↑")
	s.leavesPage("> Sorted")
}

var idSeen = regexp.MustCompile(`(?m)^│[▸ ◆]*(1\d{6}) `)

// ids are the keys of the rows that are on the screen, from above.
func (s *sitting) ids() (list []string) {
	for _, m := range idSeen.FindAllStringSubmatch(s.screen(), -1) {
		list = append(list, m[1])
	}
	return list
}

// inOrder expects the rows on the screen in an order, the first of them at an index, or (−1) at any.
func (s *sitting) inOrder(order []string, at int) *sitting {
	s.t.Helper()
	got := s.ids()
	if len(got) < 10 {
		s.t.Fatalf("%d rows are seen\n%s", len(got), s.screen())
	}
	if at < 0 {
		at = slices.Index(order, got[0])
	}
	if at < 0 || at+len(got) > len(order) || !slices.Equal(got, order[at:at+len(got)]) {
		s.t.Errorf("from row %d on, %q\n%s", at, got, s.screen())
	}
	return s
}

func TestTerminalSortsAMillionRowsByTwoColumns(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	p, s, _ := openWorkspace(t, 160, 45, "model A {\n  id Int @id\n}\n")
	s.sorts(p, 1_000_000)
	s.leaves()
}
