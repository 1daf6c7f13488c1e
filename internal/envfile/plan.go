package envfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Plan is what is written to make the files right.
type Plan struct {
	Changes []Change

	root string
}

// Change is what is written into one file.
type Change struct {
	Path  string
	Lines []Line // those that are mended or added

	was []byte
}

// Plan returns what makes the files right that may be written.
func (r *Report) Plan() *Plan {
	p := &Plan{root: r.options.Root}
	for _, f := range r.Files {
		if f.Refused != "" {
			continue
		}
		if lines := slices.DeleteFunc(f.Faults(), func(l Line) bool { return l.edit == nil }); len(lines) > 0 {
			p.Changes = append(p.Changes, Change{Path: f.Path, Lines: lines, was: f.text})
		}
	}
	return p
}

// Empty reports whether there is nothing to write.
func (p *Plan) Empty() bool { return len(p.Changes) == 0 }

// Lines returns how many lines are written.
func (p *Plan) Lines() int {
	n := 0
	for _, c := range p.Changes {
		n += len(c.Lines)
	}
	return n
}

// Diff returns what is written, without passwords and without the lines around it, which may hold other secrets: it is
// for reading, not for patch(1).
func (p *Plan) Diff() string {
	var b strings.Builder
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "--- %s\n", visible.String(c.Path))
		for _, l := range c.Lines {
			fmt.Fprintf(&b, "@@ %s @@\n", visible.String(l.about()))
			for _, line := range l.edit.before {
				fmt.Fprintf(&b, "-%s\n", visible.String(line))
			}
			for _, line := range l.edit.after {
				fmt.Fprintf(&b, "+%s\n", visible.String(line))
			}
		}
	}
	return b.String()
}

func (l Line) about() string {
	switch {
	case l.Verdict != Missing:
		return fmt.Sprintf("line %d: %s", l.Number, strings.Join(l.Why, "; "))
	case l.Number > 0:
		return fmt.Sprintf("after line %d: missing", l.Number)
	}
	return "at the end: missing"
}

// Apply writes the files, each of them whole and only if it is still what was read. All are looked at before the first
// is written.
func (p *Plan) Apply(ctx context.Context) error {
	if p.Empty() {
		return nil
	}
	in, err := files.OpenInside(p.root)
	if err != nil {
		return err
	}
	defer in.Close()
	for _, c := range p.Changes {
		if err := c.mayBeMade(ctx, in); err != nil {
			return err
		}
	}
	for i, c := range p.Changes {
		err := c.mayBeMade(ctx, in)
		if err == nil {
			err = in.Replace(c.Path, c.text())
		}
		if err != nil {
			return p.partly(err, i)
		}
	}
	return nil
}

// partly adds to an error which files were written before it.
func (p *Plan) partly(err error, written int) error {
	if e, ok := remedy.Of(err); ok && written > 0 {
		for _, c := range p.Changes[:written] {
			e.WithSeen("written already: " + visible.String(c.Path))
		}
	}
	return err
}

func (c Change) mayBeMade(ctx context.Context, in *files.Inside) error {
	now, err := in.Read(ctx, c.Path, files.Settings)
	if _, refused := files.Refused(err); refused {
		return err
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read %s again before changing it: %w", visible.String(c.Path), err)
	}
	if err != nil || !bytes.Equal(now, c.was) {
		return remedy.New("env.changed", remedy.ExitFailed, "%s changed while it was being looked at, and was left alone", visible.String(c.Path)).
			WithHelp(remedy.Again("dev env"))
	}
	return in.MayReplace(c.Path)
}

// text returns the file with its changes.
func (c Change) text() []byte {
	edits := make([]*edit, 0, len(c.Lines))
	for _, l := range c.Lines {
		edits = append(edits, l.edit)
	}
	slices.SortStableFunc(edits, func(a, b *edit) int { return a.start - b.start })
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(c.was[at:e.start])
		out.WriteString(e.text)
		at = e.end
	}
	out.Write(c.was[at:])
	return out.Bytes()
}
