package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/client"
	"github.com/livepeer/naap-dev/internal/doctor"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seeding"
)

// Doctor checks everything around the database that can be wrong on a developer's machine.
func (e *Env) Doctor(ctx context.Context) []remedy.Finding { return doctor.Examine(ctx, subject{e}) }

// subject is an environment as the doctor examines it.
type subject struct{ *Env }

func (s subject) Getenv(name string) string { return getenv(name) }
func (s subject) IsPasswordPublic() bool    { return password.KindOf(&s.ws.Settings) == password.Public }

func (s subject) Last() doctor.Last {
	rec := readRecord(s.StateDir())
	return doctor.Last{Port: rec.Port, Identity: rec.Identity}
}

func (s subject) Owner(ctx context.Context, db *postgres.DB) (*doctor.Owner, error) {
	entry, ours, err := s.recordedOwner(ctx, db)
	if err != nil || entry == nil {
		return nil, err
	}
	return &doctor.Owner{Ours: ours, Name: entry.String(), How: string(entry.How), Day: day(entry), Ways: s.others()}, nil
}

func (s subject) Reader(ctx context.Context) (why string, fix []remedy.Advice, err error) {
	if _, err := s.connectReader(ctx); err != nil {
		return "", nil, err
	}
	if known, ok := remedy.Of(s.noReader()); ok {
		fix = known.Fix
	}
	return s.unread(), fix, nil
}

func (s subject) Seeds(ctx context.Context, db *postgres.DB) ([]seeding.Seed, error) {
	return s.listSeeds(ctx, db)
}

func (s subject) Migrations(ctx context.Context) (*migrate.History, error) {
	if folder, err := s.ownFolder(ctx); err != nil || folder == nil {
		return nil, err
	}
	return s.Env.Migrations(ctx)
}

func (s subject) Clients(ctx context.Context) (clients []*client.Client, generate string) {
	return s.Env.Clients(ctx), s.generation().shown()
}

// exposure describes what the password means to other users of this machine. runsAsYou is the server's: see
// server.Endpoint.
func (e *Env) exposure(runsAsYou bool) doctor.Exposure {
	if e.IsExternal() || password.KindOf(&e.ws.Settings) != password.Public {
		return doctor.Exposure{}
	}
	return doctor.ExposureHere(runsAsYou)
}
