package migrate

import (
	"slices"
)

// lockMode is a mode of locks on tables, weakest first.
type lockMode int

const (
	accessShare lockMode = iota + 1
	rowShare
	rowExclusive
	shareUpdateExclusive
	share
	shareRowExclusive
	exclusive
	accessExclusive
)

var lockNames = [...]string{"", "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"}

// String returns the mode as PostgreSQL's manual writes it.
func (m lockMode) String() string { return lockNames[m] }

// MarshalText returns the mode's name, for JSON.
func (m lockMode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// conflicts says which modes a mode waits for ("Conflicting Lock Modes", PostgreSQL's manual, Explicit Locking).
func (m lockMode) conflicts(other lockMode) bool {
	least := [...]lockMode{0, accessExclusive, exclusive, share, shareUpdateExclusive, rowExclusive, rowExclusive, rowShare, accessShare}
	return other >= least[m] && !(m == share && other == share)
}

// blocks says what others cannot do to a table meanwhile.
func (m lockMode) blocks() string {
	switch {
	case m == accessExclusive:
		return "nobody can read or write it"
	case m >= share:
		return "nobody can write it"
	}
	return "no other migration can change it"
}

// lockedRelation is a lock that a statement takes.
type lockedRelation struct {
	relation
	mode lockMode
}

// alterTableLock returns the lock that a part of an ALTER TABLE takes on the table (AlterTableGetLockLevel in
// PostgreSQL's src/backend/commands/tablecmds.c).
func alterTableLock(r *ddlReader) lockMode {
	p := *r
	switch {
	case p.is("VALIDATE"), p.is("CLUSTER"), p.is("ATTACH"), p.is("SET", "WITHOUT", "CLUSTER"):
		return shareUpdateExclusive
	case p.is("DETACH"):
		if p.has("CONCURRENTLY") || p.has("FINALIZE") {
			return shareUpdateExclusive
		}
		return accessExclusive
	case p.take("ENABLE") || p.take("DISABLE"):
		p.takeAny("ALWAYS", "REPLICA")
		if p.is("TRIGGER") {
			return shareRowExclusive
		}
		return accessExclusive
	case p.take("ADD"):
		if p.take("CONSTRAINT") {
			p.ident()
		}
		if p.is("FOREIGN", "KEY") {
			return shareRowExclusive
		}
		return accessExclusive
	case p.take("ALTER"):
		p.take("COLUMN")
		p.at++
		if p.is("SET", "STATISTICS") || (p.take("SET") || p.take("RESET")) && p.symbol('(') {
			return shareUpdateExclusive
		}
		return accessExclusive
	case p.take("SET") || p.take("RESET"):
		if p.symbol('(') && !p.has("USER_CATALOG_TABLE") {
			return shareUpdateExclusive
		}
	}
	return accessExclusive
}

// lockWords reads a mode as LOCK TABLE has it.
func lockWords(r *ddlReader) lockMode {
	for i, words := range [][]string{
		{"ACCESS", "SHARE"}, {"ROW", "SHARE"}, {"ROW", "EXCLUSIVE"}, {"SHARE", "UPDATE", "EXCLUSIVE"}, {"SHARE"}, {"SHARE", "ROW", "EXCLUSIVE"},
		{"EXCLUSIVE"}, {"ACCESS", "EXCLUSIVE"},
	} {
		if r.is(slices.Concat(words, []string{"MODE"})...) {
			return lockMode(i + 1)
		}
	}
	return accessExclusive
}
