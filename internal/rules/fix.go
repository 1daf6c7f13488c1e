package rules

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// draw gives each fix its diff, and keeps the contents of the files to be fixed.
func (r *run) draw(report *Report) {
	report.sources = map[string][]byte{}
	for i := range report.Findings {
		fix := report.Findings[i].Fix
		if fix == nil {
			continue
		}
		var diff strings.Builder
		for _, e := range fix.Edits {
			data, exists := r.content(e.Path)
			report.sources[e.Path] = data
			diff.WriteString(unified(e.Path, data, exists, applyEdits(data, []Edit{e})))
		}
		fix.Diff = diff.String()
	}
}

// content returns a file as it was read; a file that no rule wanted does not exist for a fix, which can only create it.
func (r *run) content(name string) ([]byte, bool) {
	if f, ok := r.files[name]; ok {
		return f.data, true
	}
	return nil, false
}

// unified returns the change from one text of a file to another as a unified diff, with passwords masked: it is for
// reading, not for patch(1).
func unified(name string, before []byte, existed bool, after []byte) string {
	from := "a/" + name
	if !existed {
		from = "/dev/null"
	}
	old, changed := lines(before), lines(after)
	text, err := udiff.ToUnified(from, "b/"+name, old, udiff.Lines(old, changed), 2)
	if err != nil { // the edits are of this very text
		panic(err)
	}
	masked := strings.Split(text, "\n")
	for i, line := range masked {
		masked[i] = maskPasswords(strings.TrimSuffix(line, "\r"))
	}
	return visible.Text(strings.Join(masked, "\n"))
}

// lines returns a text for a diff, with a line end added to the last line if it has none.
func lines(data []byte) string {
	text := string(data)
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

// applyEdits carries out the edits of one file. Of two that touch the same bytes, the first in the file wins: the other
// is left for the next round.
func applyEdits(data []byte, edits []Edit) []byte {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int { return a.Start - b.Start })
	var out bytes.Buffer
	at := 0
	for i, e := range edits {
		if e.Start < at || e.End > len(data) || i > 0 && e == edits[i-1] {
			continue
		}
		out.Write(data[at:e.Start])
		out.WriteString(e.New)
		at = e.End
	}
	out.Write(data[at:])
	return out.Bytes()
}

// shortest returns an edit without the unchanged bytes at both ends: the user and the password of a URL whose host is
// changed stay out of it, and out of every report.
func shortest(data []byte, e Edit) Edit {
	for e.Start < e.End && e.New != "" && data[e.Start] == e.New[0] && data[e.Start] < utf8.RuneSelf {
		e.Start++
		e.New = e.New[1:]
	}
	for e.Start < e.End && e.New != "" && data[e.End-1] == e.New[len(e.New)-1] && data[e.End-1] < utf8.RuneSelf {
		e.End--
		e.New = e.New[:len(e.New)-1]
	}
	return e
}

// Mended is the result of Mend.
type Mended struct {
	Report *Report // on the workspace as it is now
	Fixed  []Finding
	Files  []string // the files that were written
}

// Mend applies the safe fixes and checks again, until none is left. It writes each file whole, through a temporary file
// beside it, and only if the file still is what the check read. show, if not nil, is called with the findings about to
// be fixed before anything is written.
func Mend(ctx context.Context, options Options, show func([]Finding)) (*Mended, error) {
	m := &Mended{}
	for range 10 {
		report, err := Check(ctx, options)
		if err != nil {
			return nil, err
		}
		m.Report = report
		report.Fixed = m.Fixed
		edits, fixed := safeEdits(report)
		if len(edits) == 0 {
			return m, nil
		}
		if show != nil {
			show(fixed)
		}
		if err := mayWrite(options.Root, slices.Sorted(maps.Keys(edits))); err != nil {
			return nil, err
		}
		for _, name := range slices.Sorted(maps.Keys(edits)) {
			if err := writeEdited(ctx, options.Root, name, report.sources[name], edits[name]); err != nil {
				return nil, err
			}
			if !slices.Contains(m.Files, name) {
				m.Files = append(m.Files, name)
			}
		}
		m.Fixed = append(m.Fixed, fixed...)
	}
	return nil, remedy.New("check.unsteady", remedy.ExitFailed, "the fixes undo each other and were stopped after ten rounds").
		WithHelp(remedy.Naap("check"))
}

// safeEdits returns the edits of the safe fixes, and the findings that they fix. A fix whose edits collide with those
// of an earlier one waits for the next round.
func safeEdits(report *Report) (map[string][]Edit, []Finding) {
	edits := map[string][]Edit{}
	var fixed []Finding
	for _, f := range report.Findings {
		if f.Fix == nil || !f.Fix.Safe || slices.ContainsFunc(f.Fix.Edits, func(e Edit) bool { return collides(edits[e.Path], e) }) {
			continue
		}
		for _, e := range f.Fix.Edits {
			edits[e.Path] = append(edits[e.Path], e)
		}
		fixed = append(fixed, f)
	}
	return edits, fixed
}

// collides reports whether an edit touches the bytes of others, or inserts where another one changes something: what
// the insertion was meant to be beside is no longer there.
func collides(others []Edit, e Edit) bool {
	return slices.ContainsFunc(others, func(o Edit) bool { return e.Start <= o.End && o.Start <= e.End })
}

// mayWrite returns the refusal of the first file that must not be written, before any file is written.
func mayWrite(root string, names []string) error {
	if root == "" || len(names) == 0 {
		return nil
	}
	in, err := files.OpenInside(root)
	if err != nil {
		return err
	}
	defer in.Close()
	for _, name := range names {
		if err := in.MayReplace(name); err != nil {
			return err
		}
	}
	return nil
}

// writeEdited writes a file with its edits, inside the workspace only. read is the content that the edits were made
// for.
func writeEdited(ctx context.Context, root, name string, read []byte, edits []Edit) error {
	in, err := files.OpenInside(root)
	if err != nil {
		return err
	}
	defer in.Close()
	now, err := in.Read(ctx, name, files.Source)
	if _, refused := files.Refused(err); refused {
		return err
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read %s again before changing it: %w", name, err)
	}
	if !bytes.Equal(now, read) {
		return remedy.New("check.changed", remedy.ExitFailed, "%s changed while it was being checked, and was left alone", name).
			WithHelp(remedy.Naap("check", "--fix"))
	}
	return in.Replace(name, applyEdits(read, edits))
}
