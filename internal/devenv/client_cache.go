package devenv

import (
	"context"
	"slices"
	"sync"

	"github.com/livepeer/naap-dev/internal/client"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/say"
)

// clientCache keeps what the generated clients are until a file that this depends on changes.
type clientCache struct {
	mu      sync.Mutex
	sources []prisma.Source
	places  []client.Place
	clients []*client.Client
}

// of returns the clients of places, compared with the sources, or the earlier result for the same ones.
func (c *clientCache) of(ctx context.Context, sources []prisma.Source, places []client.Place) []*client.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sources == nil || !slices.Equal(c.places, places) || !slices.Equal(c.sources, sources) {
		clients := say.Each(places, func(p client.Place) *client.Client { return p.Compare(ctx, sources) })
		if ctx.Err() != nil {
			return clients
		}
		c.sources, c.places, c.clients = sources, places, clients
	}
	return c.clients
}
