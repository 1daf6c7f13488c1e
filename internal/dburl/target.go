// Package dburl describes where a database is, as people and programs write it: a connection URL, parsed, written in
// other forms, and shown without its secrets.
package dburl

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// Target is where a database is: the parts of a connection URL.
type Target struct {
	Hosts    []Host // tried in order
	User     string
	Password string // "" for none
	Database string
	Params   url.Values // sslmode, target_session_attrs, application_name …; Prisma's own (schema, connection_limit …)
}

// Host is an address of a server: a name, an IP address, or the folder of a Unix socket.
type Host struct {
	Name string
	Port int // 5432 where the URL gives none
}

// String returns the address as people write it: "[::1]:5432".
func (h Host) String() string {
	if strings.HasPrefix(h.Name, "/") {
		return h.Name + "/.s.PGSQL." + strconv.Itoa(h.Port)
	}
	return net.JoinHostPort(h.Name, strconv.Itoa(h.Port))
}

// ParseTarget parses a URL, postgres:// or postgresql://, with one host or several. Its errors do not contain the URL.
func ParseTarget(raw string) (Target, error) {
	rest, ok := strings.CutPrefix(raw, "postgresql://")
	if !ok {
		rest, ok = strings.CutPrefix(raw, "postgres://")
	}
	if !ok {
		return Target{}, malformed("it must begin with postgresql://")
	}
	t := Target{Params: url.Values{}}
	rest, query, _ := strings.Cut(rest, "?")
	var err error
	if t.Params, err = url.ParseQuery(query); err != nil {
		return Target{}, malformed("what follows the ? cannot be read")
	}
	authority, database, _ := strings.Cut(rest, "/")
	if strings.Contains(database, "@") { // libpq would take the beginning of the password for a host and a port
		return Target{}, malformed("there is an @ in the database's name; write / in a password as %%2F, and @ in a name as %%40")
	}
	if t.Database, err = url.PathUnescape(database); err != nil {
		return Target{}, malformed("the database's name has a wrong %% escape")
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, password, _ := strings.Cut(authority[:i], ":")
		authority = authority[i+1:]
		if t.User, err = url.PathUnescape(user); err != nil {
			return Target{}, malformed("the user's name has a wrong %% escape")
		}
		if t.Password, err = url.PathUnescape(password); err != nil {
			return Target{}, malformed("the password has a wrong %% escape; write %% itself as %%25")
		}
	}
	if err := t.readHosts(authority); err != nil {
		return Target{}, err
	}
	t.takeParams()
	return t, nil
}

func (t *Target) readHosts(authority string) error {
	for part := range strings.SplitSeq(authority, ",") {
		name, port := part, ""
		if i := strings.LastIndexByte(part, ':'); i > strings.LastIndexByte(part, ']') {
			name, port = part[:i], part[i+1:]
		}
		h := Host{Name: strings.Trim(name, "[]"), Port: 5432}
		h.Name = cmp.Or(h.Name, "localhost")
		var err error
		if h.Name, err = url.PathUnescape(h.Name); err != nil {
			return malformed("a host's name has a wrong %% escape")
		}
		if port != "" {
			if h.Port, err = strconv.Atoi(port); err != nil || h.Port < 1 || h.Port > 65535 {
				return malformed("the port after a host must be a number from 1 to 65535; write a : in a password as %%3A")
			}
		}
		t.Hosts = append(t.Hosts, h)
	}
	return nil
}

// takeParams lets those of libpq's parameters that name a part of the URL replace that part.
func (t *Target) takeParams() {
	take := func(name string, into *string) {
		if v := t.Params.Get(name); v != "" {
			*into = v
		}
		t.Params.Del(name)
	}
	take("user", &t.User)
	take("password", &t.Password)
	take("dbname", &t.Database)
	var hosts, ports string
	take("host", &hosts)
	take("port", &ports)
	if hosts != "" {
		t.Hosts = nil
		for name := range strings.SplitSeq(hosts, ",") {
			t.Hosts = append(t.Hosts, Host{Name: name, Port: 5432})
		}
	}
	for i, p := range strings.Split(ports, ",") {
		if n, err := strconv.Atoi(p); err == nil {
			for j := range t.Hosts {
				if j == i || !strings.Contains(ports, ",") {
					t.Hosts[j].Port = n
				}
			}
		}
	}
}

