package doctor

import (
	"context"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// undoCheck says what undo keeps.
var undoCheck = check{database, func(ctx context.Context, l *look) {
	var undo int64
	if l.ask(ctx, "undo", `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname ~ '`+hidden.Aside+`'`, &undo) && undo > 0 {
		l.add("undo", remedy.Notable, "Undo holds "+say.Bytes(undo), []string{"schemas that were reset and can be brought back"}, remedy.Naap("dev undo", "--list"))
	}
}}

var snapshotsCheck = check{database, func(ctx context.Context, l *look) {
	var databases int
	var kept int64
	if l.ask(ctx, "snapshots", `SELECT count(*), coalesce(sum(pg_database_size(oid)), 0)::bigint FROM pg_catalog.pg_database
WHERE datname ~ '^naap_(snap|prev|temp)_[0-9a-f]{16}$'`, &databases, &kept) && databases > 0 {
		l.add("snapshots", remedy.Notable, "Snapshots hold "+say.Bytes(kept), []string{say.Count(databases, "database")}, remedy.Naap("dev snapshot list"))
	}
}}

var shadowsCheck = check{database, func(ctx context.Context, l *look) {
	var databases int
	var kept int64
	if l.ask(ctx, "shadows", `SELECT count(*), coalesce(sum(pg_database_size(oid)), 0)::bigint FROM pg_catalog.pg_database
WHERE datname ~ '^naap_shadow_[0-9a-f]{16}$'`, &databases, &kept) && databases > 0 {
		l.add("shadows", remedy.Notable, "Shadow databases hold "+say.Bytes(kept), []string{say.Count(databases, "database") + " with what the migrations make: so that only new ones have to be run"})
	}
}}
