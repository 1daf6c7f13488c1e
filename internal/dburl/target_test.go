package dburl

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

const odd = `p@ss:/?#[]%'"$&\ é`

func TestTargetsKeepTheirPartsThroughAURL(t *testing.T) {
	for _, want := range []Target{
		{Hosts: []Host{{"localhost", 5432}}, User: "postgres", Password: "postgres", Database: "naap"},
		{Hosts: []Host{{"::1", 5433}}, User: odd, Password: odd, Database: odd},
		{Hosts: []Host{{"a.example", 1}, {"b.example", 2}}, User: "u", Database: "d"},
		{Hosts: []Host{{"/var/run/postgresql", 5432}}, User: "u", Database: "d"},
	} {
		got, err := ParseTarget(want.URL())
		if err != nil {
			t.Errorf("%q: %v", want.URL(), err)
			continue
		}
		if !slices.Equal(got.Hosts, want.Hosts) || got.User != want.User || got.Password != want.Password || got.Database != want.Database {
			t.Errorf("%q reads as %+v, want %+v", want.URL(), got, want)
		}
		if strings.ContainsAny(want.URL(), `$"' `) {
			t.Errorf("%q needs quoting in a shell", want.URL())
		}
	}
}

func TestMalformedURLsSayWhatIsWrongWithoutThePassword(t *testing.T) {
	for _, raw := range []string{
		"mysql://u:s3cret@h/d", "postgres://u:s3cret%zz@h/d", "postgres://u:s3cret@h:99999/d", "postgres://u:s3:cret@h:x/d",
		"postgres://u:s3cret@h/d?%zz", "s3cret",
	} {
		_, err := ParseTarget(raw)
		if !errors.Is(err, &remedy.Error{Code: "url.malformed"}) {
			t.Errorf("%q: %v", raw, err)
		} else if strings.Contains(remedy.Text(err), "s3cret") {
			t.Errorf("%q: the error holds the password: %v", raw, remedy.Text(err))
		}
	}
}

func TestMaskURLLeavesNoPassword(t *testing.T) {
	for raw, want := range map[string]string{
		"postgresql://u:s3cret@h:1/d":              "postgresql://u:***@h:1/d",
		"postgres://u@h/d":                         "postgresql://u@h:5432/d",
		"postgres://u:s3cret@h/d?sslmode=disable":  "postgresql://u:***@h:5432/d",
		"postgres://h/d?password=s3cret&user=u":    "postgresql://u:***@h:5432/d",
		"host=h password=s3cret user=u":            "host=h password=*** user=u",
		`host=h password='s3cr et\'s s3cret' u=1`:  "host=h password=***",
		"postgres://u:s3cret@x@s3cret:notaport@/d": "postgresql://u:***@localhost:5432/d",
		"mysql://u:s3cret@h/d":                     "mysql://u:***@h/d",
		"mysql://u@corp:s3cret@h/d":                "mysql://u@corp:***@h/d",
		"postgres://u:12/s3cret@h/d":               "postgres://u:***@h/d",
		"postgres://u:12?s3cret@h/d":               "postgres://u:***@h/d",
		"postgres://h/d?user=u@corp":               "postgres://***",
		"postgresql:u:s3cret@h/d":                  "***",
		"s3cret":                                   "***",
	} {
		if got := MaskURL(raw); got != want {
			t.Errorf("MaskURL(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestFormatsAreWhatTheirReadersExpect(t *testing.T) {
	target := Target{Hosts: []Host{{"127.0.0.1", 5433}}, User: "post", Password: "a'b $c", Database: "naap"}
	for format, want := range map[string]string{
		"url":  "postgresql://post:a%27b%20%24c@127.0.0.1:5433/naap",
		"jdbc": "jdbc:postgresql://127.0.0.1:5433/naap?password=a%27b%20%24c&user=post",
		"psql": "psql 'postgresql://post:a%27b%20%24c@127.0.0.1:5433/naap'",
	} {
		if got, ok := target.Format(format); !ok || strings.ReplaceAll(got, "'postgresql", "postgresql") != strings.TrimSuffix(strings.ReplaceAll(want, "'postgresql", "postgresql"), "'") {
			t.Errorf("%s: %s, want %s", format, got, want)
		}
	}
	if _, ok := target.Format("xml"); ok {
		t.Error("an unknown format is known")
	}
	env, _ := target.Format("env")
	out, err := exec.Command("sh", "-c", "set -a; "+env+"\nprintf '%s|%s|%s|%s' \"$DATABASE_URL\" \"$PGPASSWORD\" \"$PGPORT\" \"$PGUSER\"").Output()
	if want := target.URL() + "|a'b $c|5433|post"; err != nil || string(out) != want {
		t.Errorf("a shell reads %q from\n%s\nwant %q (%v)", out, env, want, err)
	}
}
