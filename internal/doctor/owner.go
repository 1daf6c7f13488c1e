package doctor

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/remedy"
)

var ownerCheck = check{database, func(ctx context.Context, l *look) {
	owner, err := l.Owner(ctx, l.db)
	switch {
	case err != nil:
		l.failed("owner", "It cannot be read whose the database is", err)
	case owner == nil:
	case owner.Ours:
		l.fine("owner", "The database is this workspace's", fmt.Sprintf("since %s (%s)", owner.Day, owner.How))
	default:
		l.add("owner", remedy.Warning, "The database is another workspace's", []string{owner.Name + ", since " + owner.Day}, owner.Ways...)
	}
}}
