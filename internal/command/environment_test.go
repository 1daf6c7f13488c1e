package command

import (
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/workspace"
)

const ours = "postgresql://postgres:postgres@127.0.0.1:5433/naap"

func TestEveryVariableForADatabaseIsThisOnes(t *testing.T) {
	db := Database{URL: ours, Variables: []workspace.DatabaseVariable{
		{Name: "DATABASE_URL"}, {Name: "DATABASE_URL_UNPOOLED", Use: workspace.UseDirect}, {Name: "SHADOW_DATABASE_URL", Use: workspace.UseShadow},
	}}
	foreign := []string{
		"DATABASE_URL=postgres://u:p@prod.example/x", "DATABASE_URL_UNPOOLED=postgresql://u:p@prod.example/x", "DIRECT_URL=postgres://prod.example",
		"SHADOW_DATABASE_URL=postgres://u:p@prod.example/x", "REPLICA=\"postgresql+asyncpg://u:p@prod.example/x\"", "ACCELERATE=prisma://accelerate.example/?api_key=k",
		"LOCAL_PRISMA=prisma+postgres://localhost:51213/?api_key=k", "JAVA=jdbc:postgresql://prod.example/x", "OLD=mysql://u@prod.example/x", "CONN=host=prod.example user=u password=p",
		`CONFIG={"db":{"url":"postgres://prod.example/x"}}`, "PGHOST=prod.example", "PGHOSTADDR=10.0.0.1", "PGSERVICE=prod", "PGPASSWORD=p", "PGSSLMODE=verify-full", "PGOPTIONS=-c search_path=x",
	}
	kept := []string{"PATH=/bin", "EMPTY=", "REDIS_URL=redis://localhost", "SITE=https://example.org/?host=a", "PGDATESTYLE=ISO", "NOTE=host=a", "NAAP_DATABASE_URL=" + ours}
	finder := program.Finder{Environ: append(slices.Clone(foreign), kept...)}
	got := program.Last(db.Environ(finder.Env(program.Allowed)))
	for _, kv := range got {
		if strings.Contains(kv, "prod") || strings.Contains(kv, "api_key") || strings.Contains(kv, "10.0.0.1") {
			t.Errorf("a command sees %s", kv)
		}
	}
	for _, want := range append(kept, "DATABASE_URL="+ours, "DATABASE_URL_UNPOOLED="+ours, "DIRECT_URL="+ours, "SHADOW_DATABASE_URL=",
		"PGHOST=127.0.0.1", "PGPORT=5433", "PGDATABASE=naap", "PGUSER=postgres", "PGPASSWORD=postgres") {
		if !slices.Contains(got, want) {
			t.Errorf("a command does not see %s", want)
		}
	}
	if i := slices.IndexFunc(got, func(kv string) bool { return strings.HasPrefix(kv, "PGSSLMODE=") }); i >= 0 {
		t.Errorf("the server without TLS gets %s", got[i])
	}
}

func TestAnotherServersConditionsGoWithItsURL(t *testing.T) {
	db := Database{URL: "postgresql://u@db.example:5/x?sslmode=require&pgbouncer=true"}
	got := db.Environ(nil)
	for _, want := range []string{"PGSSLMODE=require", "PGHOST=db.example", "PGPORT=5", "PGUSER=u"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
}
