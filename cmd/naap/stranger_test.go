package main

import (
	"net"
	"slices"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// strangers are the servers of a script that are not the user's, with what each was sent.
var strangers sync.Map // address → *visits

type visits struct {
	mu   sync.Mutex
	sent []string
}

// stranger sets an environment variable to the address of a server beyond the loopback, which asks for the password of
// whoever connects: stranger NAME. The machine needs such an address.
func stranger(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: stranger NAME")
	}
	host := ""
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLoopback() && ip.IP.To4() != nil {
			host = ip.IP.String()
		}
	}
	if host == "" {
		ts.Fatalf("this machine has no address but the loopback")
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	v := &visits{}
	strangers.Store(l.Addr().String(), v)
	ts.Setenv(args[0], l.Addr().String())
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			v.add("a visit")
			go v.ask(conn)
		}
	}()
}

func (v *visits) add(what string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sent = append(v.sent, what)
}

// ask refuses TLS and asks for an MD5 hash of the password, which naap sends over a connection in the clear, unlike the
// password itself.
func (v *visits) ask(conn net.Conn) {
	defer conn.Close()
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		switch {
		case n == 8:
			_, _ = conn.Write([]byte("N"))
		case buf[0] == 'p':
			v.add("a password")
			return
		default:
			_, _ = conn.Write([]byte("R\x00\x00\x00\x0c\x00\x00\x00\x05salt"))
		}
	}
}

// visited reports whether anyone connected to a stranger since the last call or, with `password`, whether a password
// was sent to it: [!] visited ADDRESS [password].
func visited(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: visited ADDRESS [password]")
	}
	found, ok := strangers.Load(args[0])
	if !ok {
		ts.Fatalf("%s is not a stranger", args[0])
	}
	v := found.(*visits)
	v.mu.Lock()
	defer v.mu.Unlock()
	was := len(v.sent) > 0
	if len(args) > 1 {
		was = slices.Contains(v.sent, "a "+args[1])
	}
	if was == neg {
		ts.Fatalf("it was sent %q", v.sent)
	}
	v.sent = nil
}
