package server_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/server"
)

func TestAServerSpeaksAndAPortAloneDoesNot(t *testing.T) {
	u, err := url.Parse(pgtest.NewDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := at(t, u.Host).Speaks(t.Context()); err != nil {
		t.Errorf("a server: %v", err)
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	place := at(t, l.Addr().String())
	go func() { (<-accepted).Close() }()
	if err := place.Speaks(t.Context()); err == nil {
		t.Error("a port whose connections are closed speaks")
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-accepted; cancel() }()
	if err := place.Speaks(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a port that says nothing, given up: %v", err)
	}
	l.Close()
	if err := place.Speaks(t.Context()); err == nil {
		t.Error("a port where nobody listens speaks")
	}
}

func at(t *testing.T, address string) server.Endpoint {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return server.Endpoint{Host: host, Port: n}
}
