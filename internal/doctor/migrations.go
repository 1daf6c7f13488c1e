package doctor

import (
	"context"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// migrationsCheck compares the workspace's migrations with those that the database records.
var migrationsCheck = check{database, func(ctx context.Context, l *look) {
	h, err := l.Migrations(ctx)
	if err != nil {
		l.failed("migrations", "The migrations can't be compared", err)
	}
	if err != nil || h == nil {
		return
	}
	names := func(entries []migrate.Entry) []string {
		return say.First(say.Each(entries, func(e migrate.Entry) string { return visible.String(e.Name) }), 9)
	}
	pending, edited := h.With(migrate.Pending), h.Edited()
	switch failed := h.With(migrate.Failed); {
	case len(failed) > 0:
		l.add("migrations", remedy.Broken, "A migration failed, and none runs until that is resolved", names(failed), remedy.Naap("migrate status"))
	case h.Verdict == migrate.Unmanaged:
		l.add("migrations", remedy.Notable, "The database records no migration: "+say.Count(len(pending), "folder")+" in "+visible.String(h.Dir), nil, remedy.Naap("migrate status"))
	case len(pending) > 0:
		l.add("migrations", remedy.Warning, say.Count(len(pending), "migration")+" "+say.Form(len(pending), "is", "are")+" pending", names(pending), remedy.Naap("migrate deploy"))
	case len(edited) == 0:
		l.fine("migrations", "The database has every migration")
	}
	if len(edited) > 0 {
		l.add("migrations", remedy.Warning, say.Count(len(edited), "migration")+" edited after it was applied: a new database gets something else", names(edited), remedy.Naap("migrate status"))
	}
}}
