package postgres

import (
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Every secret of the fuzz target begins with one of these and ends with the other, and nothing else contains them:
// showing half a password is as bad as showing all of it. They are digits, because a port consists of digits.
const secretHead, secretTail = "9071", "4093"

// writings are the ways in which users, programs and errors write a connection with a password.
var writings = []struct {
	name  string
	write func(user, secret, host, database string) string
	exact bool // every reader finds the same host, user and database in it
}{
	{"a URL", func(u, s, h, d string) string {
		return "postgresql://" + escape(u) + ":" + escape(s) + "@" + h + ":5433/" + escape(d)
	}, true},
	{"a URL with parameters", func(u, s, h, d string) string {
		return "postgres://" + escape(u) + ":" + escape(s) + "@" + h + "/" + escape(d) + "?sslmode=require&sslpassword=" + escape(s)
	}, true},
	{"a password among the parameters", func(u, s, h, d string) string {
		return "postgres://" + h + ":1/" + escape(d) + "?user=" + escape(u) + "&password=" + escape(s)
	}, true},
	{"a parameter's name with an escape", func(u, s, h, d string) string {
		return "postgres://" + escape(u) + "@" + h + "/" + escape(d) + "?pass%77ord=" + url.QueryEscape(s)
	}, true},
	{"several hosts", func(u, s, h, d string) string {
		return "postgres://" + escape(u) + ":" + escape(s) + "@" + h + ":1," + h + "/" + escape(d) + "?options=-c%20a.b%3D" + escape(s)
	}, true},
	{"a password that is not escaped", func(u, s, h, d string) string { return "postgres://" + u + ":" + s + "@" + h + "/" + d }, false},
	{"one before a wrong port", func(u, s, h, d string) string { return "postgres://" + u + ":" + s + "@" + h + ":port/" + d }, false},
	{"an unknown scheme", func(u, s, h, d string) string { return "mysql://" + u + ":" + s + "@" + h + "/" + d }, false},
	{"a wrong escape", func(u, s, h, d string) string {
		return "postgres://" + escape(u) + ":" + escape(s) + "%zz@" + h + "/" + d
	}, false},
	{"a host that is missing", func(u, s, _, _ string) string { return "postgres://" + escape(u) + ":" + escape(s) }, false},
	{"JDBC", func(u, s, h, d string) string {
		return "jdbc:postgresql://" + h + ":5432/" + escape(d) + "?user=" + escape(u) + "&password=" + escape(s)
	}, false},
	{"keywords", func(u, s, h, d string) string {
		return "host=" + quoteKeyword(h) + " user=" + quoteKeyword(u) + " password=" + quoteKeyword(s) + " dbname=" + quoteKeyword(d)
	}, false},
	{"keywords with a mistake", func(u, s, h, d string) string {
		return "host=" + quoteKeyword(h) + " sslpassword = " + quoteKeyword(s) + " user=" + quoteKeyword(u) + " 'x"
	}, false},
	{"keywords with a passphrase that is not quoted", func(_, s, h, _ string) string {
		return "host=" + quoteKeyword(h) + " password=" + strings.ReplaceAll(s, "=", "") + " user=u"
	}, false},
}

func FuzzNoPasswordIsShown(f *testing.F) {
	for i := range writings {
		f.Add(uint(i), "me", "secret", "db.example.com", "shop")
		f.Add(uint(i), "me@corp", "se@cr/et", "db.example.com", "my shop")
		f.Add(uint(i), "me", "/?#&=@:' ", "::1", "a@b")
		f.Add(uint(i), "", "?x=1&y", "10.0.0.1", "")
	}
	f.Fuzz(func(t *testing.T, way uint, user, secret, host, database string) {
		w := writings[way%uint(len(writings))]
		user, database, host = fuzzPart(user), fuzzPart(database), fuzzHost(host)
		secret = secretHead + secret + secretTail
		raw := w.write(user, secret, host, database)

		for name, shown := range map[string]string{
			"MaskURL":                       dburl.MaskURL(raw),
			"MaskText":                      dburl.MaskText("before " + raw),
			"an error of dburl.ParseTarget": errorText(func() error { _, err := dburl.ParseTarget(raw); return err }),
			"an error of Connect's":         errorText(func() error { _, err := driverConfig(raw); return Diagnose(err, raw) }),
			"the diagnosis of a timeout":    errorText(func() error { return Diagnose(timedOut{}, raw) }),
		} {
			// MaskText takes a blank for the end of a URL, as it documents.
			if name == "MaskText" && !w.exact {
				continue
			}
			if strings.Contains(shown, secretHead) || strings.Contains(shown, secretTail) {
				t.Errorf("%s of %s shows the password\nof    %q\nshown %q", name, w.name, raw, shown)
			}
		}
		if w.exact {
			sameButForThePassword(t, raw, dburl.MaskURL(raw))
		}
	})
}

// sameButForThePassword compares a masked URL with the one that it was made from.
func sameButForThePassword(t *testing.T, raw, masked string) {
	t.Helper()
	was, err := dburl.ParseTarget(raw)
	if err != nil {
		t.Fatalf("%q cannot be read: %v", raw, err)
	}
	is, err := dburl.ParseTarget(masked)
	if err != nil {
		t.Fatalf("the mask %q of %q cannot be read: %v", masked, raw, err)
	}
	if is.Endpoint() != was.Endpoint() || is.User != was.User {
		t.Errorf("%q is %s of %q, and its mask %q is %s of %q", raw, was.Endpoint(), was.User, masked, is.Endpoint(), is.User)
	}
	if is.Password != "***" {
		t.Errorf("the mask %q of %q does not say that there was a password", masked, raw)
	}
}

// FuzzWhateverReadsAPassword takes any text: what one of the readers of such texts takes for its password is not shown.
func FuzzWhateverReadsAPassword(f *testing.F) {
	for _, raw := range []string{
		"postgres://u:s3cret@h/d", "postgres://a@b:s3cret@h/d", "host=h password=s3cret", "postgres://u:12/s3cret@h/d",
		"postgres://u:s3cret@a,b:1/d?password=s3cret", "postgresql:u:s3cret@h", "postgres://u:12#s3cret@h/d", "password = 's3 \\' cret'",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		shown := dburl.MaskURL(raw)
		for reader, secret := range passwordsOf(raw) {
			rest := strings.ReplaceAll(raw, secret, "") // a word that also appears elsewhere is not a secret
			if len(secret) > 4 && strings.Contains(shown, secret) && !strings.Contains(rest, secret) && !isElsewhere(raw, secret) {
				t.Errorf("%s reads the password %q of %q, and the mask shows it: %q", reader, secret, raw, shown)
			}
		}
	})
}

