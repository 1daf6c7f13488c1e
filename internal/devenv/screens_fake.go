package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/fakedata"
	"github.com/livepeer/naap-dev/internal/progress"
)

// FakeData makes up rows for tables that have none. The terminal app asks for its numbers before, and shows the refusal
// for tables that have rows.
func (s *Screens) FakeData(ctx context.Context, req FakeRequest, report progress.Report) error {
	return s.explained(ctx, "dev seed", func(ctx context.Context) error {
		env, err := s.reread(ctx)
		if err != nil {
			return err
		}
		_, _, err = env.Fake(ctx, FakeOptions{AllowExternal: true, Options: fakedata.Options{
			Schemas: req.Schemas, Tables: req.Tables, Rows: int64(req.Rows), Seed: req.Seed, Append: req.Append, Edge: req.Edge}}, report)
		return err
	})
}
