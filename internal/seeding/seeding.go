// Package seeding applies seed files once each, in the order that foreign keys require, and keeps a record of them in
// the database itself: which, with what content, when, and which rows they brought. A file that changed is shown as
// changed; when it is applied again, its former rows are replaced, never duplicated.
package seeding

import (
	"context"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

// State says whether a seed file was applied to the database.
type State string

const (
	Pending State = "pending" // never applied
	Applied State = "applied" // applied, and the file is still the same
	Changed State = "changed" // applied, and the file has changed since
	Missing State = "missing" // applied, and the file is gone
	Found   State = "found"   // a command of the workspace that nothing chooses
)

// Seed is one seed file and what the database knows about it.
type Seed struct {
	Name      string
	Schema    string
	State     State
	Hash      string        // of the file; of what was applied for a missing one
	AppliedAt time.Time     // zero if pending
	Rows      int64         // the number that it inserted when it was applied
	Took      time.Duration // the time that applying it took
	File      *seedfile.File
	Command   *Command    // of a command
	Back      []TableRows // what happened to the rows that it brought before, once it was applied again
	Was       string      // the name under which it was applied, where the file was renamed since; otherwise ""
}

// Detail returns what else to know about the state of a seed, for the user; "" for nothing.
func (s Seed) Detail() string {
	switch {
	case s.Was != "":
		return "it was called " + s.Was + " when it was applied"
	case s.Command != nil:
		return s.Command.detail(s.State)
	}
	switch s.State {
	case Changed:
		return "the file has changed since it was applied"
	case Missing:
		return "the file is gone; its rows stay"
	case Applied:
		return fmt.Sprintf("in %s", s.Took)
	}
	return ""
}

// List compares the files with what the database knows about them. Files are listed in their order; missing ones last.
// A database without a ledger knows of none.
func List(ctx context.Context, q postgres.Querier, files []*seedfile.File) ([]Seed, error) {
	known, err := recorded(ctx, q)
	if err != nil {
		return nil, err
	}
	var list []Seed
	for _, f := range files {
		s := Seed{Name: f.Name, Schema: f.Schema, State: Pending, Hash: f.Hash, File: f}
		if k, ok := known[f.Name]; ok {
			s.State, s.AppliedAt, s.Rows, s.Took = Applied, k.AppliedAt, k.Rows, k.Took
			if k.Hash != f.Hash {
				s.State = Changed
			}
			delete(known, f.Name)
		}
		list = append(list, s)
	}
	for i := range list {
		if list[i].State == Pending {
			list[i].findRenamed(known)
		}
	}
	return append(list, gone(known)...), nil
}

// findRenamed looks for a missing file with the same content: it was renamed, and its rows exist.
func (s *Seed) findRenamed(known map[string]Seed) {
	for _, name := range sortedKeys(known) {
		k := known[name]
		if k.Hash == s.Hash && s.File.WasNamed(name) {
			s.State, s.AppliedAt, s.Rows, s.Took, s.Was = Applied, k.AppliedAt, k.Rows, k.Took, name
			delete(known, name)
			return
		}
	}
}

func gone(known map[string]Seed) []Seed {
	var list []Seed
	for _, name := range sortedKeys(known) {
		s := known[name]
		if s.Schema == "" {
			continue // a command of the workspace: see ledger.NoteCommand
		}
		s.State = Missing
		list = append(list, s)
	}
	return list
}

func recorded(ctx context.Context, q postgres.Querier) (map[string]Seed, error) {
	noted, err := ledger.Seeds(ctx, q)
	known := map[string]Seed{}
	for name, s := range noted {
		known[name] = Seed{Name: name, Schema: s.Schema, Hash: s.Hash, AppliedAt: s.AppliedAt, Rows: s.Rows, Took: s.Took}
	}
	return known, err
}
