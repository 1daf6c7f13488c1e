package backend_test

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rowedit"
)

// TestTheTruthIsToldOfACommitWhoseConnectionIsLost breaks the connection before the changes are made, when the COMMIT is
// sent, and when it is answered.
func TestTheTruthIsToldOfACommitWhoseConnectionIsLost(t *testing.T) {
	server := pgtest.Server(t)
	url := server.NewDatabase(t)
	pgtest.Exec(t, url, `CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0)`)
	relay := pgtest.NewRelay(t, url)
	s := backend.New(envOf(t, relay.URL(), map[string]string{"schema.prisma": watchedHead}), devenv.UpOptions{})
	table := postgres.TableRef{Schema: "public", Name: "t"}
	page, err := s.Page(t.Context(), postgres.PageRequest{Table: table})
	check(t, err)
	for _, c := range []struct {
		at          string
		answered    bool
		code, is, n string
	}{
		{`^UPDATE`, false, "rows.undone", "before the changes were committed: nothing was changed", "0"},
		{`(?i)^commit`, false, "rows.undone", "while they were committed, and the server undid them: nothing was changed", "0"},
		{`(?i)^commit`, true, "", "", "3"},
	} {
		row, err := s.EditRow(t.Context(), table, page.Cursors[0])
		check(t, err)
		var pending rowedit.Pending
		pending.Update(row, map[string]rowedit.Value{"n": {Text: "3"}})
		relay.Only(c.at)
		relay.At(1, c.answered, func() bool { return false })
		res, err := s.ChangeRows(t.Context(), pending.Plan())
		if (err == nil) != (c.code == "") || err != nil && (remedy.Code(err) != c.code || !strings.Contains(err.Error(), c.is)) {
			t.Errorf("at %s, answered %v: %v", c.at, c.answered, err)
		}
		if c.code == "" && (err != nil || !res.Asked || res.Commit == nil) {
			t.Errorf("it was committed, and the answer is %+v, %v", res, err)
		}
		if now, err := s.EditRow(t.Context(), table, page.Cursors[0]); err != nil || now.Cell("n").Text != c.n {
			t.Errorf("at %s: n is %+v, %v", c.at, now, err)
		}
	}
}

// TestACommitThatNobodyCanBeAskedAboutIsAskedAboutLater stops the server when the COMMIT has been answered.
func TestACommitThatNobodyCanBeAskedAboutIsAskedAboutLater(t *testing.T) {
	pgtest.Long(t)
	server := pgtest.Server(t)
	url := server.NewDatabase(t)
	pgtest.Exec(t, url, `CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0)`)
	relay := pgtest.NewRelay(t, url)
	s := backend.New(envOf(t, relay.URL(), map[string]string{"schema.prisma": watchedHead}), devenv.UpOptions{})
	table := postgres.TableRef{Schema: "public", Name: "t"}
	page, err := s.Page(t.Context(), postgres.PageRequest{Table: table})
	check(t, err)
	row, err := s.EditRow(t.Context(), table, page.Cursors[0])
	check(t, err)
	var pending rowedit.Pending
	pending.Update(row, map[string]rowedit.Value{"n": {Text: "3"}})
	relay.Only(`(?i)^commit`)
	relay.At(1, true, func() bool { server.Stop(t); return false })
	res, err := s.ChangeRows(t.Context(), pending.Plan())
	if remedy.Code(err) != "rows.doubt" || res == nil || res.Doubt == "" || res.Commit == nil {
		t.Fatalf("%+v, %v", res, err)
	}
	if _, err := s.RowsFate(t.Context(), res.Doubt); remedy.Code(err) != "rows.doubt" {
		t.Errorf("nobody answers, and yet: %v", err)
	}
	if _, err := s.ChangeRows(t.Context(), pending.Plan()); remedy.Code(err) != "rows.undone" || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("of a commit for which there is no server it says: %v", err)
	}
	server.Start(t)
	committed, err := s.RowsFate(t.Context(), res.Doubt)
	check(t, err)
	now, err := s.EditRow(t.Context(), table, page.Cursors[0])
	check(t, err)
	if n := now.Cell("n").Text; n != "3" || !committed {
		t.Errorf("committed: %v, and n is %s", committed, n)
	}
}
