package reset

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// Entry is a reset, or an undo, that can be undone.
type Entry struct {
	ID     int       `json:"id"`
	Verb   string    `json:"verb"` // "reset" or "undo"
	At     time.Time `json:"at"`
	Places []Place   `json:"schemas"`
	Rows   int64     `json:"rows"`
	Exact  bool      `json:"rows_exact"`
	Bytes  int64     `json:"bytes"` // on disk now, from List; otherwise when the entry was made
	Kept   string    `json:"-"`     // the schema of copies; "" where there is none
	// Dropping reports that the entry was given up and its disk space is being freed.
	Dropping bool `json:"dropping,omitempty"`

	detail detail
}

// Place is where a schema is kept.
type Place struct {
	Schema string `json:"schema"`
	Aside  string `json:"aside"`
}

// lost is something elsewhere that could not be kept, with the statements that restore it.
type lost struct {
	Kind string   `json:"kind"`
	Name string   `json:"name"`
	Back []string `json:"back"`
	why  string   // it did not succeed
}

// Schemas returns the names that come back.
func (e Entry) Schemas() []string {
	return say.Each(e.Places, func(p Place) string { return p.Schema })
}

// detail is what an undo needs besides the schemas themselves.
type detail struct {
	Out        []Key           `json:"out,omitempty"`       // foreign keys that pointed out
	LostKeys   []Key           `json:"lost_keys,omitempty"` // of other schemas, that could not be recreated
	Lost       []lost          `json:"lost,omitempty"`
	Cut        []lost          `json:"cut,omitempty"`   // in the old schemas, dropped because it depends on something elsewhere
	Typed      []Column        `json:"typed,omitempty"` // in the old schemas, text meanwhile: their enums are elsewhere
	Saved      []saved         `json:"saved,omitempty"`
	Remembered json.RawMessage `json:"remembered,omitempty"`
	Cascade    bool            `json:"cascade,omitempty"` // undoing it may cascade again
}

// weigh counts what the schemas hold.
func (e *Entry) weigh(ctx context.Context, tx postgres.Tx, schemas []string) error {
	tables, err := sizes(ctx, tx, schemas)
	if err != nil {
		return err
	}
	e.Rows, e.Bytes, e.Exact = 0, 0, true
	for _, t := range tables {
		e.Rows, e.Bytes, e.Exact = e.Rows+t.Rows, e.Bytes+t.Bytes, e.Exact && t.Exact
	}
	return nil
}

func (e *Entry) insert(ctx context.Context, tx postgres.Tx) error {
	u := ledger.Undo{ID: e.ID, Verb: e.Verb, Places: marshal(e.Places), Rows: e.Rows, Exact: e.Exact, Bytes: e.Bytes, Kept: e.Kept, Detail: marshal(e.detail)}
	err := ledger.NoteUndo(ctx, tx, &u)
	e.At = u.At
	return err
}

// List returns the entries, newest first, with the disk space that they use now.
func List(ctx context.Context, q postgres.Querier) ([]Entry, error) { return list(ctx, q, true) }

// list is List; without sized, Bytes is as it was when the entry was made.
func list(ctx context.Context, q postgres.Querier, sized bool) ([]Entry, error) {
	noted, err := ledger.Undos(ctx, q, sized)
	if err != nil {
		return nil, err
	}
	var list []Entry
	for _, u := range noted {
		e := Entry{ID: u.ID, Verb: u.Verb, At: u.At, Rows: u.Rows, Exact: u.Exact, Bytes: u.Bytes, Kept: u.Kept, Dropping: u.Dropping}
		if err := errors.Join(json.Unmarshal(u.Places, &e.Places), json.Unmarshal(u.Detail, &e.detail)); err != nil {
			return nil, fmt.Errorf("read undo entry %d: %w", e.ID, err)
		}
		list = append(list, e)
	}
	return list, nil
}

// find returns the entry with a number, or the newest for 0.
func find(ctx context.Context, q postgres.Querier, id int) (*Entry, error) {
	entries, err := List(ctx, q)
	if err != nil {
		return nil, err
	}
	return pick(entries, id)
}

func pick(entries []Entry, id int) (*Entry, error) {
	for _, e := range entries {
		if !e.Dropping && (id == 0 || e.ID == id) {
			return &e, nil
		}
	}
	if id == 0 {
		return nil, remedy.New("undo.none", remedy.ExitFailed, "there is nothing to undo")
	}
	return nil, remedy.New("undo.unknown", remedy.ExitUsage, "there is no undo entry %d", id).WithHelp(remedy.Naap("dev undo", "--list"))
}

func marshal(v any) json.RawMessage {
	text, err := json.Marshal(v) // plain values: cannot fail
	if err != nil {
		panic(err)
	}
	return text
}
