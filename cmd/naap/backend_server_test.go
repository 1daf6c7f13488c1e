//go:build unix

package main

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
)

func findHolds(t *testing.T, b subject) {
	first, err := b.Page(t.Context(), postgres.PageRequest{Table: b.child, Limit: 1})
	ok(t, err)
	key := first.Rows[0][0].Text
	var found []postgres.Found
	last := postgres.FindNews{Step: -1}
	ok(t, b.Find(t.Context(), postgres.FindRequest{Value: key}, func(n postgres.FindNews) bool {
		if n.Step < last.Step || n.Step > 0 && n.Table.Name == "" {
			t.Errorf("%+v after %+v", n, last)
		}
		found, last = append(found, n.Found...), n
		return true
	}))
	i := slices.IndexFunc(found, func(f postgres.Found) bool { return f.Table == b.child && f.Column == first.Columns[0].Name })
	if last.Step != last.Steps || last.Steps == 0 || i < 0 || !found[i].Keyed || found[i].Piece != key || found[i].Type == "" {
		t.Fatalf("%q is found at %+v, the last of %d steps is %d", key, found, last.Steps, last.Step)
	}
	if n, err := b.Count(t.Context(), b.child, found[i].Where); err != nil || n.N != 1 {
		t.Errorf("%+v leads to %+v, %v", found[i].Where, n, err)
	}
	told := 0
	ok(t, b.Find(t.Context(), postgres.FindRequest{Value: key}, func(postgres.FindNews) bool { told++; return false }))
	if told != 1 {
		t.Errorf("told %d times after it was enough", told)
	}
	refused(t, b.Find(t.Context(), postgres.FindRequest{Value: "a\x00b"}, func(postgres.FindNews) bool { return true }), "find.value")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Find(over, postgres.FindRequest{Value: key}, func(postgres.FindNews) bool { return true }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func sessionsHold(t *testing.T, b subject) {
	pid := b.idle(t)
	find := func() (s postgres.ServerSession, found bool) {
		all, err := b.Sessions(t.Context())
		ok(t, err)
		if !slices.ContainsFunc(all, func(s postgres.ServerSession) bool { return s.Own }) {
			t.Errorf("none is naap's own: %+v", all)
		}
		i := slices.IndexFunc(all, func(s postgres.ServerSession) bool { return s.PID == pid })
		if i >= 0 {
			s = all[i]
		}
		return s, i >= 0
	}
	s, _ := find()
	if s.Application != "gateway" || s.State != "idle in transaction" || s.Active() || s.Own || s.ID.PID != pid {
		t.Fatalf("%+v", s)
	}
	refused(t, b.StopSession(t.Context(), s.ID, postgres.CancelQuery), "session.query")
	refused(t, b.StopSession(t.Context(), postgres.SessionID{PID: pid, Began: "12.5"}, postgres.EndSession), "session.other")
	ok(t, b.StopSession(t.Context(), s.ID, postgres.EndSession))
	if left, found := find(); found {
		t.Errorf("it was ended, and there is %+v", left)
	}
	refused(t, b.StopSession(t.Context(), s.ID, postgres.EndSession), "session.gone")
}

func instancesHold(t *testing.T, b subject) {
	all, err := b.Instances(t.Context())
	ok(t, err)
	i := slices.IndexFunc(all, func(i devenv.Instance) bool { return i.Current })
	if i < 0 {
		t.Fatalf("this one is not among %+v", all)
	}
	id, it := b.Identity(), all[i]
	if it.Name != id.Instance || it.Engine != id.Engine || it.State != engine.Running || it.Root == "" || it.Bytes <= 0 || it.Made.IsZero() || it.Started.IsZero() || it.Other != nil ||
		!strings.Contains(id.Address, ":"+strconv.Itoa(it.Port)+"/") {
		t.Errorf("%+v of %+v", it, id)
	}
}
