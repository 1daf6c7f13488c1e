package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// dockerProxy stands between naap and the machine's Docker engine. It can leave some requests hanging, and die.
type dockerProxy struct {
	t    *testing.T
	path string

	mu     sync.Mutex
	l      net.Listener
	open   map[net.Conn]bool
	stuck  *regexp.Regexp // matches the paths that are not answered; nil for none
	loose  chan struct{}  // closed when stuck changes
	asked  []string       // the paths that were asked for, except pings
	behind string
}

func newDockerProxy(t *testing.T) *dockerProxy {
	t.Helper()
	dir, err := os.MkdirTemp("", "ndp") // a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	p := &dockerProxy{t: t, path: filepath.Join(dir, "d.sock"), open: map[net.Conn]bool{}, loose: make(chan struct{}), behind: "/var/run/docker.sock"}
	if host, ok := strings.CutPrefix(os.Getenv("DOCKER_HOST"), "unix://"); ok {
		p.behind = host
	}
	p.revive()
	t.Cleanup(func() { p.die(); _ = os.RemoveAll(dir) })
	return p
}

func (p *dockerProxy) host() string { return "unix://" + p.path }

// die closes the socket and every connection, like an engine that was killed.
func (p *dockerProxy) die() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.l.Close()
	for c := range p.open {
		_ = c.Close()
	}
	clear(p.open)
}

// revive listens again.
func (p *dockerProxy) revive() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = os.Remove(p.path)
	l, err := net.Listen("unix", p.path)
	if err != nil {
		p.t.Fatal(err)
	}
	p.l = l
	go p.serve(l)
}

// stall leaves requests whose paths match the pattern without an answer, except pings; "" answers all.
func (p *dockerProxy) stall(pattern string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stuck = nil
	if pattern != "" {
		p.stuck = regexp.MustCompile(pattern)
	}
	close(p.loose)
	p.loose = make(chan struct{})
}

// questions returns the paths that were asked for since the last call, except pings.
func (p *dockerProxy) questions() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

func (p *dockerProxy) serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go p.pass(c)
	}
}

// pass forwards one request after the other, and after an upgrade whatever comes.
func (p *dockerProxy) pass(c net.Conn) {
	engine, err := net.Dial("unix", p.behind)
	if err != nil {
		_ = c.Close()
		return
	}
	p.mu.Lock()
	p.open[c], p.open[engine] = true, true
	p.mu.Unlock()
	defer func() {
		_ = c.Close()
		_ = engine.Close()
	}()
	from, back := bufio.NewReader(c), bufio.NewReader(engine)
	for {
		req, err := http.ReadRequest(from)
		if err != nil || !p.let(req, c) {
			return
		}
		upgrade := req.Header.Get("Upgrade") != ""
		if err := req.Write(engine); err != nil {
			return
		}
		resp, err := http.ReadResponse(back, req)
		if err != nil {
			return
		}
		if upgrade && resp.StatusCode == http.StatusSwitchingProtocols {
			p.upgraded(c, engine, from, back, resp)
			return
		}
		if err := writeResponse(c, resp); err != nil || resp.Close {
			return
		}
	}
}

// let notes a request, and holds it while its path is to hang.
func (p *dockerProxy) let(req *http.Request, c net.Conn) bool {
	if strings.HasSuffix(req.URL.Path, "/_ping") {
		return true
	}
	p.mu.Lock()
	p.asked = append(p.asked, req.Method+" "+req.URL.Path)
	p.mu.Unlock()
	for {
		p.mu.Lock()
		held, loose := p.stuck != nil && p.stuck.MatchString(req.URL.Path), p.loose
		p.mu.Unlock()
		if !held {
			return true
		}
		<-loose
	}
}

// writeResponse forwards a response as its pieces arrive.
func writeResponse(c net.Conn, resp *http.Response) error {
	defer resp.Body.Close()
	return resp.Write(c)
}

func (p *dockerProxy) upgraded(c, engine net.Conn, from, back io.Reader, resp *http.Response) {
	if _, err := io.WriteString(c, "HTTP/1.1 101 UPGRADED\r\nContent-Type: "+resp.Header.Get("Content-Type")+"\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(engine, from)
		_ = engine.(*net.UnixConn).CloseWrite()
	}()
	_, _ = io.Copy(c, back)
}
