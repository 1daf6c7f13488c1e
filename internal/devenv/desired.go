package devenv

import (
	"slices"
	"sync"

	"github.com/livepeer/naap-dev/internal/prisma"
)

// desiredCache keeps what the Prisma file means until its text changes: a verb asks for it up to three times, and the
// terminal app on every refresh. Whoever gets it only reads.
type desiredCache struct {
	mu      sync.Mutex
	sources []prisma.Source
	wanted  wanted
}

// of is what read makes of the sources, or made of the same ones before.
func (c *desiredCache) of(sources []prisma.Source, read func([]prisma.Source) wanted) wanted {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sources == nil || !slices.Equal(c.sources, sources) {
		c.wanted, c.sources = read(sources), sources
	}
	return c.wanted
}
