package dockerctl

import "context"

// Describe looks at a container without touching it; nil if there is none of that name. Its SystemID is not asked for.
func (e *Engine) Describe(ctx context.Context, name string) (*Container, error) {
	c, err := e.containerState(ctx, name)
	return c, e.lost(ctx, "look at the container", err)
}
