package reset

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// links are what ties schemas to the rest of the database, each with the statements that cut and renew it. Names in
// statements are qualified: they mean the old objects before the schemas are moved aside, and the new ones afterwards.
type links struct {
	In         []Key    // foreign keys of other schemas that point in
	Out        []Key    // foreign keys that point out
	Columns    []Column // elsewhere, of an enum within
	Typed      []Column // within, of an enum elsewhere
	Dependents []dependent
	Cut        []dependent // within; would prevent changes to what it depends on elsewhere
	Extensions []extension
	Migrations []postgres.TableRef // Prisma's history, which stays in place
	Unknown    []string            // what depends on the schemas and cannot be renewed at all
	Crossing   []string            // tables that inherit, or are partitions, across the border
	Extras     []dependent         // what is within and the Prisma file does not know; only for a reset
	Settings   []dependent         // of what the Prisma file knows, but cannot express; only for a reset
	Drawn      []drawn             // sequences within that something elsewhere draws from
	Tables     []string            // quoted names of all relations within that are locked

	sequences bool // there are some within
}

// Key is a foreign key between a table within and one elsewhere.
type Key struct {
	Name       string            `json:"name"`
	From       postgres.TableRef `json:"from"`
	To         postgres.TableRef `json:"to"`
	Columns    []string          `json:"columns"`
	References []string          `json:"references"`
	OnDelete   string            `json:"on_delete"`
	SetColumns []string          `json:"set_columns,omitempty"` // of ON DELETE SET NULL (columns)
	Operators  []string          `json:"operators"`             // "referenced OPERATOR referencing", one a column
	Definition string            `json:"definition"`
	Comment    string            `json:"comment,omitempty"`
	Valid      bool              `json:"valid"`
	out        bool
}

// drawn is a sequence within the schemas that something elsewhere draws from.
type drawn struct {
	postgres.TableRef
	By    string
	Owned bool // by a column: it also numbers the schema's own rows
}

func (k Key) drop() string {
	return "ALTER TABLE " + k.From.Quoted() + " DROP CONSTRAINT " + postgres.Ident(k.Name)
}

func (k Key) create() []string {
	sql := []string{"ALTER TABLE " + k.From.Quoted() + " ADD CONSTRAINT " + postgres.Ident(k.Name) + " " + k.Definition}
	if k.Comment != "" {
		sql = append(sql, "COMMENT ON CONSTRAINT "+postgres.Ident(k.Name)+" ON "+k.From.Quoted()+" IS "+postgres.Literal(k.Comment))
	}
	return sql
}

// Column is a column whose type is an enum on the other side of the border.
type Column struct {
	Table   postgres.TableRef `json:"table"`
	Name    string            `json:"column"`
	Enum    postgres.TableRef `json:"enum"`
	List    bool              `json:"list"`
	Default string            `json:"default,omitempty"`
}

// toText changes the column's type from its enum to text.
func (c Column) toText() []string {
	alter, text := "ALTER TABLE "+c.Table.Quoted()+" ALTER COLUMN "+postgres.Ident(c.Name), "text"
	if c.List {
		text += "[]"
	}
	return []string{alter + " DROP DEFAULT", alter + " TYPE " + text + " USING " + postgres.Ident(c.Name) + "::" + text}
}

