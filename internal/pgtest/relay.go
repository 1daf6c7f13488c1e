package pgtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Relay stands between a client and a server and counts what the client asks: each statement, each batch and the end of
// each COPY is one question. A test names a point by its number, and what it does there happens at that point however
// busy the machine is.
type Relay struct {
	url string
	to  string

	mu        sync.Mutex
	only      *regexp.Regexp // matches the questions that count
	questions []string
	at        int
	answered  bool
	act       func() bool
}

// NewRelay returns a relay to the server that the URL names. The client does not use TLS.
func NewRelay(t testing.TB, direct string) *Relay {
	t.Helper()
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	r := &Relay{to: u.Host}
	u.Host = l.Addr().String()
	query := u.Query()
	query.Set("sslmode", "disable") // the relay could not read encrypted questions
	u.RawQuery = query.Encode()
	r.url = u.String()
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go r.pass(client)
		}
	}()
	return r
}

// URL returns the URL that leads to the server through the relay.
func (r *Relay) URL() string { return r.url }

// At makes the relay count from 0 again and call act at the nth question, from 1 on: before the server has the question
// or, where answered is true, once the server has answered and before the client knows. While act runs, that connection
// passes nothing on, and if it returns false, it never does again. With n 0 the relay only counts.
func (r *Relay) At(n int, answered bool, act func() (goOn bool)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.questions, r.at, r.answered, r.act = nil, n, answered, act
}

// Only makes the relay count only questions that match the pattern from now on: how often a program looks for something
// in vain depends on how busy the machine is.
func (r *Relay) Only(pattern string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.only = regexp.MustCompile(pattern)
}

// Questions returns the questions since At was called, each shortened to the beginning of its text.
func (r *Relay) Questions() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.questions
}

// relayed is one connection through a relay.
type relayed struct {
	r       *Relay
	text    string            // of the next question
	named   map[string]string // the text of each prepared statement
	waiting chan func() bool
}

func (r *Relay) pass(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", r.to)
	if err != nil {
		return
	}
	defer server.Close()
	c := &relayed{r: r, named: map[string]string{}, waiting: make(chan func() bool, 1)}
	go func() {
		_ = c.answers(server, client)
		client.Close()
		server.Close()
	}()
	_ = c.asks(client, server)
}

// asks forwards the client's messages. The first one, with the version, database and user, has no kind.
func (c *relayed) asks(client io.Reader, server io.Writer) error {
	var length [4]byte
	if _, err := io.ReadFull(client, length[:]); err != nil {
		return err
	}
	if err := handOn(server, length[:], length, client); err != nil {
		return err
	}
	for {
		kind, body, err := message(client)
		if err != nil {
			return err
		}
		if c.isQuestion(kind, body[5:]) {
			switch act, answered := c.r.ask(c.text); {
			case act == nil:
			case answered:
				c.waiting <- act
			case !act():
				return nil
			}
		}
		if _, err := server.Write(body); err != nil {
			return err
		}
	}
}

// isQuestion reports whether the server answers a message with ReadyForQuery, or the message is part of what it answers
// so.
func (c *relayed) isQuestion(kind byte, body []byte) bool {
	first, rest, _ := strings.Cut(string(body), "\x00")
	second, _, _ := strings.Cut(rest, "\x00")
	switch kind {
	case 'Q':
		c.text = first
	case 'P': // the statement's name, its text
		c.text, c.named[first] = second, second
	case 'B': // the portal's name, the statement's
		c.text = c.named[second]
	case 'c':
		c.text = "the end of " + c.text
	}
	return kind == 'Q' || kind == 'c' || kind == 'S'
}

// ask counts a question, and returns what to do at it.
func (r *Relay) ask(text string) (act func() bool, answered bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.only != nil && !r.only.MatchString(text) {
		return nil, false
	}
	r.questions = append(r.questions, fmt.Sprintf("%.200s", text))
	if len(r.questions) != r.at {
		return nil, false
	}
	return r.act, r.answered
}

// answers forwards the server's messages. ReadyForQuery ends an answer.
func (c *relayed) answers(server io.Reader, client io.Writer) error {
	for {
		kind, body, err := message(server)
		if err != nil {
			return err
		}
		if kind == 'Z' {
			select {
			case act := <-c.waiting:
				if !act() {
					return nil
				}
			default:
			}
		}
		if _, err := client.Write(body); err != nil {
			return err
		}
	}
}

// message reads one message: its kind, and all of it.
func message(from io.Reader) (kind byte, whole []byte, err error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(from, head); err != nil {
		return 0, nil, err
	}
	length := binary.BigEndian.Uint32(head[1:])
	if length < 4 || length > 1<<30 {
		return 0, nil, errors.New("not PostgreSQL's protocol")
	}
	whole = append(head, make([]byte, length-4)...)
	_, err = io.ReadFull(from, whole[5:])
	return head[0], whole, err
}

// handOn forwards the rest of a message whose length was read.
func handOn(to io.Writer, read []byte, length [4]byte, from io.Reader) error {
	rest := int64(binary.BigEndian.Uint32(length[:])) - 4
	if rest < 0 || rest > 1<<16 {
		return errors.New("not PostgreSQL's protocol")
	}
	if _, err := to.Write(read); err != nil {
		return err
	}
	_, err := io.CopyN(to, from, rest)
	return err
}
