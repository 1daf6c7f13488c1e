package envfile

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/dotenv"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// mend gives a line the value that it should have: the instance's place and login, with the parameters that the line has
// already, except those that are wrong.
func (r *Report) mend(f *File, e dotenv.Entry, theirs dburl.Target, l *Line) {
	if f.Kind != "" {
		return
	}
	value := r.corrected(theirs)
	text := value
	if e.Quote == 0 && e.ValueAt.End < len(f.text) && f.text[e.ValueAt.End] == '#' {
		text += " " // otherwise the comment would be a part of the value
	}
	l.Becomes = shown(value)
	start := bytes.LastIndexByte(f.text[:e.NameAt.Start], '\n') + 1
	before := strings.TrimPrefix(string(f.text[start:e.ValueAt.Start]), "\ufeff")
	quote := ""
	if e.Quote != 0 {
		quote = string(e.Quote)
	}
	l.edit = &edit{
		start: e.ValueAt.Start, end: e.ValueAt.End, text: text,
		before: []string{before + shown(e.Value) + quote}, after: []string{before + shown(value) + quote},
	}
}

// corrected returns the instance's URL with a line's own parameters.
func (r *Report) corrected(theirs dburl.Target) string {
	t := r.ours
	t.Hosts = slices.Clone(t.Hosts)
	params := maps.Clone(t.Params)
	for name, values := range theirs.Params {
		wrong := name == "schema" && r.options.OneSchema && values[0] != "public" ||
			name == "sslmode" && !r.options.External && (values[0] == "require" || strings.HasPrefix(values[0], "verify-"))
		if _, set := params[name]; !set && !wrong {
			params[name] = values
		}
	}
	t.Params = params
	if len(theirs.Hosts) == 1 && len(t.Hosts) == 1 && isThisMachine(t.Hosts[0].Name) {
		switch name := theirs.Hosts[0].Name; {
		case strings.HasPrefix(name, "127."), name == "host.docker.internal", strings.HasSuffix(name, ".localhost"):
			t.Hosts[0].Name = name
		case slices.Contains(r.options.Hosts, name):
			t.Hosts[0] = dburl.Host{Name: name, Port: 5432}
		}
	}
	return t.URL()
}

// lookForMissing notes what a file should have and has not, where no other file of its folder has it: the url of the
// datasource, in a file that has another of the variables; its directUrl too, near the schema, since only Prisma's
// command reads that; and both, where no file near the schema names the database at all, in the closest of these.
func (r *Report) lookForMissing() {
	folders := map[string][]int{}
	for i, f := range r.Files {
		if f.Kind == "" && f.SameAs == "" && f.Problem == "" {
			folders[path.Dir(f.Path)] = append(folders[path.Dir(f.Path)], i)
		}
	}
	var near []int // these count as one folder: Prisma refuses a variable that two of them have
	for _, dir := range r.near() {
		near = append(near, folders[dir]...)
		delete(folders, dir)
	}
	r.complete(near, r.needed(true))
	for _, dir := range slices.Sorted(maps.Keys(folders)) {
		r.complete(folders[dir], r.needed(false))
	}
	r.lookNear(near)
}

// complete adds what is needed and none of some files has to the first of them that has anything of the database.
func (r *Report) complete(of []int, needed []string) {
	at := slices.IndexFunc(of, func(i int) bool { return len(r.Files[i].Lines) > 0 })
	if at < 0 {
		return
	}
	for _, name := range needed {
		if !slices.ContainsFunc(of, func(i int) bool { return r.Files[i].has(name) }) {
			r.add(&r.Files[of[at]], name)
		}
	}
}

// needed returns the variables that are read in a folder: never that of a shadow database, which may be left out.
func (r *Report) needed(near bool) []string {
	var names []string
	for _, v := range r.options.Variables {
		if v.Use == workspace.UseURL || near && v.Use == workspace.UseDirect {
			names = append(names, v.Name)
		}
	}
	return names
}

// near returns the folders near the schema, relative to the root.
func (r *Report) near() []string {
	var out []string
	for _, dir := range r.options.Near {
		if rel, inside := files.Below(r.options.Root, dir); inside {
			out = append(out, filepath.ToSlash(rel))
		}
	}
	return out
}

func (f File) has(name string) bool {
	return slices.ContainsFunc(f.Lines, func(l Line) bool { return l.Name == name })
}