func malformed(why string, args ...any) error {
	return remedy.New("url.malformed", remedy.ExitUsage, "the database's URL cannot be read: "+why, args...).
		WithFix("postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
}

// URL returns the target as one URL, which every client that understands libpq's or Prisma's URLs accepts.
func (t Target) URL() string {
	return "postgresql://" + t.credentials() + t.hostList() + "/" + escape(t.Database) + t.query()
}

// Endpoint returns only the target's address and database: "127.0.0.1:5432/naap".
func (t Target) Endpoint() string {
	return say.Join(t.Hosts, ",", func(h Host) string { return h.String() }) + "/" + t.Database
}

func (t Target) credentials() string {
	switch {
	case t.User == "" && t.Password == "":
		return ""
	case t.Password == "":
		return escape(t.User) + "@"
	}
	return escape(t.User) + ":" + escape(t.Password) + "@"
}

func (t Target) hostList() string {
	var out []string
	for _, h := range t.Hosts {
		name := escape(h.Name)
		if strings.Contains(h.Name, ":") && !strings.HasPrefix(h.Name, "/") { // an IPv6 address, possibly with a %zone
			name = "[" + strings.ReplaceAll(name, "%3A", ":") + "]"
		}
		out = append(out, name+":"+strconv.Itoa(h.Port))
	}
	return strings.Join(out, ",")
}

func (t Target) query() string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(t.Params)) {
		out = append(out, say.Each(t.Params[name], func(v string) string { return escape(name) + "=" + escape(v) })...)
	}
	if len(out) == 0 {
		return ""
	}
	return "?" + strings.Join(out, "&")
}

// ownParam marks the URL of naap's own server, for naap's own connections: see AsOwn.
const ownParam = "naap_own"

// ownMark is different in each process: a URL in a file of the repository cannot contain it, and so cannot pass its
// parameters off as naap's own.
var ownMark = lazy.Value[string]{Make: rand.Text}

// AsOwn returns a URL of naap's own server that says everything: what libpq's variables and the user's service,
// password and certificate files say is about other servers. Neither libpq nor the server sees the mark.
func AsOwn(raw string) string {
	separator := "?"
	if strings.Contains(raw, "?") {
		separator = "&"
	}
	return raw + separator + ownParam + "=" + ownMark.Get()
}

// IsOwn reports whether AsOwn made a URL in this process.
func IsOwn(raw string) bool {
	t, err := ParseTarget(raw)
	return err == nil && t.Params.Get(ownParam) == ownMark.Get()
}

// KeywordString returns a URL or a keyword string as a keyword string, without what only Prisma understands. Its errors
// do not contain the text.
func KeywordString(raw string) (string, error) {
	if !strings.Contains(raw, "://") {
		_, err := Keywords(raw)
		return raw, err
	}
	t, err := ParseTarget(raw)
	if err != nil {
		return "", err
	}
	return t.ForLibpq().keywords(), nil
}

// keywords returns the target as libpq's keyword string, in which several hosts need no URL that Go would refuse.
func (t Target) keywords() string {
	var names, ports []string
	for _, h := range t.Hosts {
		names = append(names, h.Name)
		ports = append(ports, strconv.Itoa(h.Port))
	}
	var b strings.Builder
	add := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s='%s' ", name, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value))
		}
	}
	add("host", strings.Join(names, ","))
	add("port", strings.Join(ports, ","))
	add("user", t.User)
	add("password", t.Password)
	add("dbname", t.Database)
	for _, name := range slices.Sorted(maps.Keys(t.Params)) {
		add(name, t.Params.Get(name))
	}
	return b.String()
}

// escape writes everything but letters, digits and -._~ as %XX, which a shell, a .env file that expands $, and a URL
// all leave alone.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
