package seeding

import (
	"context"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// StateOf returns the state in the database of a seed that something else applies, such as the workspace's own command:
// see ledger.NoteCommand.
func StateOf(ctx context.Context, q postgres.Querier, name, hash string) (*Seed, error) {
	known, err := recorded(ctx, q)
	if err != nil {
		return nil, err
	}
	s, ok := known[name]
	switch {
	case !ok:
		s = Seed{Name: name, State: Pending}
	case s.Hash == hash:
		s.State = Applied
	default:
		s.State = Changed
	}
	s.Hash = hash
	return &s, nil
}
