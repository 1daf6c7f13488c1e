package table

import (
	"context"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
)

// copyForms are the forms in which rows are copied.
var copyForms = []struct {
	format       postgres.ExportFormat
	name, detail string
}{
	{postgres.ExportJSON, "JSON", "an object a row"},
	{postgres.ExportInsert, "INSERT", "a statement a row"},
	{postgres.ExportUpdate, "UPDATE", "a statement a row, by its key"},
	{postgres.ExportCSV, "CSV", "with a line of names"},
	{postgres.ExportTSV, "TSV", "what spreadsheets paste"},
	{postgres.ExportMarkdown, "Markdown", "a table"},
}

const (
	copyTime = time.Minute
	copySize = 32 << 20 // bytes that the clipboard is given at most
)

// CopyRows asks in which form rows are copied, and copies them whole: those at places in a table, or those that are given.
func CopyRows(s screen.Root, req postgres.ExportRequest) tea.Cmd {
	n := len(req.At)
	statements := true
	if req.Given != nil {
		n, statements = len(req.Given.Rows), req.Given.OneTable()
	}
	if n == 0 {
		return nil
	}
	var items []dialog.MenuItem
	for _, form := range copyForms {
		if !statements && (form.format == postgres.ExportInsert || form.format == postgres.ExportUpdate) {
			continue
		}
		items = append(items, dialog.MenuItem{Text: form.name, Detail: form.detail, Do: func() tea.Cmd {
			req := req
			if req.Format = form.format; n == 1 && form.format == postgres.ExportJSON {
				req.Format = postgres.ExportJSONLines
			}
			backend := s.Backend()
			return s.CopyFrom(copyTime, func(ctx context.Context) (what, text string, err error) {
				return rowsText(ctx, backend, req, n, form.name)
			})
		}})
	}
	what := "the row"
	if n > 1 {
		what = say.Count(n, "row")
	}
	return dialog.OpenMenu(s, "Copy "+what+" as", items)
}

// rowsText is rows as text, and what to call them: some may be gone.
func rowsText(ctx context.Context, b backend.Backend, req postgres.ExportRequest, n int, name string) (what, text string, err error) {
	var out bounded
	done, err := b.Export(ctx, &out, req, progress.Discard)
	if err != nil {
		return "", "", err
	}
	what = say.Count(done.Rows, "row") + " as " + name
	if gone := int64(n) - done.Rows; gone > 0 {
		what += "; " + say.Number(gone) + " of those marked are gone"
	}
	if done.Rows == 0 {
		return "", "", remedy.New("row.missing", remedy.ExitFailed, "none of the rows is there any more").WithFix("read the page again")
	}
	return what, strings.TrimSuffix(out.String(), "\n"), nil
}

// bounded is a text that does not grow beyond what is copied.
type bounded struct{ strings.Builder }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > copySize {
		return 0, remedy.New("copy.too_large", remedy.ExitFailed, "the rows are more than %s of text", say.Bytes(copySize)).
			WithFix("mark fewer of them, or export them to a file")
	}
	return b.Builder.Write(p)
}

// copyRows copies the rows that are marked, or the one under the cursor.
func (r *Grid) copyRows() tea.Cmd {
	if r.List.At >= len(r.Cursors) && len(r.marks.list) == 0 {
		return nil
	}
	req := postgres.ExportRequest{Table: r.ref}
	if r.byNumber() {
		req.Where, req.Raw = r.Where()
		req.Sort = r.sorted
	}
	for _, m := range r.marks.list {
		req.At = append(req.At, m.At)
	}
	if len(req.At) == 0 {
		req.At = []postgres.Cursor{r.Place(r.List.At)}
	}
	return CopyRows(r.Root, req)
}

// GivenGrid is a grid of rows that all are here.
func GivenGrid(s screen.Root, owner int, columns []postgres.PageColumn, rows [][]postgres.Cell) Grid {
	r := Grid{Root: s, Owner: owner, Columns: columns, Rows: rows, Loaded: true}
	for i := range rows {
		r.Cursors = append(r.Cursors, postgres.Cursor{{Text: strconv.Itoa(i)}})
	}
	r.List.Size(len(rows))
	r.Measure()
	return r
}

// CopyGiven copies those rows that are marked, or the one under the cursor, of a grid whose rows all are here.
func (r *Grid) CopyGiven() tea.Cmd {
	given := &postgres.Given{Columns: r.Columns}
	for i := range r.Rows {
		if r.isMarked(i) || len(r.marks.list) == 0 && i == r.List.At {
			given.Rows = append(given.Rows, r.Rows[i])
		}
	}
	return CopyRows(r.Root, postgres.ExportRequest{Given: given})
}

// Mark marks rows of a grid whose rows all are here.
func (r *Grid) Mark(a keymap.Action) tea.Cmd { return r.mark(a) }
