package devenv

import (
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/seeding"
)

// Identity is what a screen's header says of an instance. It does not change while the instance lives.
type Identity struct {
	Instance  string // "naap"
	Engine    string // "docker", "embedded", "external"
	Address   string // "127.0.0.1:5432/naap"
	Workspace string // what it is made from: a folder's name, or "built-in workspace"
	Lacks     engine.Lacks
}

// FileState says which state of the Prisma file an answer is about: files change while a screen shows what they said.
type FileState struct {
	Name string    // for messages, safe to show: "packages/database/prisma/schema.prisma"; "" where there is none
	AsOf time.Time // when it was read; zero for one inside the program, which does not change
	ID   string    // identifies its contents, and whatever else the answer was made from
}

// Facts is what naap knows of a database beyond what the server says: who owns a schema, what should be there, what was
// seeded. It is asked for now and then, not with every Snapshot.
type Facts struct {
	Owners   map[string]string           // schema → plugin or service
	Missing  map[string][]string         // schema → tables of the Prisma file that the database lacks
	Unknown  map[string][]string         // schema → tables that the Prisma file lacks
	Baseline map[postgres.TableRef]int64 // rows right after the seeds, to see what changed since
	Pending  int                         // statements that a push would run
	Destroys int                         // how many of them would lose something
	DriftErr error                       // why the drift is not known: a mistake in the Prisma file
	Seeds    []seeding.Seed
	File     FileState // what the drift was compared with
}
