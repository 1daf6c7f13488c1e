package devenv

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/dburl"
)

// Everyone on the machine can read the command lines of all programs on it.
func TestNoSecretIsOnPsqlsCommandLine(t *testing.T) {
	for _, url := range []string{
		"postgres://u:s3cret@h/d", "postgres://h/d?user=u&password=s3cret", "postgres://u:s3cret@h/d?sslpassword=s3cret&sslmode=require",
		"postgres://u@h/d?scram_client_key=s3cret&oauth_client_secret=s3cret&schema=public", "postgres://u@h/d?PASSWORD=s3cret&SSLPassword=s3cret",
	} {
		target, err := dburl.ParseTarget(url)
		if err != nil {
			t.Fatal(err)
		}
		if got := psqlConnection(target); strings.Contains(got, "s3cret") || !strings.HasPrefix(got, "postgresql://u@h:5432/d") {
			t.Errorf("%s: psql is given %s", url, got)
		}
	}
}