func passwordsOf(raw string) map[string]string {
	all := map[string]string{}
	if t, err := dburl.ParseTarget(raw); err == nil {
		all["ParseTarget"] = t.Password
	}
	if c, err := pgconn.ParseConfig(raw); err == nil {
		all["pgx"] = c.Password
	}
	if u, err := url.Parse(raw); err == nil {
		all["net/url"], _ = u.User.Password()
	}
	return all
}

// isElsewhere reports whether a password also appears in another part of the connection.
func isElsewhere(raw, secret string) bool {
	said := ""
	if t, err := dburl.ParseTarget(raw); err == nil {
		said += t.Endpoint() + "\x00" + t.User + "\x00"
	}
	if c, err := pgconn.ParseConfig(raw); err == nil {
		said += c.Host + "\x00" + c.User + "\x00" + c.Database
	}
	return strings.Contains(said, secret) || strings.Count(raw, secret) > 1
}

// fuzzPart returns a user's or database's name without what marks the secret.
func fuzzPart(s string) string {
	s = strings.NewReplacer(secretHead, "", secretTail, "", "\x00", "").Replace(s)
	if strings.Contains(s, secretHead) || strings.Contains(s, secretTail) || strings.Contains(escape(s), secretHead) || strings.Contains(escape(s), secretTail) {
		return "x"
	}
	return s
}

// fuzzHost returns a host as it may be written in a URL.
func fuzzHost(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return -1
	}, s)
	if s == "" {
		return "[::1]"
	}
	return s
}

func errorText(f func() error) string {
	err := f()
	if err == nil {
		return ""
	}
	return err.Error() + "\n" + remedy.Text(err)
}

type timedOut struct{}

func (timedOut) Error() string   { return "i/o timeout" }
func (timedOut) Timeout() bool   { return true }
func (timedOut) Temporary() bool { return true }

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func quoteKeyword(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
