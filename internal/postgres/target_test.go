package postgres

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/dburl"
)

func TestOpenIgnoresWhatOnlyPrismaUnderstands(t *testing.T) {
	_, url := openURL(t, "")
	db, err := Open(t.Context(), withParams(t, url, "schema", "public", "connection_limit", "3", "pgbouncer", "true"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("Prisma's parameters reached the server: %v", err)
	}
}

func withParams(t *testing.T, raw string, pairs ...string) string {
	t.Helper()
	target, err := dburl.ParseTarget(raw)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		target.Params.Set(pairs[i], pairs[i+1])
	}
	return target.URL()
}

func TestOpenConnectsToTheHostThatIsWhatIsAskedFor(t *testing.T) {
	_, raw := openURL(t, "")
	target, err := dburl.ParseTarget(raw)
	if err != nil {
		t.Fatal(err)
	}
	target.Hosts = append([]dburl.Host{{Name: "127.0.0.1", Port: 1}}, target.Hosts...)
	target.Params.Set("target_session_attrs", "read-write")
	info, err := reach(t.Context(), target.URL(), Options{})
	if err != nil || info.Port == 0 || info.ReadOnly {
		t.Errorf("%s: %+v, %v", dburl.MaskURL(target.URL()), info, err)
	}
}
