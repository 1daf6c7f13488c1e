package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/dburl"
)

// FormatURL returns where the running instance is reached, password included, as a URL, as lines for a .env file, for
// Java, or as the psql command: one of dburl.Formats.
func (e *Env) FormatURL(ctx context.Context, format string) (string, error) {
	url, err := e.findURL(ctx)
	if err != nil {
		return "", err
	}
	target, err := dburl.ParseTarget(url)
	if err != nil {
		return "", err
	}
	for i, h := range target.Hosts {
		// Users and tools write localhost; the address is the same.
		if h.Name == "127.0.0.1" {
			target.Hosts[i].Name = "localhost"
		}
	}
	text, _ := target.Format(format)
	return text, nil
}