// renew gives the column the enum that now has the name.
func (c Column) renew() []string {
	table, column, typ, text := c.Table.Quoted(), postgres.Ident(c.Name), c.Enum.Quoted(), "text"
	if c.List {
		typ, text = typ+"[]", "text[]"
	}
	var sql []string
	if c.Default != "" {
		sql = append(sql, "ALTER TABLE "+table+" ALTER COLUMN "+column+" DROP DEFAULT")
	}
	sql = append(sql, fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s TYPE %s USING %s::%s::%s", table, column, typ, column, text, typ))
	if c.Default != "" {
		sql = append(sql, "ALTER TABLE "+table+" ALTER COLUMN "+column+" SET DEFAULT "+c.Default)
	}
	return sql
}

// dependent is something elsewhere that depends on an object within, and that can be recreated from its definition.
type dependent struct {
	Kind, Name string
	Table      string   // quoted, for what belongs to a table: to be locked
	Drop       []string // before the schemas move aside
	Create     []string // afterwards
}

type extension struct {
	Name, Schema string
	Relocatable  bool
}

// question is one of look's queries, with a function that reads a row of its result.
type question struct {
	sql  string
	read func(postgres.Rows) error
}

// look reads the links of schemas. The transaction's search path is only pg_catalog, so that every text is qualified.
func look(ctx context.Context, tx postgres.Tx, schemas []string) (*links, error) {
	l := &links{}
	var enums, inherits, outsiders, outward bool
	plain, err := isPlain(ctx, tx)
	if err == nil && !plain {
		err = tx.QueryRow(ctx, askPresent, schemas).Scan(&enums, &inherits, &l.sequences)
	}
	if err != nil {
		return nil, fmt.Errorf("ask what there is to depend on the schemas: %w", err)
	}
	first := []question{{askKeys, l.key}, {askExtensions, l.extension}, {askMigrations, l.migration}, {askTables, reads(&l.Tables)}}
	if enums {
		first = append(first, question{askColumns, l.column})
	}
	if inherits {
		first = append(first, question{askCrossing, reads(&l.Crossing)})
	}
	if !plain {
		first = append(first, question{askOutward, func(row postgres.Rows) error { return row.Scan(&outward) }})
	}
	err = ask(ctx, tx, schemas, first)
	if err == nil && !plain {
		outsiders, err = dependedOn(ctx, tx, schemas, schemas)
	}
	var more []question
	if outsiders {
		more = append(more, question{askDependents(), readsDependents(&l.Dependents)}, question{askUnknown, reads(&l.Unknown)})
	}
	if outward {
		more = append(more, question{askCut(), readsDependents(&l.Cut)})
	}
	if err == nil && len(more) > 0 {
		err = ask(ctx, tx, schemas, more)
	}
	return l, err
}

// isPlain reports whether only foreign keys can tie schemas to each other; see askPlain.
func isPlain(ctx context.Context, tx postgres.Tx) (plain bool, err error) {
	if err := tx.QueryRow(ctx, askPlain).Scan(&plain); err != nil {
		return false, fmt.Errorf("ask whether there are only tables and keys: %w", err)
	}
	return plain, nil
}

// dependedOn reports whether anything outside of the schemas inside depends on the schemas, except by foreign keys.
func dependedOn(ctx context.Context, tx postgres.Tx, schemas, inside []string) (yes bool, err error) {
	if err := tx.QueryRow(ctx, askOutsiders, schemas, inside).Scan(&yes); err != nil {
		return false, fmt.Errorf("ask whether anything depends on the schemas: %w", err)
	}
	return yes, nil
}

// ask sends queries in one message.
func ask(ctx context.Context, tx postgres.Tx, schemas []string, list []question) error {
	b := &postgres.Batch{}
	for _, q := range list {
		b.Queue(q.sql, schemas)
	}
	results := tx.SendBatch(ctx, b)
	defer results.Close()
	for _, q := range list {
		rows, err := results.Query()
		if err != nil {
			return fmt.Errorf("read what depends on the schemas: %w", err)
		}
		for rows.Next() {
			if err := q.read(rows); err != nil {
				rows.Close()
				return fmt.Errorf("read what depends on the schemas: %w", err)
			}
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("read what depends on the schemas: %w", err)
		}
	}
	return results.Close()
}

func (l *links) key(row postgres.Rows) error {
	var k Key
	err := row.Scan(&k.Name, &k.From.Schema, &k.From.Name, &k.To.Schema, &k.To.Name, &k.Columns, &k.References, &k.OnDelete,
		&k.SetColumns, &k.Operators, &k.Definition, &k.Comment, &k.Valid, &k.out)
	if k.out {
		l.Out = append(l.Out, k)
	} else {
		l.In = append(l.In, k)
	}
	return err
}

func (l *links) column(row postgres.Rows) error {
	var c Column
	var within bool
	err := row.Scan(&c.Table.Schema, &c.Table.Name, &c.Name, &c.Enum.Schema, &c.Enum.Name, &c.List, &c.Default, &within)
	if within {
		l.Typed = append(l.Typed, c)
	} else {
		l.Columns = append(l.Columns, c)
	}
	return err
}

func readsDependents(list *[]dependent) func(postgres.Rows) error {
	return func(row postgres.Rows) error {
		var d dependent
		err := row.Scan(&d.Kind, &d.Name, &d.Table, &d.Drop, &d.Create)
		*list = append(*list, d)
		return err
	}
}

// reads appends each row's one text.
func reads(list *[]string) func(postgres.Rows) error {
	return func(row postgres.Rows) error {
		var s string
		err := row.Scan(&s)
		*list = append(*list, s)
		return err
	}
}

func (l *links) extension(row postgres.Rows) error {
	var x extension
	err := row.Scan(&x.Name, &x.Schema, &x.Relocatable)
	l.Extensions = append(l.Extensions, x)
	return err
}

func (l *links) migration(row postgres.Rows) error {
	var t postgres.TableRef
	err := row.Scan(&t.Schema, &t.Name)
	l.Migrations = append(l.Migrations, t)
	return err
}
