package table

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/edit"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// exportScreen asks for a format and a file, and writes rows into it as they come.
type exportScreen struct {
	screen.Base
	req    postgres.ExportRequest
	path   edit.Text
	format int
	going  bool
	done   int64
	edited bool // the path was typed, so that a format no longer changes it
}

var exportFormats = []struct {
	format    postgres.ExportFormat
	name, end string
}{
	{postgres.ExportCSV, "CSV", ".csv"}, {postgres.ExportJSONLines, "JSON, a line a row", ".jsonl"}, {postgres.ExportJSON, "JSON array", ".json"},
}

// OpenExport opens the dialog for a table or a query.
func OpenExport(s screen.Root, req postgres.ExportRequest) tea.Cmd {
	if req.Table.Name == "" && req.Query == "" {
		return nil
	}
	x := &exportScreen{Base: screen.NewBase(s), req: req}
	x.path.Single = true
	x.path.Set(x.name())
	return s.Open(x)
}

// name is a file name for what is exported, in the working directory.
func (x *exportScreen) name() string {
	name := "query"
	if x.req.Table.Name != "" {
		name = x.req.Table.String()
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < 0x20 {
			return '_'
		}
		return r
	}, name)
	return name + exportFormats[x.format].end
}

func (x *exportScreen) Hints() [][2]string {
	if x.going {
		return [][2]string{{"esc", "cancels"}}
	}
	return [][2]string{{"tab", "format"}, {"enter", "writes"}, {"esc", "cancels"}}
}

func (x *exportScreen) Shape() screen.Shape { return screen.Shape{Floats: true, W: 70, H: 9} }

func (x *exportScreen) Actions() []keymap.Action {
	return []keymap.Action{keymap.Open, keymap.NextPane}
}

func (x *exportScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	if x.going {
		return nil, false
	}
	switch k.String() {
	case "tab", "down":
		x.choose(1)
	case "shift+tab", "up":
		x.choose(len(exportFormats) - 1)
	case "enter":
		return x.start(false), true
	case "esc":
		return nil, false
	default:
		if !x.path.Key(k) {
			return nil, false
		}
		x.edited = true
	}
	return nil, true
}

func (x *exportScreen) choose(by int) {
	x.format = (x.format + by) % len(exportFormats)
	if !x.edited {
		x.path.Set(x.name())
	}
}

// exported is the answer of an export.
type exported struct {
	path   string
	result postgres.ExportResult
	exists bool // the file is there already, and nothing was written
}

// start writes into a new file beside the target and renames it at the end, so that a half export is never taken for a
// whole one.
func (x *exportScreen) start(overwrite bool) tea.Cmd {
	path := strings.TrimSpace(x.path.String())
	if path == "" {
		x.Hint("name a file to write to")
		return nil
	}
	x.going, x.done = true, 0
	req := x.req
	req.Format = exportFormats[x.format].format
	return job.Follow(x.Jobs(), x.Slot("export"), false, func(ctx context.Context, emit func(progress.Step) bool) (exported, error) {
		return writeExport(ctx, x.Backend(), req, path, overwrite, func(s progress.Step) { emit(s) })
	})
}

func writeExport(ctx context.Context, b backend.Backend, req postgres.ExportRequest, path string, overwrite bool, report progress.Report) (exported, error) {
	path = dialog.AtHome(path)
	if dir, err := os.Getwd(); err == nil { // a link of the repository's does not lead it elsewhere
		if real, refused := files.Leads(dir, path); refused != nil {
			return exported{}, refused.WithFix("name that place itself: " + visible.String(real))
		}
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return exported{}, fmt.Errorf("%s is a folder: name a file in it", visible.String(path))
	case err == nil && !overwrite:
		return exported{path: path, exists: true}, nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".naap-export-*")
	if err != nil {
		return exported{}, err
	}
	defer os.Remove(f.Name())
	result, err := b.Export(ctx, f, req, report)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return exported{path: path, result: result}, err
}

func (x *exportScreen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Batch[progress.Step]:
		for _, s := range m.Items {
			x.done = s.Done
		}
	case job.Answer[exported]:
		x.going = false
		switch {
		case m.Err != nil:
			x.Fail("export", m.Err)
		case m.Value.exists:
			return dialog.Ask(x.Root, dialog.Confirmation{
				Title: "Replace the file?", Text: []string{m.Value.path + " is there already."}, Yes: "Replace it",
				Do: func() tea.Cmd { return x.start(true) },
			})
		default:
			x.Settled("export")
			x.Say(draw.Good, fmt.Sprintf("exported %s (%s) in %s to %s", say.Count(m.Value.result.Rows, "row"), screen.Size(m.Value.result.Bytes), say.Took(m.Took), m.Value.path))
			return x.Close(x)
		}
	}
	return nil
}

func (x *exportScreen) Draw(a draw.Area) {
	what := x.req.Table.String()
	if x.req.Query != "" {
		what = "the query's rows"
	}
	in := a.Box(draw.Frame{Title: " Export " + what + " ", Focused: true})
	if w := whereText(x.req.Where, x.req.Raw); w != "" {
		in.Text(1, 0, "where "+w, draw.Dim)
	}
	for i, f := range exportFormats {
		sign := "  "
		if i == x.format {
			sign = in.Look().Glyphs.Pick + " "
		}
		in.Pen(1, i+1).Text(sign, draw.Accent).Text(f.name, draw.Plain)
		if i == x.format {
			in.Mark(0, i+1, in.W, draw.Chosen)
		}
	}
	p := in.Pen(1, 5).Text("file ", draw.Dim)
	widget.DrawInput(in, p.X, 5, in.W-p.X, &x.path, !x.going)
	if x.going {
		in.Text(1, in.H-1, say.Count(x.done, "row")+" written", draw.Info)
	}
}
