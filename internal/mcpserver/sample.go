package mcpserver

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

type sampleArguments struct {
	Table   string         `json:"table" jsonschema:"schema.table, a table's name, or a Prisma model's"`
	Where   map[string]any `json:"where,omitempty" jsonschema:"column → value that it must equal; null for NULL"`
	Columns []string       `json:"columns,omitempty" jsonschema:"only these columns"`
	Limit   int            `json:"limit,omitempty" jsonschema:"how many rows; 10 if absent, 200 at most"`
}

type sampleAnswer struct {
	Table string `json:"table"`
	rowSet
}

const (
	usualSample   = 10
	largestSample = 200
)

func sampleTool() tool {
	return define(tool{
		name: "sample_rows", title: "Rows of a table", kind: reads,
		about: "The first rows of a table, in the order of its key, all of them or those where columns equal values. Values are shown as they are, not masked: the database is for development.",
	}, looks, sampleRows)
}

func sampleRows(ctx context.Context, env *devenv.Env, in sampleArguments) (sampleAnswer, error) {
	limit, err := bounded("limit", in.Limit, usualSample, largestSample)
	if err != nil {
		return sampleAnswer{}, err
	}
	ref, err := findTable(ctx, env, in.Table)
	if err != nil {
		return sampleAnswer{}, err
	}
	d, err := detailOf(ctx, env, ref)
	if err != nil {
		return sampleAnswer{}, err
	}
	where, err := conditions(d, in)
	if err != nil {
		return sampleAnswer{}, err
	}
	var page *postgres.Page
	err = env.Read(ctx, func(db *postgres.DB) error {
		page, err = db.Page(ctx, postgres.PageRequest{Table: ref, Columns: in.Columns, Where: where, Limit: limit, MaxCell: cellSize})
		return err
	})
	if _, said := postgres.AsServerError(err); said {
		err = refused(ctx, env, "", err, nil)
	}
	if err != nil {
		return sampleAnswer{}, err
	}
	left := room(roomSize)
	return sampleAnswer{visible.String(ref.String()), rowsOf(&left, page.Columns, page.Rows, page.HasNext, "say where, give fewer columns or a larger limit")}, nil
}

// conditions returns what the rows must fulfil, and refuses columns that the table does not have.
func conditions(d *postgres.TableDetail, in sampleArguments) ([]postgres.Condition, error) {
	columns := say.Each(d.Columns, func(c postgres.Column) string { return c.Name })
	var out []postgres.Condition
	asked := slices.Sorted(maps.Keys(in.Where))
	for _, name := range append(slices.Clone(in.Columns), asked...) {
		if !slices.Contains(columns, name) {
			return nil, noColumn(d.Ref(), name, columns)
		}
	}
	for _, name := range asked {
		switch v := in.Where[name].(type) {
		case nil:
			out = append(out, postgres.Condition{Column: name, Op: postgres.IsNull})
		case string:
			out = append(out, postgres.Condition{Column: name, Op: postgres.Equal, Value: v})
		default:
			text, err := json.Marshal(v)
			if err != nil { // cannot happen: it was read from JSON
				return nil, err
			}
			out = append(out, postgres.Condition{Column: name, Op: postgres.Equal, Value: string(text)})
		}
	}
	return out, nil
}

func noColumn(table postgres.TableRef, name string, columns []string) error {
	r := remedy.New("column.unknown", remedy.ExitUsage, "%s has no column %s", visible.String(table.String()), visible.String(name)).
		WithSeen("columns: " + visible.String(say.Some(columns, 60)))
	if near := say.Nearest(name, columns); near != "" {
		r.WithFix("did you mean: " + visible.String(near))
	}
	return r
}

// bounded returns a number that a caller may leave out.
func bounded(name string, n, usual, most int) (int, error) {
	switch {
	case n == 0:
		return usual, nil
	case n < 0 || n > most:
		return 0, remedy.New("usage", remedy.ExitUsage, "the argument %q must be from 1 to %d, not %d", name, most, n)
	}
	return n, nil
}

func (s sampleAnswer) text() string { return strings.TrimSpace(s.Table) + "\n" + s.rowSet.text() }
