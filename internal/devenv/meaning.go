package devenv

import (
	"slices"
	"sync"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// wanted is the Prisma file's database, or why there is none.
type wanted struct {
	db      *schemaplan.Database
	schemas []string // of the datasource
	skip    string   // why there is nothing to do
	err     error

	generators []*prisma.Generator
}

// desiredCache keeps what the Prisma file means until its text changes: a verb asks for it up to three times, and the
// terminal app on every refresh. Callers must not modify it.
type desiredCache struct {
	mu       sync.Mutex
	sources  []prisma.Source
	external schemaplan.External
	wanted   wanted
}

// of returns the result of read for the sources, or its earlier result for the same ones.
func (c *desiredCache) of(sources []prisma.Source, external schemaplan.External, read func([]prisma.Source, schemaplan.External) wanted) wanted {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sources == nil || !slices.Equal(c.sources, sources) ||
		!slices.Equal(c.external.Tables, external.Tables) || !slices.Equal(c.external.Enums, external.Enums) {
		c.wanted, c.sources, c.external = read(sources, external), sources, external
	}
	return c.wanted
}
