package reset

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Entry is a reset, or an undo, that can be taken back.
type Entry struct {
	ID     int       `json:"id"`
	Verb   string    `json:"verb"` // "reset" or "undo"
	At     time.Time `json:"at"`
	Places []Place   `json:"schemas"`
	Rows   int64     `json:"rows"`
	Exact  bool      `json:"rows_exact"`
	Bytes  int64     `json:"bytes"` // on disk now, where List has it; else when the entry was made
	Kept   string    `json:"-"`     // the schema of copies; "" where there is none
	// Dropping tells that the entry has expired and that its disk space is being given back.
	Dropping bool `json:"dropping,omitempty"`

	detail detail
}

// Place is where a schema waits.
type Place struct {
	Schema string `json:"schema"`
	Aside  string `json:"aside"`
}

// Schemas are the names that come back.
func (e Entry) Schemas() []string {
	names := make([]string, len(e.Places))
	for i, p := range e.Places {
		names[i] = p.Schema
	}
	return names
}

// detail is what an undo needs beside the schemas themselves.
type detail struct {
	Out        []Key           `json:"out,omitempty"`       // foreign keys that pointed out
	LostKeys   []Key           `json:"lost_keys,omitempty"` // of other schemas, that could not be made again
	Lost       []lost          `json:"lost,omitempty"`
	Cut        []lost          `json:"cut,omitempty"`   // of the old schemas, dropped: it depends on something elsewhere
	Typed      []Column        `json:"typed,omitempty"` // of the old schemas, text meanwhile: their enums are elsewhere
	Saved      []saved         `json:"saved,omitempty"`
	Remembered json.RawMessage `json:"remembered,omitempty"`
	Cascade    bool            `json:"cascade,omitempty"` // taking it back may cascade again
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
	err := tx.QueryRow(ctx, `INSERT INTO naap_dev.undo (id, verb, at, places, rows, exact, bytes, kept, detail)
VALUES ($1, $2, now(), $3, $4, $5, $6, $7, $8) RETURNING at`, e.ID, e.Verb, marshal(e.Places), e.Rows, e.Exact, e.Bytes, e.Kept, marshal(e.detail)).Scan(&e.At)
	if err != nil {
		return fmt.Errorf("note the undo entry: %w", err)
	}
	return nil
}

// List are the entries, newest first, with the disk space that they use now.
func List(ctx context.Context, q postgres.Querier) ([]Entry, error) {
	var there bool
	if err := q.QueryRow(ctx, `SELECT to_regclass('naap_dev.undo') IS NOT NULL`).Scan(&there); err != nil {
		return nil, fmt.Errorf("look for undo entries: %w", err)
	}
	if !there {
		return nil, nil
	}
	rows, err := q.Query(ctx, `
SELECT u.id, u.verb, u.at, u.places, u.rows, u.exact, u.kept, u.dropping, u.detail, coalesce((
	SELECT sum(pg_catalog.pg_total_relation_size(c.oid)) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'm') AND (n.nspname = u.kept OR n.nspname IN (SELECT p->>'aside' FROM jsonb_array_elements(u.places) p))), 0)::bigint
FROM naap_dev.undo u ORDER BY u.id DESC`)
	if err != nil {
		return nil, fmt.Errorf("read the undo entries: %w", err)
	}
	defer rows.Close()
	var list []Entry
	for rows.Next() {
		var e Entry
		var places, text []byte
		if err := rows.Scan(&e.ID, &e.Verb, &e.At, &places, &e.Rows, &e.Exact, &e.Kept, &e.Dropping, &text, &e.Bytes); err != nil {
			return nil, fmt.Errorf("read the undo entries: %w", err)
		}
		if err := json.Unmarshal(places, &e.Places); err != nil {
			return nil, fmt.Errorf("read undo entry %d: %w", e.ID, err)
		}
		if err := json.Unmarshal(text, &e.detail); err != nil {
			return nil, fmt.Errorf("read undo entry %d: %w", e.ID, err)
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

// find is the entry of that number, or the newest for 0.
func find(ctx context.Context, q postgres.Querier, id int) (*Entry, error) {
	list, err := List(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		if !e.Dropping && (id == 0 || e.ID == id) {
			return &e, nil
		}
	}
	if id == 0 {
		return nil, remedy.New("undo.none", remedy.ExitFailed, "there is nothing to undo")
	}
	return nil, remedy.New("undo.unknown", remedy.ExitUsage, "there is no undo entry %d", id).WithHelp(remedy.Naap("dev undo", "--list"))
}
