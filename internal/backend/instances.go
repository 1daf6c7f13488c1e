package backend

import (
	"context"

	"github.com/livepeer/naap-dev/internal/devenv"
)

func (b *environment) Instances(ctx context.Context) ([]devenv.Instance, error) {
	return b.env.Instances(ctx)
}
