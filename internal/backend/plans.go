package backend

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Facts is what naap knows of a database beyond what the server says: who owns a schema, what should be there, what was
// seeded. It is asked for now and then, not with every Snapshot.
type Facts struct {
	Owners   map[string]string           // schema → plugin or service
	Missing  map[string][]string         // schema → tables of the Prisma file that the database lacks
	Unknown  map[string][]string         // schema → tables that the Prisma file lacks
	Stale    map[string][]string         // schema → models that a generated client knows otherwise than the Prisma file has them
	Generate string                      // the command that generates the clients anew, where one is stale
	Baseline map[postgres.TableRef]int64 // rows right after the seeds, to see what changed since
	Pending  int                         // statements that a push would run
	Destroys int                         // how many of them would lose something
	DriftErr error                       // why the drift is not known: a mistake in the Prisma file
	Seeds    []seeding.Seed
	// Migrations is how many migrations stand how; nil where there is no folder of them, or where that cannot be known.
	Migrations *migrate.Counts
	File       FileState // what the drift was compared with
}

// PushPlan is what a push would do, with the files that it was made from.
type PushPlan struct {
	*schemaplan.Plan
	Notes []string // what to know about the database and the files
	File  FileState
	Hooks []trust.Standing // the commands of naap.toml that run afterwards
	// Beside is set where the migrations alone are to make the tables: whoever carries the plan out was told that it is in none
	// of them.
	Beside bool
	env    *devenv.Env
}

// After returns the commands that run after the push, safe to show: those that the user has allowed, and the others.
func (p *PushPlan) After() (allowed, held []string) {
	for _, s := range p.Hooks {
		if text := visible.String(s.Text); s.Allowed {
			allowed = append(allowed, text)
		} else {
			held = append(held, text)
		}
	}
	return allowed, held
}

// Warnings returns what to know before the plan is carried out. The commands in them are for the target.
func (p *PushPlan) Warnings(target remedy.Target) []string {
	out := append(slices.Clone(p.Notes), p.WipeLines()...)
	if note := p.SplitNote(); note != "" {
		out = append(out, note)
	}
	for _, r := range p.Renames {
		out = append(out, target.Line(r.Advice("dev push")))
	}
	return out
}

// ResetPlan is what resetting schemas would do, with the options and the files that it was made with.
type ResetPlan struct {
	*reset.Plan
	Options devenv.ResetOptions
	Seeds   []string // those that run afterwards
	File    FileState
	env     *devenv.Env
}

// SeedsPlan is what applying seeds would do, with the files that it was made from.
type SeedsPlan struct {
	*devenv.SeedsPlan
	File FileState
	env  *devenv.Env
}

// FileState says which state of the Prisma file an answer is about: files change while a screen shows what they said.
type FileState struct {
	Name string    // for messages, safe to show: "packages/database/prisma/schema.prisma"; "" where there is none
	AsOf time.Time // when it was read; zero for one inside the program, which does not change
	ID   string    // identifies its contents, and whatever else the answer was made from
}

// fileState returns the state of the Prisma file in an environment.
func fileState(env *devenv.Env, read time.Time) FileState {
	ws := env.Workspace()
	if len(ws.SchemaFiles) == 0 {
		return FileState{}
	}
	f := FileState{Name: visible.String(filepath.ToSlash(ws.SchemaName())), ID: ws.SchemaID()}
	if ws.SchemaOnDisk() {
		f.AsOf = read
	}
	return f
}

// stale returns the error for a plan whose files have changed since it was made, else nil.
func (f FileState) stale(now FileState, verb string) error {
	if f.ID == now.ID {
		return nil
	}
	name := f.Name
	switch {
	case verb == "deploy":
		name = "the folder " + path.Base(name)
	case verb == "write":
		name = "the schema or the folder of migrations"
	case verb != "push" || name == "":
		name = "the schema or a seed file"
	}
	if verb == "push" {
		name = path.Base(name)
	}
	e := remedy.New("plan.stale", remedy.ExitRefused, "%s has changed since; nothing was done", name)
	if !f.AsOf.IsZero() {
		e.WithSeen("the plan is of the files as of " + f.AsOf.Format("15:04:05"))
	}
	return e.WithFix("look at what it would do now, and " + verb + " again")
}

// withFolder returns a state that covers the migrations as well.
func (f FileState) withFolder(id string) FileState {
	f.ID += " " + id
	return f
}

// with returns a state that covers seed files as well.
func (f FileState) with(seeds []*seedfile.File) FileState {
	h := sha256.New()
	_, _ = io.WriteString(h, f.ID)
	for _, file := range seeds {
		_, _ = io.WriteString(h, "\x00"+file.Path+"\x00"+file.Text)
	}
	f.ID = hex.EncodeToString(h.Sum(nil))
	return f
}
