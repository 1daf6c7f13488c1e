package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

var versionCheck = check{facts, func(_ context.Context, l *look) {
	version := "PostgreSQL " + l.info.Version.String()
	if l.info.Version.Major() != engine.Major {
		l.add("server.version", remedy.Warning, "Not the platform's version", []string{version + ", the platform runs 16"}, remedy.Again("dev up", engine.WithImage("postgres:16")...))
		return
	}
	l.fine("server.version", version)
}}

var encodingCheck = check{facts, func(_ context.Context, l *look) {
	if l.info.Encoding != "UTF8" {
		l.add("server.encoding", remedy.Broken, "The database is not UTF-8", []string{l.info.Encoding}, remedy.Naap("dev down", "--delete-data"), remedy.Again("dev up"))
		return
	}
	l.fine("server.encoding", "Encoding UTF8", "collation "+l.info.Collation)
}}

var identityCheck = check{facts, func(_ context.Context, l *look) {
	switch identity := l.Last().Identity; {
	case l.IsExternal() || identity == "":
	case l.info.ClusterName == identity:
		l.fine("identity", "It is the server that naap started", l.info.ClusterName)
	default:
		l.add("identity", remedy.Broken, "It is not the server that naap started",
			[]string{fmt.Sprintf("cluster_name is %q, expected %q", l.info.ClusterName, identity)}, remedy.Again("dev up", "--dry-run"))
	}
}}

var clockCheck = check{facts, func(_ context.Context, l *look) {
	if l.info.Clock.IsZero() {
		return
	}
	if diff := time.Since(l.info.Clock).Abs(); diff > 5*time.Second {
		fix := l.hints().Clock
		if fix == nil {
			fix = remedy.Words("have both machines set their clocks by the network")
		}
		l.add("clock", remedy.Warning, "The server's clock is not this machine's", []string{say.Age(diff) + " apart"}, fix)
		return
	}
	l.fine("clock", "The clocks agree")
}}

// collationCheck finds a database whose text indexes were made under another version of the collation library.
var collationCheck = check{database, func(ctx context.Context, l *look) {
	var name string
	var recorded, actual *string
	if !l.ask(ctx, "collation", `SELECT datname::text, datcollversion, pg_database_collation_actual_version(oid)
FROM pg_catalog.pg_database WHERE datname = current_database()`, &name, &recorded, &actual) {
		return
	}
	if recorded != nil && actual != nil && *recorded != *actual {
		database := postgres.Ident(name)
		l.add("collation", remedy.Broken, "Text indexes may be wrong: the library of the collations has another version",
			[]string{"made with " + *recorded + ", now " + *actual},
			psqlCommand("REINDEX DATABASE "+database), sqlCommand("ALTER DATABASE "+database+" REFRESH COLLATION VERSION"))
	}
}}
