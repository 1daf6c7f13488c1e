package envfile

import (
	"bytes"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/dotenv"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// judge says of each line of a file what is to be said.
func (r *Report) judge(f *File) {
	if f.Problem != "" || f.SameAs != "" {
		return
	}
	entries := dotenv.Read(f.text)
	find := r.finder(*f, entries)
	for i, e := range entries {
		v, ok := r.variable(e.Name)
		if !ok {
			continue
		}
		l := Line{Number: lineAt(f.text, e.NameAt.Start), Name: e.Name}
		if last := slices.IndexFunc(entries[i+1:], func(o dotenv.Entry) bool { return o.Name == e.Name }); last >= 0 {
			l.Verdict, l.Shown = Overridden, shown(e.Value)
		} else {
			r.judgeValue(f, e, v, find, &l)
		}
		f.Lines = append(f.Lines, l)
	}
}

func (r *Report) variable(name string) (workspace.DatabaseVariable, bool) {
	i := slices.IndexFunc(r.options.Variables, func(v workspace.DatabaseVariable) bool { return v.Name == name })
	if i < 0 {
		return workspace.DatabaseVariable{}, false
	}
	return r.options.Variables[i], true
}

func lineAt(text []byte, offset int) int { return bytes.Count(text[:offset], []byte("\n")) + 1 }

// shown returns a value without its secrets.
func shown(value string) string {
	_, err := dburl.ParseTarget(value)
	substituted := strings.Contains(value, "$") && strings.Contains(value, "://") && !strings.ContainsAny(value, " \t\r\n\"'`<>")
	switch {
	case value == "":
		return ""
	case err == nil && !strings.ContainsAny(value, " \t\r\n\"'`<>"), substituted: // so that the whole of it is one URL in a text
		return dburl.MaskText(value)
	}
	return dburl.MaskURL(value)
}

// finder returns what a name means in a file: its own entry, or that of the .env beside it.
func (r *Report) finder(f File, entries []dotenv.Entry) func(string) (dotenv.Entry, bool) {
	var base []dotenv.Entry
	if i := r.at(path.Join(path.Dir(f.Path), ".env")); i >= 0 && r.Files[i].Path != f.Path {
		base = dotenv.Read(r.Files[i].text)
	}
	return func(name string) (dotenv.Entry, bool) {
		if e, ok := dotenv.Last(entries, name); ok {
			return e, true
		}
		return dotenv.Last(base, name)
	}
}

func (r *Report) at(name string) int {
	return slices.IndexFunc(r.Files, func(f File) bool { return f.Path == name })
}

// blank stands for what is not known, in a value that is parsed.
const blank = "naap0unknown"

// judgeValue says what is to be said of the entry that counts.
func (r *Report) judgeValue(f *File, e dotenv.Entry, v workspace.DatabaseVariable, find func(string) (dotenv.Entry, bool), l *Line) {
	value, unknown := expanded(e, find)
	l.Shown = shown(value)
	if value == "" {
		if v.IsShadow() {
			l.Verdict = Right // Prisma makes one of its own
			return
		}
		l.Verdict, l.Why = Wrong, []string{"it is empty"}
		r.mend(f, e, dburl.Target{}, l)
		return
	}
	filled := value
	for _, name := range unknown {
		l.Why = append(l.Why, name+" is not known here")
		filled = strings.NewReplacer("${"+name+"}", blank, "$"+name, blank).Replace(filled)
	}
	theirs, err := dburl.ParseTarget(filled)
	if err != nil {
		r.judgeOther(f, e, filled, len(unknown) > 0, l)
		return
	}
	switch verdict := r.place(theirs); {
	case verdict != "":
		l.Verdict = verdict
	case v.IsShadow():
		r.judgeShadow(theirs, l)
	default:
		r.judgeTarget(f, e, theirs, len(unknown) > 0, l)
	}
}

// expanded returns a value as npm's dotenv and dotenv-expand have it: without quotes, it ends at a #.
func expanded(e dotenv.Entry, find func(string) (dotenv.Entry, bool)) (string, []string) {
	if e.Quote == 0 {
		e.Value, _, _ = strings.Cut(e.Value, "#")
		e.Value = strings.TrimRight(e.Value, " \t")
	}
	value, unknown := e.Expand(find)
	return strings.TrimSpace(value), unknown
}

// place returns the verdict on a place that is not on this machine, or "".
func (r *Report) place(t dburl.Target) Verdict {
	for _, h := range t.Hosts {
		switch {
		case isThisMachine(h.Name), slices.Contains(r.options.Hosts, h.Name), r.isOurs(h):
			continue
		case strings.Contains(h.Name, blank):
			return Unknown
		case isContainers(h.Name):
			return Elsewhere
		case t.Password != "" && !strings.Contains(t.Password, blank), t.HasSecretParam():
			return Production
		}
		return Elsewhere
	}
	return ""
}

func (r *Report) isOurs(h dburl.Host) bool { return slices.Contains(r.ours.Hosts, h) }

// isThisMachine reports whether a host's name means the machine itself, also as seen from a container of it.
func isThisMachine(host string) bool {
	return host == "" || host == "localhost" || host == "::1" || host == "0.0.0.0" || host == "host.docker.internal" ||
		strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "/") || strings.HasSuffix(host, ".localhost")
}

// isContainers reports whether a host is one of the names that compose files give a database's service.
func isContainers(host string) bool {
	switch host {
	case "db", "database", "postgres", "postgresql", "pg":
		return true
	}
	return false
}