// lookNear adds the variables to the closest .env where none of the files near the schema has any of them.
func (r *Report) lookNear(near []int) {
	if slices.ContainsFunc(near, func(i int) bool { return len(r.Files[i].Lines) > 0 }) {
		return
	}
	for _, rel := range r.near() {
		if i := r.at(path.Join(rel, ".env")); i >= 0 && (r.Files[i].SameAs != "" || r.Files[i].Problem != "") {
			return // what it says is not known, or is said elsewhere
		}
	}
	closest := slices.IndexFunc(near, func(i int) bool { return path.Base(r.Files[i].Path) == ".env" })
	if closest < 0 {
		return
	}
	for _, name := range r.needed(true) {
		r.add(&r.Files[near[closest]], name)
	}
}

// add notes a missing line, which is written as the last one about the database is: after it, or at the file's end.
func (r *Report) add(f *File, name string) {
	value := r.corrected(dburl.Target{})
	l := Line{Name: name, Verdict: Missing, Becomes: shown(value)}
	newline := "\n"
	if i := bytes.IndexByte(f.text, '\n'); i > 0 && f.text[i-1] == '\r' {
		newline = "\r\n"
	}
	prefix, quote, at := "", `"`, len(f.text)
	entries := dotenv.Read(f.text)
	for _, e := range slices.Backward(entries) {
		if _, ok := r.variable(e.Name); !ok {
			continue
		}
		if prefix, quote = styleOf(f.text, e); strings.Contains(value, "&") && quote == "" {
			quote = `"` // a shell would take the & for its own
		}
		at = e.ValueAt.End
		if i := bytes.IndexByte(f.text[at:], '\n'); i >= 0 {
			at += i + 1
		} else {
			at = len(f.text)
		}
		l.Number = lineAt(f.text, e.ValueAt.End)
		break
	}
	line := func(value string) string { return prefix + name + "=" + quote + value + quote }
	text := line(value) + newline
	if at > 0 && f.text[at-1] != '\n' && !bytes.Equal(f.text, []byte("\ufeff")) {
		text = newline + line(value) // the file has no line end at its end, and keeps none
	}
	l.edit = &edit{start: at, end: at, text: text, after: []string{line(shown(value))}}
	f.Lines = append(f.Lines, l)
}

// styleOf returns how an entry is written: what precedes its name, and its quotes.
func styleOf(text []byte, e dotenv.Entry) (prefix, quote string) {
	start := bytes.LastIndexByte(text[:e.NameAt.Start], '\n') + 1
	prefix = strings.TrimPrefix(string(text[start:e.NameAt.Start]), "\ufeff")
	if e.Quote != 0 {
		quote = string(e.Quote)
	}
	return prefix, quote
}

// mayBeWritten notes why a file is not written, where something in it is to be mended.
func (r *Report) mayBeWritten(ctx context.Context, f *File) error {
	if len(f.Faults()) == 0 {
		return nil
	}
	switch n := r.production(*f); {
	case n > 0:
		f.Refused = fmt.Sprintf("line %d holds a database's URL on another machine with its password", n)
		return nil
	case r.options.External && !isThisMachine(r.ours.Hosts[0].Name):
		f.Refused = "the database is on another machine, and naap writes its password into no file"
		return nil
	case r.options.Private == nil:
		return nil
	}
	private, err := r.options.Private(ctx, f.Path)
	if err == nil && !private {
		f.Refused = "git does not ignore it, and the password, which nobody else knows, would get into the repository"
	}
	return err
}

// production returns the first line of a file, a comment included, in which there is a database on another machine with
// its password, or 0.
func (r *Report) production(f File) int {
	for _, l := range f.Lines {
		if l.Verdict == Production {
			return l.Number
		}
	}
	entries := dotenv.Read(f.text)
	find := r.finder(f, entries)
	for _, e := range entries {
		if value, _ := e.Expand(find); isRemote(value) && !r.isServer(value) {
			return lineAt(f.text, e.NameAt.Start)
		}
	}
	n := 0
	for line := range strings.Lines(string(f.text)) {
		n++
		if isRemote(line) && !r.isServer(databaseInText.Get().FindString(line)) {
			return n
		}
	}
	return 0
}

// isServer reports whether a URL names the instance's own server, by whatever name.
func (r *Report) isServer(value string) bool {
	t, err := dburl.ParseTarget(value)
	return err == nil && r.place(t) == ""
}
