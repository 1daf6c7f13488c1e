package screen

import (
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/tui/draw"
)

// Drift is how many rows tables have more, or less, than right after the seeds.
type Drift struct {
	More, Less int64
	Rough      bool // it was reckoned from an estimate
}

// Size is how many rows came or went.
func (d Drift) Size() int64 { return d.More + d.Less }

// And is both together.
func (d Drift) And(other Drift) Drift {
	return Drift{d.More + other.More, d.Less + other.Less, d.Rough || (other.Rough && other.Size() > 0)}
}

// String is +2, -1, ±3 where tables of one schema went both ways, ~ before what is an estimate, or nothing.
func (d Drift) String() string {
	sign := ""
	if d.Rough {
		sign = "~"
	}
	switch {
	case d.Size() == 0:
		return ""
	case d.Less == 0:
		sign += "+"
	case d.More == 0:
		sign += "-"
	default:
		sign += "±"
	}
	return sign + Count(d.Size())
}

// Drift is a table's.
func (l *Live) Drift(t postgres.TableInfo) Drift {
	if l.Facts == nil {
		return Drift{}
	}
	base, ok := l.Facts.Baseline[t.Ref()]
	n := l.Count(t)
	if !ok || n.N < 0 {
		return Drift{}
	}
	return Drift{max(0, n.N-base), max(0, base-n.N), !n.Exact}
}

// Count is how many rows a table has: as counted on demand, where the refresh only estimates.
func (l *Live) Count(t postgres.TableInfo) postgres.RowCount {
	if exact, ok := l.Counted[t.Ref()]; ok && !t.Rows.Exact {
		return exact
	}
	return t.Rows
}

// Owner is the plugin or service that a schema belongs to.
func (l *Live) Owner(schema string) string {
	if l.Facts == nil {
		return ""
	}
	return l.Facts.Owners[schema]
}

// WholeEntry are the lines of the entry that a line belongs to.
func (l *Live) WholeEntry(i int) []string {
	var out []string
	for j := range l.Log {
		if l.LogMarks[j].Head == l.LogMarks[i].Head {
			out = append(out, l.Log[j])
		}
	}
	return out
}

// Live is what the root keeps fresh.
type Live struct {
	Identity devenv.Identity
	Snap     *postgres.Snapshot
	Before   *postgres.Health // the health before snap's, for rates
	Facts    *backend.Facts
	Engine   *server.Stats
	Trace    Trace
	Notes    []Note    // what naap did, newest last
	Log      []string  // the end of the server's own log
	LogTotal int       // lines of it ever seen
	LogMarks []logMark // one a line of log
	LogReads LogReader

	Edits Edits // rows that the user changed

	Asked               time.Time                               // when the refresh under way was asked for; zero if none is
	Counted             map[postgres.TableRef]postgres.RowCount // exact counts that were asked for since anything changed
	FactsOld            bool                                    // files changed while the facts were asked for
	Wanted              bool                                    // the user asked to count everything
	LastAsk, FactsAsked time.Time
	EngineAsked         time.Time
	Seen                time.Time // when the server last answered
	Lost                error     // why it doesn't answer; nil while it does, or is only slow
	Slow                bool      // an answer is overdue
	Failing             error     // why a refresh failed, until a second look has shown what that means
	Stuck               error     // why refreshes fail although the server is there
	Starting            bool      // the environment is being brought up, or could not be
	Paused              bool      // by the user
	Hidden              bool      // the program is suspended, or another one has the terminal
	Blurred             bool      // the terminal lost the focus; it may still be seen
}

// Note is one line of what naap did.
type Note struct {
	At   time.Time
	Role draw.Role
	Text string

	Files []string // named behind text, in as much of their paths as there is room for
}

// Within is the note's text in w cells, where it can be said in so few.
func (n Note) Within(w int, dots string) string {
	if len(n.Files) == 0 {
		return n.Text
	}
	return n.Text + listedIn(n.Files, w-draw.Width(n.Text), dots)
}

// Troubles is what is wrong with a schema, a line each.
func (l *Live) Troubles(schema string) []string {
	f := l.Facts
	if f == nil {
		return nil
	}
	var out []string
	if m := f.Missing[schema]; len(m) > 0 {
		out = append(out, say.Count(len(m), "table")+" missing: "+strings.Join(m, ", "))
	}
	if u := f.Unknown[schema]; len(u) > 0 {
		out = append(out, say.Count(len(u), "table")+" not in schema.prisma: "+strings.Join(u, ", "))
	}
	if m := f.Stale[schema]; len(m) > 0 {
		out = append(out, "client stale: "+strings.Join(m, ", ")+" ("+f.Generate+")")
	}
	return out
}

// MigrationTroubles is that migrations are pending or have failed, in a line. A database that records none is made by pushes.
func (l *Live) MigrationTroubles() []string {
	if l.Facts == nil || l.Facts.Migrations == nil || !l.Facts.Migrations.Table {
		return nil
	}
	switch c := l.Facts.Migrations; {
	case c.Failed > 0:
		return []string{say.Count(c.Failed, "migration") + " failed"}
	case c.Pending > 0:
		return []string{say.Count(c.Pending, "migration") + " pending"}
	}
	return nil
}

// Instance is the name of what is shown.
func (l *Live) Instance() string {
	if l.Identity.Instance == "" {
		return "naap"
	}
	return l.Identity.Instance
}
