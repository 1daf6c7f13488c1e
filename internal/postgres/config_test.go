package postgres

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// home makes a new home folder with a password file of that mode, and unsets libpq's variables.
func home(t *testing.T, entries string, mode os.FileMode) (passfile string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	for _, name := range []string{"PGPASSWORD", "PGPASSFILE", "PGSERVICE", "PGSERVICEFILE", "PGHOST"} {
		t.Setenv(name, "")
	}
	passfile = filepath.Join(dir, ".pgpass")
	write(t, passfile, entries, mode)
	return passfile
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func passwordGiven(t *testing.T, url string) string {
	t.Helper()
	cfg, err := driverConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return cfg.Password
}

func TestAPasswordFileThatOthersCanReadIsIgnored(t *testing.T) {
	for mode, want := range map[os.FileMode]string{0o600: "s3cret", 0o400: "s3cret", 0o640: "", 0o604: "", 0o620: "", 0o602: "", 0o610: ""} {
		home(t, "db.example:5432:d:u:s3cret\n", mode)
		if got := passwordGiven(t, "postgres://u@db.example/d"); got != want {
			t.Errorf("mode %o: %q, want %q", mode, got, want)
		}
	}
}

func TestAPasswordFileOfAnotherUserIsIgnored(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file to another user and still read it")
	}
	path := home(t, "*:*:*:*:s3cret\n", 0o600)
	if err := os.Chown(path, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if got := passwordGiven(t, "postgres://u@db.example/d"); got != "" {
		t.Errorf("the password %q of another user's file is used", got)
	}
}

func TestAPasswordFileIsFoundWhereLibpqFindsIt(t *testing.T) {
	path := home(t, "*:*:*:*:at home\n", 0o600)
	dir := filepath.Dir(path)
	for _, name := range []string{"url", "variable", "service"} {
		write(t, filepath.Join(dir, name), "*:*:*:*:by "+name+"\n", 0o600)
	}
	write(t, filepath.Join(dir, ".pg_service.conf"), "[named]\npassfile="+filepath.Join(dir, "service")+"\n[plain]\nhost=h\n", 0o600)
	for _, c := range []struct{ params, variable, service, want string }{
		{"", "", "", "at home"},
		{"", "variable", "", "by variable"},
		{"?passfile=" + escape(filepath.Join(dir, "url")), "variable", "named", "by url"},
		{"", "variable", "named", "by service"},
		{"?service=named", "variable", "", "by service"},
		{"", "", "plain", "at home"},
	} {
		t.Setenv("PGPASSFILE", "")
		if c.variable != "" {
			t.Setenv("PGPASSFILE", filepath.Join(dir, c.variable))
		}
		t.Setenv("PGSERVICE", c.service)
		if got := passwordGiven(t, "postgres://u@db.example/d"+c.params); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestAPipeInPlaceOfAPasswordFileHoldsNobodyUp(t *testing.T) {
	path := home(t, "", 0o600)
	for _, put := range []func() error{
		func() error { return os.Mkdir(path, 0o700) },
		func() error { return os.Symlink("/dev/zero", path) },
		func() error { return makePipe(path) },
	} {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := put(); err != nil {
			t.Skip(err)
		}
		if got := passwordGiven(t, "postgres://u@db.example/d"); got != "" {
			t.Errorf("it has the password %q", got)
		}
	}
}

func TestADeviceInPlaceOfACertificateIsRefused(t *testing.T) {
	path := home(t, "", 0o600)
	pipe := filepath.Join(filepath.Dir(path), "pipe")
	if err := makePipe(pipe); err != nil {
		t.Skip(err)
	}
	for _, name := range []string{"sslrootcert", "sslcert", "sslkey", "servicefile"} {
		for _, file := range []string{"/dev/zero", pipe, filepath.Dir(path)} {
			url := "postgres://u@db.example/d?" + name + "=" + escape(file)
			for _, url := range []string{url, url + "&naap_own=1"} { // a file of the repository cannot contain what dburl.AsOwn adds
				if _, err := driverConfig(url); remedy.Code(err) != "file.kind" {
					t.Errorf("%s: %v", url, err)
				}
			}
		}
	}
	t.Setenv("PGSSLROOTCERT", "/dev/zero")
	if _, err := Open(t.Context(), "postgres://u@db.example/d", Options{}); remedy.Code(err) != "file.kind" {
		t.Errorf("PGSSLROOTCERT: %v", err)
	}
}

// The driver has one password for all hosts, libpq has one for each.
func TestAPasswordOfOneHostIsNotGivenToAnother(t *testing.T) {
	home(t, "good.example:*:*:*:s3cret\nevil.example:*:*:*:other\nalso.example:5433:*:*:s3cret\n", 0o600)
	for url, want := range map[string]string{
		"postgres://u@good.example,evil.example/d":                "",
		"postgres://u@good.example,unknown.example/d":             "",
		"postgres://u@good.example,also.example:5433/d":           "s3cret",
		"postgres://u@good.example,also.example/d":                "",
		"host=good.example,evil.example user=u":                   "",
		"postgres://u@good.example/d?host=evil.example":           "other",
		"postgres://u@good.example,good.example:2/d":              "s3cret",
		"postgres://u:given@good.example,evil.example/d":          "given",
		"postgres://u@good.example/d?host=good.example,x.example": "",
	} {
		if got := passwordGiven(t, url); got != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}

func TestARefusedPasswordSaysThatTheFileWasIgnored(t *testing.T) {
	path := home(t, "*:*:*:*:whatever\n", 0o644)
	_, url := openURL(t, "")
	target, err := dburl.ParseTarget(url)
	if err != nil {
		t.Fatal(err)
	}
	target.Password = ""
	_, err = reach(t.Context(), target.URL(), Options{})
	text := remedy.Text(err)
	if remedy.Code(err) != "database.auth" || !strings.Contains(text, path+" was not read: others can read or change it (its mode is 644)") || !strings.Contains(text, "chmod 600 "+path) {
		t.Errorf("%s", text)
	}
	t.Setenv("PGPASSFILE", os.DevNull)
	_, err = reach(t.Context(), target.URL(), Options{})
	if text := remedy.Text(err); !strings.Contains(text, os.DevNull+" was not read: it is not a plain file") || strings.Contains(text, "chmod") || !strings.Contains(text, "put a file of your own in its place") {
		t.Errorf("of what is no file: %s", text)
	}
	home(t, "*:*:*:*:whatever\n", 0o600)
	if _, err = reach(t.Context(), target.URL(), Options{}); strings.Contains(remedy.Text(err), "was not read") {
		t.Errorf("a file that is read is said to be ignored: %s", remedy.Text(err))
	}
}

// asking starts a server that asks for the password in the given way, and returns its port and what it received.
func asking(t *testing.T, ask pgproto3.BackendMessage) (port int, got func() []string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	answers := make(chan string, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			answers <- answerTo(conn, ask) // before a caller that waits for the connection's end may ask
			conn.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, func() (all []string) {
		for {
			select {
			case a := <-answers:
				all = append(all, a)
			default:
				return all
			}
		}
	}
}

func answerTo(conn net.Conn, ask pgproto3.BackendMessage) string {
	b := pgproto3.NewBackend(conn, conn)
	for {
		msg, err := b.ReceiveStartupMessage()
		if err != nil {
			return ""
		}
		if _, tls := msg.(*pgproto3.SSLRequest); !tls {
			break
		}
		if _, err := conn.Write([]byte("N")); err != nil {
			return ""
		}
	}
	_ = b.SetAuthType(pgproto3.AuthTypeCleartextPassword)
	b.Send(ask)
	if b.Flush() != nil {
		return ""
	}
	msg, err := b.Receive()
	if p, ok := msg.(*pgproto3.PasswordMessage); ok && err == nil {
		return p.Password
	}
	return ""
}

// elsewhere makes a connection of this machine look like one to another.
type elsewhere struct{ net.Conn }

func (elsewhere) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 5432} }

func TestNoPasswordGoesInTheClearOverANetwork(t *testing.T) {
	home(t, "", 0o600)
	port, got := asking(t, &pgproto3.AuthenticationCleartextPassword{})
	far := Options{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, dburl.Host{Name: "127.0.0.1", Port: port}.String())
		return elsewhere{conn}, err
	}}
	for _, c := range []struct {
		url     string
		opt     Options
		refused bool
	}{
		{"postgres://u:s3cret@192.0.2.1/d", far, true},
		{"postgres://u:s3cret@192.0.2.1/d?sslmode=disable", far, true},
		{"postgres://u:s3cret@192.0.2.1/d?require_auth=password", far, false},
		{"postgres://u:s3cret@" + dburl.Host{Name: "127.0.0.1", Port: port}.String() + "/d", Options{}, false},
	} {
		_, err := Connect(t.Context(), c.url, c.opt)
		err = Diagnose(err, c.url)
		if c.refused != errors.Is(err, &remedy.Error{Code: "database.cleartext"}) {
			t.Errorf("%s: %s", c.url, remedy.Text(err))
		}
		if sent := slices.Contains(got(), "s3cret"); sent == c.refused {
			t.Errorf("%s: the server got the password: %v", c.url, sent)
		}
	}
}

func TestWhatIsThisMachine(t *testing.T) {
	dir := t.TempDir()
	for url, want := range map[string]bool{
		"postgres://u@localhost/d":                                  true,
		"postgres://u@LOCALHOST/d":                                  true,
		"postgres:///d":                                             true,
		"postgres://u@127.0.0.1:1/d":                                true,
		"postgres://u@127.8.8.8/d":                                  true,
		"postgres://u@[::1]/d":                                      true,
		"postgres://u@[::ffff:127.0.0.1]/d":                         true,
		"postgres://u@localhost,127.0.0.1:2/d":                      true,
		"postgres://u@" + escape(dir) + "/d":                        true,
		"postgres://u@localhost/d?sslmode=disable&schema=public":    true,
		"postgres://u@localhost.evil.example/d":                     false,
		"postgres://u@localhost./d":                                 false,
		"postgres://u@me.localhost/d":                               false,
		"postgres://u@127.0.0.1.evil.example/d":                     false,
		"postgres://u@127.1/d":                                      false, // a resolver may take it for a name
		"postgres://u@2130706433/d":                                 false,
		"postgres://u@0x7f000001/d":                                 false,
		"postgres://u@0.0.0.0/d":                                    false,
		"postgres://u@10.0.0.1/d":                                   false,
		"postgres://u@host.docker.internal/d":                       false,
		"postgres://u@localhost,evil.example/d":                     false,
		"postgres://u@localhost/d?host=evil.example":                false,
		"postgres://u@localhost/d?hostaddr=192.0.2.1":               false,
		"postgres://u@localhost/d?hostaddr=":                        false,
		"postgres://u@localhost/d?service=prod":                     false,
		"postgres://u@localhost/d?servicefile=./here":               false,
		"postgres://u@localhost/d?passfile=/home/me/.netrc":         false,
		"postgres://u@localhost/d?sslkey=/dev/zero&sslcert=x":       false,
		"postgres://u@localhost/d?sslrootcert=/dev/zero":            false,
		"postgres://u@localhost/d?new_in_libpq_30=1":                false,
		"postgres://u@localhost/d?HOSTADDR=192.0.2.1":               false,
		"postgres://u@localhost@evil.example/d":                     false,
		"postgres://u@evil.example/localhost":                       false,
		"postgres://localhost:5432@evil.example/d":                  false,
		"postgres://u@%65vil.example/d":                             false,
		"postgres://u@evil.example%00localhost/d":                   false,
		"postgres://u@@localhost/d":                                 true, // a user with that name
		"postgres://u@localhost/d?host=localhost&host=evil.example": true, // the first one counts, both here and for programs that are given the URL
	} {
		target, err := dburl.ParseTarget(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if got := OnThisMachine(target); got != want {
			t.Errorf("%s is on this machine: %v, want %v", url, got, want)
		}
		if again, err := dburl.ParseTarget(target.URL()); err != nil || OnThisMachine(again) != want {
			t.Errorf("%s, written anew as %s, is on this machine: %v, %v", url, target.URL(), !want, err)
		}
	}
}

// In a folder that everyone may write to, such as /tmp, another user's server may take the place of the user's own.
func TestASocketOfAnotherUserIsNotThisMachines(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make another user's socket")
	}
	dir := filepath.Join(t.TempDir(), "s")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, ".s.PGSQL.5432")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	target := dburl.Target{Hosts: []dburl.Host{{Name: dir, Port: 5432}}}
	const nobody, postgres = 65534, 65533
	for _, c := range []struct {
		socket, folder int
		mode           os.FileMode
		want           bool
	}{
		{0, 0, 0o755, true}, {0, 0, 0o777, true}, {nobody, 0, 0o777, false}, {nobody, 0, 0o755, false},
		{postgres, postgres, 0o2775, true}, {nobody, postgres, 0o2775, false}, {nobody, nobody, 0o777, false},
	} {
		if err := errors.Join(os.Chown(path, c.socket, c.socket), os.Chown(dir, c.folder, c.folder), os.Chmod(dir, c.mode)); err != nil {
			t.Fatal(err)
		}
		if got := OnThisMachine(target); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestLocalhostIsThisMachineWhateverTheNameServiceSays(t *testing.T) {
	says := func(addrs ...string) func(context.Context, string) ([]string, error) {
		return lookupHere(func(context.Context, string) ([]string, error) { return slices.Clone(addrs), nil })
	}
	for _, c := range []struct {
		host  string
		found []string
		want  string
	}{
		{"localhost", []string{"127.0.0.1", "192.0.2.1", "::1"}, "127.0.0.1 ::1"},
		{"LocalHost", []string{"192.0.2.1"}, ""},
		{"db.example", []string{"192.0.2.1"}, "192.0.2.1"},
	} {
		got, err := says(c.found...)(t.Context(), c.host)
		if strings.Join(got, " ") != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s: %v, %v, want %s", c.host, got, err, c.want)
		}
	}
}

// What libpq's variables, its files in the home folder and a service say is about servers other than naap's own.
func TestASessionWithNaapsOwnServerTakesNothingOfTheShell(t *testing.T) {
	path := home(t, "*:*:*:*:theirs\n", 0o600)
	certificates := filepath.Join(filepath.Dir(path), ".postgresql")
	if err := os.Mkdir(certificates, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"postgresql.crt", "postgresql.key", "root.crt"} {
		write(t, filepath.Join(certificates, name), "none", 0o600)
	}
	service := filepath.Join(filepath.Dir(path), ".pg_service.conf")
	write(t, service, "[evil]\nhost=203.0.113.1\nsearch_path=evil\n", 0o600)
	plain := "postgresql://u:p@127.0.0.1:5433/d?sslmode=allow"
	for name, value := range map[string]string{
		"PGSERVICE": "evil", "PGSERVICEFILE": service, "PGOPTIONS": "-c search_path=evil", "PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/dev/zero",
		"PGSSLCERT": "/dev/zero", "PGSSLKEY": "/dev/zero", "PGSSLCERTMODE": "require", "PGTARGETSESSIONATTRS": "standby", "PGTZ": "Asia/Tokyo", "PGCONNECT_TIMEOUT": "x",
		"PGREQUIREAUTH": "none", "PGCHANNELBINDING": "require", "PGMINPROTOCOLVERSION": "3.2", "PGPASSWORD": "theirs", "PGPASSFILE": path, "PGAPPNAME": "theirs",
		"PGHOSTADDR": "203.0.113.1", "PGHOST": "203.0.113.1", "PGPORT": "1", "PGUSER": "theirs", "PGDATABASE": "theirs", "PGSSLNEGOTIATION": "direct",
	} {
		t.Setenv(name, value)
	}
	if _, err := driverConfig(plain); err == nil {
		t.Error("the variables change nothing for any server, so that the test proves nothing")
	}
	cfg, err := driverConfig(dburl.AsOwn(plain))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Host != "127.0.0.1" || cfg.Port != 5433 || cfg.User != "u" || cfg.Database != "d" || cfg.Password != "p" || cfg.TLSConfig != nil || len(cfg.Fallbacks) != 1 ||
		cfg.RequireAuth != "" || cfg.ChannelBinding != "prefer" || cfg.ValidateConnect != nil || len(cfg.RuntimeParams) != 0 {
		t.Errorf("%+v", cfg.Config)
	}
	if cfg, err = driverConfig(dburl.AsOwn("postgresql://u@127.0.0.1/d")); err != nil || cfg.Password != "" {
		t.Errorf("%v, or a password of the person's", err)
	}
	if os.Getenv("PGSERVICE") != "evil" || !slices.Contains(Environ(), "PGOPTIONS=-c search_path=evil") {
		t.Error("the environment is not as it was")
	}
}