// judgeOther judges what is not a URL for PostgreSQL that can be read.
func (r *Report) judgeOther(f *File, e dotenv.Entry, value string, unknown bool, l *Line) {
	u, err := url.Parse(value)
	switch {
	case unknown:
		l.Verdict = Unknown
	case isRemote(value):
		l.Verdict = Production
	case err != nil || strings.HasPrefix(u.Scheme, "postgres"):
		l.Verdict, l.Why = Unknown, append(l.Why, "it cannot be read as a URL")
	case slices.Contains(r.near(), path.Dir(f.Path)):
		l.Verdict, l.Why = Wrong, append(l.Why, "it is not a PostgreSQL URL")
		r.mend(f, e, dburl.Target{}, l)
	default: // another program's, which has its own database
		l.Verdict, l.Why = Elsewhere, append(l.Why, "it is not a PostgreSQL URL")
	}
}

// judgeShadow judges the database in which Prisma tries migrations, which it empties.
func (r *Report) judgeShadow(theirs dburl.Target, l *Line) {
	l.Verdict = Shadow
	if theirs.Database == r.ours.Database && theirs.Hosts[0].Port == r.ours.Hosts[0].Port {
		l.Why = append(l.Why, "it is the database itself, which Prisma would empty: leave it empty, or name another one")
	}
}

// judgeTarget judges a place on this machine.
func (r *Report) judgeTarget(f *File, e dotenv.Entry, theirs dburl.Target, unknown bool, l *Line) {
	if name := theirs.Database; name != r.ours.Database && (strings.HasSuffix(name, "_test") || strings.HasSuffix(name, "-test") || f.Kind == Tests) {
		l.Verdict = ForTests
		return
	}
	wrong := r.compare(theirs)
	l.Why = append(l.Why, wrong...)
	switch {
	case unknown:
		l.Verdict = Unknown
	case len(wrong) > 0:
		l.Verdict = Wrong
		r.mend(f, e, theirs, l)
	default:
		l.Verdict = Right
	}
}

// compare returns what of a place is not the instance's.
func (r *Report) compare(theirs dburl.Target) []string {
	wrong := r.compareHost(theirs)
	differs := func(text string) bool { return !strings.Contains(text, blank) }
	if d := theirs.Database; d != r.ours.Database && differs(d) {
		wrong = append(wrong, fmt.Sprintf("database %q, and it is %q here", d, r.ours.Database))
	}
	switch u, p := theirs.User, theirs.Password; {
	case u != r.ours.User && differs(u):
		wrong = append(wrong, fmt.Sprintf("role %q, and it is %q here", u, r.ours.User))
	case p == "" && r.ours.Password != "":
		wrong = append(wrong, "no password")
	case p != r.ours.Password && differs(p):
		wrong = append(wrong, "another password")
	}
	if schema := theirs.Params.Get("schema"); r.options.OneSchema && schema != "" && schema != "public" {
		wrong = append(wrong, fmt.Sprintf("schema=%s, and the tables are in public", schema))
	}
	if mode := theirs.Params.Get("sslmode"); !r.options.External && (mode == "require" || strings.HasPrefix(mode, "verify-")) {
		wrong = append(wrong, "sslmode="+mode+", and this server has no TLS")
	}
	return wrong
}

func (r *Report) compareHost(theirs dburl.Target) []string {
	ours, h := r.ours.Hosts[0], theirs.Hosts[0]
	switch {
	case len(theirs.Hosts) > 1 && !slices.Equal(theirs.Hosts, r.ours.Hosts):
		return []string{"several hosts"}
	case r.options.External && !isThisMachine(ours.Name) && h.Name != ours.Name:
		return []string{fmt.Sprintf("host %s, and it is %s here", h.Name, ours.Name)}
	case strings.HasPrefix(h.Name, "/") && h.Name != ours.Name:
		return []string{"a socket in " + h.Name + ", and this server is at a port"}
	case h.Name == "::1" && !r.options.External:
		return []string{"host ::1, and this server listens on 127.0.0.1"}
	}
	port := ours.Port
	if slices.Contains(r.options.Hosts, h.Name) {
		port = 5432 // inside of a network of containers
	}
	if h.Port == port || strings.Contains(h.Name, blank) {
		return nil
	}
	if other := r.options.Others[h.Port]; other != "" {
		return []string{fmt.Sprintf("port %d, which is that of the instance %s; it is %d here", h.Port, other, port)}
	}
	return []string{fmt.Sprintf("port %d, and it is %d here", h.Port, port)}
}

var databaseInText = lazy.Regexp{Text: `(?i)\b(?:postgres(?:ql)?|prisma(?:\+postgres)?|mysql|mariadb|sqlserver|cockroachdb|mongodb(?:\+srv)?)://[^\s"'` + "`" + `<>]+`}

// isRemote reports whether a text may be a database's URL with a host that is not this machine and a password that is
// written out. One that cannot be read may be.
func isRemote(text string) bool {
	m := databaseInText.Get().FindString(text)
	if m == "" {
		return false
	}
	scheme, rest, _ := strings.Cut(m, "://")
	if strings.HasPrefix(scheme, "prisma") && !strings.Contains(rest, "@") && strings.Contains(rest, "api_key=") {
		host, _, _ := strings.Cut(rest, "/")
		name, _, _ := strings.Cut(host, ":")
		return !isThisMachine(name)
	}
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		return false
	}
	_, password, _ := strings.Cut(rest[:at], ":")
	if password == "" || strings.HasPrefix(password, "$") {
		return false
	}
	host := rest[at+1:]
	if i := strings.IndexAny(host, "/?#"); i >= 0 {
		host = host[:i]
	}
	for name := range strings.SplitSeq(host, ",") {
		if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, ']') {
			name = name[:i]
		}
		if name = strings.Trim(name, "[]"); !isThisMachine(name) && !isContainers(name) && !strings.HasPrefix(name, "$") {
			return true
		}
	}
	return false
}
