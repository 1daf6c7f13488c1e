package tui

import (
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
)

// drift is how many rows tables have more, or less, than right after the seeds.
type drift struct {
	more, less int64
	rough      bool // it was reckoned from an estimate
}

func (d drift) size() int64 { return d.more + d.less }

func (d drift) and(other drift) drift {
	return drift{d.more + other.more, d.less + other.less, d.rough || (other.rough && other.size() > 0)}
}

// String is +2, -1, ±3 where tables of one schema went both ways, ~ before what is an estimate, or nothing.
func (d drift) String() string {
	sign := ""
	if d.rough {
		sign = "~"
	}
	switch {
	case d.size() == 0:
		return ""
	case d.less == 0:
		sign += "+"
	case d.more == 0:
		sign += "-"
	default:
		sign += "±"
	}
	return sign + count(d.size())
}

// drift is a table's.
func (l *live) drift(t devenv.TableInfo) drift {
	if l.facts == nil {
		return drift{}
	}
	base, ok := l.facts.Baseline[t.Ref()]
	n := l.count(t)
	if !ok || n.N < 0 {
		return drift{}
	}
	return drift{max(0, n.N-base), max(0, base-n.N), !n.Exact}
}

// count is how many rows a table has: as counted on demand, where the refresh only estimates.
func (l *live) count(t devenv.TableInfo) devenv.RowCount {
	if exact, ok := l.counted[t.Ref()]; ok && !t.Rows.Exact {
		return exact
	}
	return t.Rows
}

// owner is the plugin or service that a schema belongs to.
func (l *live) owner(schema string) string {
	if l.facts == nil {
		return ""
	}
	return l.facts.Owners[schema]
}

// wholeEntry are the lines of the entry that a line belongs to.
func (l *live) wholeEntry(i int) []devenv.LogLine {
	var out []devenv.LogLine
	for j := range l.log {
		if l.logMarks[j].head == l.logMarks[i].head {
			out = append(out, l.log[j])
		}
	}
	return out
}

// live is what the root keeps fresh.
type live struct {
	identity devenv.Identity
	snap     *devenv.Snapshot
	before   *devenv.Health // the health before snap's, for rates
	facts    *devenv.Facts
	engine   *devenv.EngineStats
	trace    trace
	notes    []note           // what naap did, newest last
	log      []devenv.LogLine // the end of the server's own log
	logTotal int              // lines of it ever seen
	logMarks []logMark        // one a line of log
	logReads logReader

	asked               time.Time                           // when the refresh under way was asked for; zero if none is
	counted             map[devenv.TableRef]devenv.RowCount // exact counts that were asked for since anything changed
	factsOld            bool                                // files changed while the facts were asked for
	wanted              bool                                // a person asked to count everything
	lastAsk, factsAsked time.Time
	engineAsked         time.Time
	seen                time.Time // when the server last answered
	lost                error     // why it doesn't answer; nil while it does, or is only slow
	slow                bool      // an answer is overdue
	failing             error     // why a refresh failed, until a second look has told what that means
	stuck               error     // why refreshes fail although the server is there
	paused              bool      // by the person
	hidden              bool      // the program is suspended, or another one has the terminal
	blurred             bool      // the terminal lost the focus; it may still be seen
}

// note is one line of what naap did.
type note struct {
	at   time.Time
	role draw.Role
	text string

	files []string // named behind text, in as much of their paths as there is room for
}

// within is the note's text in w cells, where it can be said in so few.
func (n note) within(w int, dots string) string {
	if len(n.files) == 0 {
		return n.text
	}
	return n.text + listedIn(n.files, w-draw.Width(n.text), dots)
}

const notesKept = 500

// troubles is what is wrong with a schema, a line each.
func (l *live) troubles(schema string) []string {
	f := l.facts
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
	return out
}

// instance is the name of what is shown.
func (l *live) instance() string {
	if l.identity.Instance == "" {
		return "naap"
	}
	return l.identity.Instance
}
