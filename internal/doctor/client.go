package doctor

import (
	"context"

	"github.com/livepeer/naap-dev/internal/client"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// clientCheck compares the clients that Prisma generated with the Prisma file: an application with an old one does not
// know the columns that a push has made.
var clientCheck = check{nothing, func(ctx context.Context, l *look) {
	clients, generate := l.Clients(ctx)
	for _, c := range clients {
		switch c.State {
		case client.Fresh:
			l.fine("client", "The generated client is what the Prisma file says", c.Folder)
		case client.Stale:
			seen := say.Each(c.Models, func(m client.Model) string { return m.Schema + "." + m.String() })
			l.add("client", remedy.Warning, "The generated client is older than the Prisma file",
				append([]string{c.Folder}, say.First(seen, differencesShown)...), remedy.Words(generate))
		case client.Missing:
			if c.Why != "" { // its package is not installed
				l.add("client", remedy.Notable, "There is no generated client yet", []string{c.Why}, remedy.Words("npm install, or what this repository installs with"))
				continue
			}
			l.add("client", remedy.Notable, "There is no generated client yet", []string{c.Folder}, remedy.Words(generate))
		case client.Unread:
			l.add("client", remedy.Notable, "It is not known whether the generated client is old", []string{c.Folder, c.Why}, remedy.Words(generate))
		}
	}
}}

// differencesShown is how many models that differ are shown.
const differencesShown = 20
