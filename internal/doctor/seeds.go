package doctor

import (
	"context"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seeding"
)

var seedsCheck = check{database, func(ctx context.Context, l *look) {
	list, err := l.Seeds(ctx, l.db)
	if err != nil {
		l.failed("seeds", "The seeds can't be listed", err)
		return
	}
	open := 0
	for _, s := range list {
		if s.State == seeding.Applied {
			continue
		}
		open++
		if s.State == seeding.Missing {
			l.add("seeds", remedy.Notable, "Seed "+s.Name+" is missing", []string{"it was applied, and its file is gone"}, remedy.Words("nothing needs to be done: its rows stay"))
			continue
		}
		apply := remedy.Naap("dev seed")
		if s.Schema != "" { // a command has none
			apply = apply.With(s.Schema)
		}
		l.add("seeds", remedy.Notable, "Seed "+s.Name+" is "+string(s.State), []string{s.Detail()}, apply)
	}
	if open == 0 {
		l.fine("seeds", say.Count(len(list), "seed")+" applied")
	}
}}
