package devenv

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Everyone on the machine can read the command lines of all programs on it.
func TestNoSecretIsOnPsqlsCommandLine(t *testing.T) {
	for _, url := range []string{
		"postgres://u:s3cret@h/d", "postgres://h/d?user=u&password=s3cret", "postgres://u:s3cret@h/d?sslpassword=s3cret&sslmode=require",
		"postgres://u@h/d?scram_client_key=s3cret&oauth_client_secret=s3cret&schema=public", "postgres://u@h/d?PASSWORD=s3cret&SSLPassword=s3cret",
	} {
		target, err := postgres.ParseTarget(url)
		if err != nil {
			t.Fatal(err)
		}
		if got := psqlConnection(target); strings.Contains(got, "s3cret") || !strings.HasPrefix(got, "postgresql://u@h:5432/d") {
			t.Errorf("%s: psql is given %s", url, got)
		}
	}
}

func TestASeedCommandsOutputHoldsNoPassword(t *testing.T) {
	const url = "postgres://u:p%40ss%2Fw0rd!%C3%A9@h:1/d"
	for _, line := range []string{
		"connect to " + url, "postgresql://u:p@ss/w0rd!é@h:1/d?schema=public", "{ user: 'u', password: 'p@ss/w0rd!é' }", "PGPASSWORD=p@ss/w0rd!é",
		"login u p@ss/w0rd!é", "p%40ss%2Fw0rd!%c3%a9", "p%40ss%2Fw0rd%21%C3%A9", "https://other:w0rd!é@elsewhere/x",
	} {
		if got := withoutPassword(url)(line); strings.Contains(got, "w0rd") {
			t.Errorf("%s is shown as %s", line, got)
		}
	}
	const harmless = "seeded table postgres of u with 12 rows: https://example.org/docs?x=1"
	if got := withoutPassword("postgres://postgres:postgres@localhost:5432/naap")(harmless); got != harmless {
		t.Errorf("%q becomes %q", harmless, got)
	}
}

func TestThePsqlCommandIsShownAsAShellTakesIt(t *testing.T) {
	p := &Psql{Inside: []string{"docker", "exec", "-it", "naap-db"}, Args: []string{"psql", "-U", "postgres", "-c", "SELECT '$HOME', \"a\""}}
	if got, want := p.Shown(), `docker exec -it naap-db psql -U postgres -c 'SELECT '\''$HOME'\'', "a"'`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
