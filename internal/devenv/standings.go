package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/reach"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Standings returns what the workspace's files would make run or reach, and whether each of these was allowed. The list
// is complete even if the error says that what was kept could not be read.
func (e *Env) Standings(ctx context.Context) ([]trust.Standing, error) {
	j, err := e.trustJudge()
	return j.All(append(e.items(), e.seedItems(ctx)...)), err
}

// seedItems returns the items for the seed files.
func (e *Env) seedItems(ctx context.Context) []trust.Item {
	var items []trust.Item
	files, _ := e.seedFiles(ctx) // their mistakes are reported where they are applied
	for _, f := range files {
		if item, ok := reach.Seed(e.ws, f); ok {
			items = append(items, item)
		}
	}
	return items
}

// leftOut says, a line each, what an up did not do because the user has not allowed it, and why it is not known what
// they have allowed.
func (e *Env) leftOut(ctx context.Context) []string {
	all, err := e.Standings(ctx)
	var lines []string
	if err != nil {
		lines = append(lines, visible.String(err.Error()))
	}
	for _, s := range trust.Held(all) {
		if s.Kind == trust.SQL || s.Kind == trust.SeedCommand && !e.ws.Settings.NoSeed {
			lines = append(lines, visible.String(s.Kind.Title()+" of "+s.Subject+" was not run: it was "+e.notAllowed("")))
		}
	}
	return lines
}
