package rules

import (
	"bytes"
	"context"
	"maps"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/script"
)

// Scripts are most of a repository, and their tokens take ten times the memory of their text. They are judged one at a
// time, once everything else is read that they are compared with, and what is kept of one is what it adds to the report
// and what the rules ask about it when they look at other files.

// scriptChecks look for breaches in one script, in the rules' order.
var scriptChecks = []func(*run, *file){
	(*run).checkGenerator, (*run).checkClients, (*run).checkContainersInCode, (*run).checkScriptURLs, (*run).checkCodeLogins, (*run).checkClient,
}

// scriptFacts is what is kept of a script.
type scriptFacts struct {
	findings   []Finding // of scriptChecks
	exceptions []*exception
	lists      []*schemaList // the arrays of schemas in it; the text is kept for them

	uses     Place    // the first import of the database package; its Path is "" where there is none
	packages []string // those of prismaPackages that it imports
	calls    []string // the scripts of packages that it names, of those in question
}

// heldText is how much text of scripts is kept from when a file is looked at until it is judged. What is beyond that is
// read again.
const heldText = 4 << 20

// judgeScripts judges all scripts.
func (r *run) judgeScripts(ctx context.Context) error {
	var all []*file
	r.each(scriptFile, func(f *file) { all = append(all, f) })
	called, tells := r.calledNames(), newTelling(r.options.databaseDir(), slices.Sorted(maps.Keys(r.known))...)
	r.passesOn = r.passOn()
	group, ctx := errgroup.WithContext(ctx)
	next := make(chan *file)
	group.Go(func() error {
		defer close(next)
		for _, f := range all {
			select {
			case next <- f:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range max(runtime.GOMAXPROCS(0), 2) {
		group.Go(func() error {
			var buf []byte
			for f := range next {
				if err := ctx.Err(); err != nil {
					return err
				}
				buf = r.judgeOne(f, called, tells, buf)
			}
			return nil
		})
	}
	err := group.Wait()
	r.settle()
	return err
}

// judgeOne judges one script. It uses buf to read, and returns it for the next.
func (r *run) judgeOne(f *file, called map[string]*regexp.Regexp, tells telling, buf []byte) []byte {
	f.facts = &scriptFacts{}
	if !r.open(f, &buf) {
		return buf
	}
	if bytes.Contains(f.data, []byte("db:")) { // as in every name
		for name, call := range called {
			if call.Match(f.data) {
				f.facts.calls = append(f.facts.calls, name)
			}
		}
	}
	if tells.in(f) {
		r.judgeText(f)
	}
	f.close()
	return buf
}

// judgeText reads a script, judges it, and notes what the rules ask about it.
func (r *run) judgeText(f *file) {
	f.parse()
	one := *r
	one.findings = nil
	for _, check := range scriptChecks {
		check(&one, f)
	}
	f.facts.note(f)
	f.facts.exceptions = one.commentedIn(f)
	f.facts.findings = one.findings
	f.facts.lists = codeLists(f, r.known)
}

// open reads a script again whose text is not kept, and reports whether there is anything to judge.
func (r *run) open(f *file, buf *[]byte) bool {
	if f.data != nil {
		return true
	}
	data, err := files.ReadInto((*buf)[:0], r.walker.place(f.path), files.Source)
	if cap(data) > cap(*buf) {
		*buf = data
	}
	if err == nil && r.walker.wants(f.path, f.kind, data) && r.walker.readable(f.path, f.kind, data) {
		f.data = data
		return true
	}
	if err != nil && !os.IsNotExist(err) {
		r.walker.cannot(f.path, Warning, "this cannot be read")
	}
	return false
}

// note notes what the rules ask about a script when they look at other files.
func (s *scriptFacts) note(f *file) {
	for _, im := range f.imports {
		if s.uses.Path == "" && isOrBelow(im.Specifier, databasePackage) {
			s.uses = f.place(im.At.Start, im.At.End)
		}
		for _, pkg := range prismaPackages {
			if isOrBelow(im.Specifier, pkg) && !slices.Contains(s.packages, pkg) {
				s.packages = append(s.packages, pkg)
			}
		}
	}
}

// isOrBelow reports whether an import names a package, or a part of it.
func isOrBelow(specifier, pkg string) bool {
	return specifier == pkg || strings.HasPrefix(specifier, pkg+"/")
}

// close forgets the text of a judged script and what was made of it. A text that is to be fixed is kept, and the line
// that is shown for a folder which should not be there.
func (f *file) close() {
	f.script, f.imports, f.starts = nil, nil, nil
	switch {
	case len(f.facts.lists) > 0, slices.ContainsFunc(f.facts.findings, func(x Finding) bool { return x.Fix != nil && x.Fix.Edits[0].Path == f.path }):
		f.data = bytes.Clone(f.data)
	case backendPrisma(f.path) != "":
		f.data = bytes.Clone(f.data[:lineEndAt(f.data, 0)])
	default:
		f.data = nil
	}
}

// addScripts adds what a rule has found in the scripts.
func (r *run) addScripts(rule *Rule) {
	r.each(scriptFile, func(f *file) {
		for _, x := range f.facts.findings {
			if x.Rule == rule {
				r.findings = append(r.findings, x)
			}
		}
	})
}

// passOn reports whether the database package's index exports everything of its client, which decides what a fix in
// any other script may do.
func (r *run) passOn() bool {
	for _, name := range []string{"src/index.ts", "index.ts"} {
		f := r.files[r.options.databaseDir()+"/"+name]
		if f == nil || f.kind != scriptFile {
			continue
		}
		var buf []byte
		index := &file{path: f.path, kind: f.kind, data: f.data}
		if !r.open(index, &buf) {
			continue
		}
		index.parse()
		if slices.ContainsFunc(index.imports, func(im script.Import) bool {
			return im.Form == script.ReExport && im.All && !im.TypeOnly && isClientPath(im)
		}) {
			return true
		}
	}
	return false
}

// calledNames returns what finds the names of the scripts that a fix would remove from a package, if nothing calls them.
func (r *run) calledNames() map[string]*regexp.Regexp {
	called := map[string]*regexp.Regexp{}
	r.each(manifestFile, func(f *file) {
		for _, m := range f.pkg.Scripts() {
			if isForbiddenScript(m.Name) && called[m.Name] == nil && r.isPlugin(f.path) {
				called[m.Name] = callOf(m.Name)
			}
		}
	})
	return called
}

// settle takes over what could not be read again.
func (r *run) settle() {
	r.unread, r.left = r.walker.unread, r.walker.left
	r.sortUnread()
}
