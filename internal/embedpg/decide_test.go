package embedpg

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

func TestDecideTurnsWhatIsThereIntoAPlan(t *testing.T) {
	const data = "/state/data"
	whole := dataState{Path: data, Exists: true, Major: 16}
	taken := portState{Number: 5432, Taken: true, Owner: loopback.Owner{PID: 7, Process: "ssh"}, Free: 5433}
	for name, c := range map[string]struct {
		spec  Spec
		state State
		want  string
	}{
		"nothing there":     {Spec{}, State{Data: dataState{Path: data}}, "make a PostgreSQL cluster in /state/data\nstart PostgreSQL on 127.0.0.1:5432"},
		"stopped":           {Spec{}, State{Data: whole}, "start PostgreSQL on 127.0.0.1:5432"},
		"stopped elsewhere": {Spec{}, State{Data: whole, LastPort: 6000}, "start PostgreSQL on 127.0.0.1:6000"},
		"running":           {Spec{}, State{Data: whole, Server: &runningServer{PID: 9, Port: 5432, Status: "ready"}}, "use the running server with pid 9 on 127.0.0.1:5432"},
		"starting":          {Spec{}, State{Data: whole, Server: &runningServer{PID: 9, Port: 5432, Status: "starting"}}, "use the running server with pid 9 on 127.0.0.1:5432"},
		"running elsewhere": {Spec{}, State{Data: whole, Server: &runningServer{PID: 9, Port: 6000, Status: "ready"}}, "use the running server with pid 9 on 127.0.0.1:6000"},
		"to be moved": {Spec{Wanted: server.Wanted{Port: 5500, PortPinned: true}}, State{Data: whole, Server: &runningServer{PID: 9, Port: 6000, Status: "ready"}},
			"stop the server with pid 9, to move it to port 5500\nstart PostgreSQL on 127.0.0.1:5500"},
		"stopping": {Spec{}, State{Data: whole, Server: &runningServer{PID: 9, Port: 5432, Status: "stopping"}},
			"wait until the server with pid 9 has shut down\nstart PostgreSQL on 127.0.0.1:5432"},
		"a dead pid":         {Spec{}, State{Data: whole, StalePID: 8}, "start PostgreSQL on 127.0.0.1:5432"},
		"a pid used again":   {Spec{}, State{Data: whole, StalePID: 8, Reused: true}, "take over the lock file: pid 8 is no PostgreSQL of /state/data\nstart PostgreSQL on 127.0.0.1:5432"},
		"port taken":         {Spec{}, State{Data: whole, Port: taken}, "refused: port 5432 on 127.0.0.1 is taken by process ssh (pid 7)"},
		"port taken, no one": {Spec{}, State{Data: dataState{Path: data}, Port: portState{Number: 5432, Taken: true}}, "refused: port 5432 on 127.0.0.1 is taken by a process that cannot be seen from here"},
		"port denied":        {Spec{Wanted: server.Wanted{Port: 80}}, State{Data: whole, Port: portState{Number: 80, Denied: true}}, "refused: port 80 may not be listened on"},
		"damaged":            {Spec{}, State{Data: dataState{Path: data, Exists: true, Damage: "it has no base"}, Port: taken}, "refused: the data directory is not a whole PostgreSQL cluster"},
		"no move onto a taken port": {Spec{Wanted: server.Wanted{Port: 5432, PortPinned: true}}, State{Data: whole, Port: taken, Server: &runningServer{PID: 9, Port: 6000, Status: "ready"}},
			"refused: port 5432 on 127.0.0.1 is taken by process ssh (pid 7)"},
	} {
		if got := decide(c.spec.withDefaults(), c.state).String(); got != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, c.want)
		}
	}
}

func TestARefusalNamesTheCommands(t *testing.T) {
	text := remedy.Text(portRefused(portState{Number: 5432, Taken: true, Owner: loopback.Owner{PID: 7, Process: "evil\x1b[2J"}, Free: 5433}, Spec{}.withDefaults()))
	for _, want := range []string{"kill 7", "naap dev up --port 5433", "evil␛[2J"} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q: %s", want, text)
		}
	}
	if got := remedy.Text(damaged(dataState{Path: "/my data/it's", Damage: "x"})); !strings.Contains(got, `mv '/my data/it'\''s' '/my data/it'\''s'.broken`) {
		t.Error(got)
	}
}

