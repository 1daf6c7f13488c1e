package devenv

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// TestAServerThatTookThePortIsNotToldTheKeptPassword has another program listen where the instance's server was, and
// ask for the password in clear text, or not ask for one.
func TestAServerThatTookThePortIsNotToldTheKeptPassword(t *testing.T) {
	for name, answer := range map[string][]byte{
		"clear text": {'R', 0, 0, 0, 8, 0, 0, 0, 3},
		"none":       {'R', 0, 0, 0, 8, 0, 0, 0, 0, 'Z', 0, 0, 0, 5, 'I'},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		heard := make(chan string, 100)
		go impostor(l, answer, heard)
		home := t.TempDir()
		ws, err := workspace.Find(t.Context(), t.TempDir(), workspace.Options{Env: []string{"HOME=" + home}})
		if err != nil {
			t.Fatal(err)
		}
		if err := ws.Folders.WritePassword("naap", workspace.KeptPassword{User: "postgres", Password: "KEPTPASSWORD"}); err != nil {
			t.Fatal(err)
		}
		if ws, err = ws.Again(t.Context()); err != nil {
			t.Fatal(err)
		}
		e := New(ws, Options{})
		port := l.Addr().(*net.TCPAddr).Port
		if err := writeRecord(e.StateDir(), record{Engine: "embedded", Port: port, Identity: "naap:naap:1"}); err != nil {
			t.Fatal(err)
		}
		if db, _ := e.openRecorded(t.Context()); db != nil {
			t.Errorf("%s: it is taken for the instance's server", name)
		}
		if err := e.probe(t.Context(), server.Endpoint{Host: "127.0.0.1", Port: port, Identity: "naap:naap:1"}); err == nil {
			t.Errorf("%s: the probe is content", name)
		}
		l.Close()
		all := strings.Join(drain(heard), "")
		if !strings.Contains(all, "postgres") {
			t.Errorf("%s: nobody came: %q", name, all)
		}
		if strings.Contains(all, "KEPT") {
			t.Errorf("%s: it was told the password", name)
		}
	}
}

// impostor speaks enough of the protocol to be sent a password, and records all that it receives.
func impostor(l net.Listener, answer []byte, heard chan<- string) {
	defer close(heard)
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		var size [4]byte
		for {
			if _, err := io.ReadFull(c, size[:]); err != nil {
				break
			}
			rest := make([]byte, binary.BigEndian.Uint32(size[:])-4)
			if _, err := io.ReadFull(c, rest); err != nil {
				break
			}
			heard <- string(rest)
			if binary.BigEndian.Uint32(rest) == 80877103 { // a request for TLS
				c.Write([]byte("N"))
				continue
			}
			c.Write(answer)
			text := make([]byte, 200) // for what a client sends next, before it is hung up on
			n, _ := c.Read(text)
			heard <- string(text[:n])
			break
		}
		c.Close()
	}
}

func drain(heard <-chan string) (all []string) {
	for s := range heard {
		all = append(all, s)
	}
	return all
}
