package devenv

import (
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// answer returns the error of connecting to a listener that says this to everyone; "" for one that is closed.
func answer(t *testing.T, says string) error {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte(says))
			_, _ = c.Read(make([]byte, 100)) // so that it is not a reset
			c.Close()
		}
	}()
	url := "postgresql://postgres:x@127.0.0.1:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port) + "/naap?sslmode=disable"
	_, err = postgres.Connect(t.Context(), url, postgres.Options{})
	return postgres.Diagnose(err, url)
}

// fatal returns a server's last message, as the protocol writes it: E, its length, its fields.
func fatal(code string) string {
	fields := "SFATAL\x00VFATAL\x00C" + code + "\x00Mno session today\x00\x00"
	return "E" + string([]byte{0, 0, 0, byte(len(fields) + 4)}) + fields
}

func TestAContainerThatBootsIsStarting(t *testing.T) {
	now := time.Now()
	running := engine.Server{State: engine.Running, Container: &engine.Container{}}
	for _, c := range []struct {
		what string
		says string
		age  time.Duration
		want bool
	}{
		{"the proxy drops the connection", "", time.Second, true},
		{"and still does after a minute", "", 2 * time.Minute, false},
		{"a server that recovers", fatal("57P03"), time.Hour, true},
		{"a wrong password", fatal("28P01"), time.Second, false},
	} {
		look := running
		look.Started = now.Add(-c.age)
		err := answer(t, c.says)
		if got := stillStarting(look, err, now); got != c.want {
			t.Errorf("%s: starting %v, want %v: %v", c.what, got, c.want, err)
		}
	}
	if stillStarting(engine.Server{State: engine.Running}, answer(t, ""), now) {
		t.Error("a server that naap did not start is not starting")
	}
}
