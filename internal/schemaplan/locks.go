package schemaplan

import (
	"slices"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// locked is a relation that a step locks until the transaction ends, with those that come with it: a table has a TOAST
// table with an index, and indexes. As measured on PostgreSQL 16 (pg_locks before the end of a push); all of them take room
// in the server's lock table, whatever the mode.
type locked struct {
	name qName
	n    int64
}

// crowdedNote says why a plan that only adds commits before its end.
const crowdedNote = "here a transaction ends: all of it at once would take more locks than the server has room for. " +
	"If what follows fails, what was added stays"

// countLocks notes what each step locks.
func (d *differ) countLocks(steps []*Step) {
	for _, s := range steps {
		switch s.Kind {
		case createIndex:
			s.locking = append(s.locking, locked{qName{s.Object, "index"}, 1})
		case addForeignKey, dropForeignKey:
			s.locking = append(s.locking, d.lockOf(s.refers))
		}
		if s.table.Name != "" {
			s.locking = append(s.locking, d.lockOf(s.table))
		}
		for _, t := range s.locks {
			s.locking = append(s.locking, d.lockOf(t))
		}
	}
}

// lockOf returns what is locked with a table, without the indexes that a plan creates in steps of their own.
func (d *differ) lockOf(table qName) locked {
	l := locked{table, 3}
	t := d.have.table(table)
	if t != nil {
		l.n += int64(len(t.Indexes))
	} else if t = d.want.table(table); t != nil {
		for _, c := range t.Columns {
			if c.AutoIncrement { // its sequence
				l.n++
			}
		}
	}
	if t != nil && t.PrimaryKey != nil {
		l.n++
	}
	return l
}

// locks returns how many objects a transaction of these steps locks.
func locks(steps []*Step) int64 {
	n, seen := int64(0), map[qName]bool{}
	for _, s := range steps {
		n += s.further(seen)
	}
	return n
}

// further returns how many objects a step locks beside what was seen, and adds them to it.
func (s *Step) further(seen map[qName]bool) (n int64) {
	for _, l := range s.locking {
		if !seen[l.name] {
			seen[l.name] = true
			n += l.n
		}
	}
	return n
}

// atOnce returns how many checks, or temporary tables of probes, go in one message, of a server with room for so many
// locks, or 0 where that is not known: each takes a few locks until the end of the transaction, which is the end of the
// message where the caller has none.
func atOnce(room int64) int {
	const most = 500
	if room <= 0 {
		return most
	}
	return min(most, max(1, int(room/20)))
}

// divided returns steps in as many parts as the server's room for locks makes necessary, if all of them only add.
func (p *Plan) divided(steps []*Step) [][]*Step {
	if p.lockRoom <= 0 || locks(steps) <= p.lockRoom || slices.ContainsFunc(steps, func(s *Step) bool { return s.Class != Adds }) {
		return [][]*Step{steps}
	}
	// PostgreSQL sets half of the room aside when it starts, and gives the rest to whoever asks first.
	room := p.lockRoom / 2
	var out [][]*Step
	from, n, seen := 0, int64(0), map[qName]bool{}
	for i, s := range steps {
		if n += s.further(seen); n > room && i > from {
			out = append(out, steps[from:i])
			from, seen = i, map[qName]bool{}
			n = s.further(seen)
		}
	}
	return append(out, steps[from:])
}

// fits refuses a transaction that takes more locks than the server can have, with the tenth that PostgreSQL adds for
// safety: it would run until there is no room left, and be rolled back.
func (p *Plan) fits(part []*Step) error {
	n := locks(part)
	if p.lockRoom <= 0 || n <= p.lockRoom*11/10 {
		return nil
	}
	e := &postgres.CrowdedError{Locks: n, Room: p.lockRoom}
	return remedy.New("database.locks", remedy.ExitFailed, "the plan takes more locks in one transaction than the server has room for").
		WithSeen(e.Error(), say.Count(len(part), "step")).Behind(e).
		WithFix("raise the server's max_locks_per_transaction, and restart it").WithHelp(remedy.Again("dev push"))
}
