package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/command"
	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// FormatURL returns where the running instance is reached, password included, as a URL, as lines for a .env file, which have every variable that the
// workspace names, for
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
	if format == "env" {
		return target.Env(say.Each(e.ws.DatabaseVariables(ctx), func(v workspace.DatabaseVariable) string {
			return v.Name + "=" + v.Value(target.URL())
		})), nil
	}
	text, _ := target.Format(format)
	return text, nil
}

// commandDatabase returns what a command sees of the running instance's database.
func (e *Env) commandDatabase(ctx context.Context) (command.Database, error) {
	url, err := e.findURL(ctx)
	return command.Database{URL: url, Variables: e.ws.DatabaseVariables(ctx)}, err
}