func TestALineBreakInASettingIsRefused(t *testing.T) {
	for name, s := range map[string]Spec{
		"settings.password": {Wanted: server.Wanted{Password: "a\nb"}}, "settings.user": {Wanted: server.Wanted{User: "a\rb"}},
		"settings.database": {Wanted: server.Wanted{Database: "a\x00b"}}, "settings.port": {Wanted: server.Wanted{Port: 70000}},
	} {
		if err := s.withDefaults().check(); remedy.Code(err) != name || remedy.Exit(err) != remedy.ExitUsage {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestThePidFileIsReadAtEveryStage(t *testing.T) {
	whole := "4711\n/data\n1700000000\n5433\n/sockets\n127.0.0.1\n  1234567    32768\nready   \n"
	s, ok := parsePidFile([]byte(whole))
	if !ok || s.PID != 4711 || s.Port != 5433 || s.Status != "ready" || s.Started.Unix() != 1700000000 {
		t.Errorf("%+v, %v", s, ok)
	}
	if s, ok := parsePidFile([]byte("4711\n/data\n1700000000\n5433\n\n")); !ok || s.Status != "" || s.Port != 5433 {
		t.Errorf("in its first moments: %+v, %v", s, ok)
	}
	if s, ok := parsePidFile([]byte("-4711\n/data\n1700000000\n0\n")); !ok || s.PID != 4711 || s.Status != "stopping" {
		t.Errorf("of a single-user backend: %+v, %v", s, ok)
	}
	for _, none := range []string{"", "\n", "what\n", "0\n"} {
		if s, ok := parsePidFile([]byte(none)); ok {
			t.Errorf("%q is read as %+v", none, s)
		}
	}
}

func TestATakenPortOffersAnotherBeforeItKills(t *testing.T) {
	text := remedy.Text(portRefused(portState{Number: 5432, Taken: true, Owner: loopback.Owner{PID: 7, Process: "ssh"}, Free: 5433}, Spec{}.withDefaults()))
	at := 0
	for _, want := range []string{"postgresql://postgres@localhost:5432/naap", "postgresql://postgres@localhost:5433/naap", "naap dev up --port 5433", "kill 7"} {
		i := strings.Index(text[at:], want)
		if i < 0 {
			t.Fatalf("no %q in its place in\n%s", want, text)
		}
		at += i
	}
	text = remedy.Text(portRefused(portState{Number: 5432, Taken: true, Owner: loopback.Owner{PID: 7, Process: "docker-proxy"}, Free: 5433}, Spec{}.withDefaults()))
	if strings.Contains(text, "kill") || !strings.Contains(text, "docker ps --filter publish=5432") {
		t.Errorf("the proxy is Docker's:\n%s", text)
	}
}

func TestCausesAreFoundInWhatTheServerWroteLast(t *testing.T) {
	for line, want := range map[string]string{
		`LOG:  could not bind IPv4 address "127.0.0.1": Address already in use`:                              "port.taken",
		`LOG:  could not bind IPv4 address "127.0.0.1": Permission denied`:                                   "port.denied",
		`FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use`:                             "data.busy",
		`FATAL:  could not map anonymous shared memory: Cannot allocate memory`:                              "postgres.memory",
		`FATAL:  could not resize shared memory segment "/PostgreSQL.1" to 1 bytes: No space left on device`: "postgres.memory",
		`FATAL:  could not write to file "pg_wal/xlogtemp.1": No space left on device`:                       "disk.full",
		`FATAL:  data directory "/x" has invalid permissions`:                                                "data.permission",
		`FATAL:  could not open file "postgresql.conf": Permission denied`:                                   "data.permission",
		`FATAL:  database files are incompatible with server`:                                                "data.version",
		`PANIC:  could not locate a valid checkpoint record`:                                                 "data.corrupted",
		`FATAL:  could not open file "global/pg_filenode.map": No such file or directory`:                    "data.corrupted",
		`FATAL:  invalid value for parameter "shared_buffers": "plenty"`:                                     "postgres.configuration",
		`postgres: error while loading shared libraries: libicui18n.so.60: cannot open shared object file`:   "postgres.libraries",
		`LOG:  database system is ready to accept connections`:                                               "postgres.died",
	} {
		if e := classify([]string{"LOG:  starting PostgreSQL", line, "LOG:  database system is shut down"}); e.Code != want || e.Exit != remedy.ExitNoServer {
			t.Errorf("%s\ngives %s, want %s", line, e.Code, want)
		}
	}
}
