package backup

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// Snapshot is a copy of the whole database under a name.
type Snapshot struct {
	Name  string    `json:"name"`
	At    time.Time `json:"at"`
	Bytes int64     `json:"bytes"`
	Rows  int64     `json:"rows"`        // from the server's statistics when it was made
	Hash  string    `json:"schema_hash"` // equal for two databases with the same tables and columns
	Note  string    `json:"note,omitempty"`
	// Replaced marks a database that a restore replaced; its Name is "(replaced N)".
	Replaced bool `json:"replaced,omitempty"`

	database string
	number   int
}

// List returns the snapshots of the database, newest first.
func (s *Server) List(ctx context.Context) ([]Snapshot, error) {
	labels, sizes, err := s.labelled(ctx)
	if err != nil {
		return nil, err
	}
	var list []Snapshot
	for database, l := range labels {
		x := Snapshot{Name: l.Name, At: l.At, Bytes: sizes[database], Rows: l.Rows, Hash: l.Hash, Note: l.Note, database: database}
		switch l.Naap {
		case "replaced":
			x.Name, x.Replaced, x.number = replacedName(database, l.Number), true, l.Number
		case "snapshot":
		default:
			continue
		}
		list = append(list, x)
	}
	slices.SortFunc(list, func(a, b Snapshot) int {
		return cmp.Or(b.At.Compare(a.At), b.number-a.number, cmp.Compare(a.Name, b.Name))
	})
	return list, nil
}

func (s *Server) find(ctx context.Context, name string) (Snapshot, error) {
	list, err := s.List(ctx)
	if err != nil {
		return Snapshot{}, err
	}
	var names []string
	for _, x := range list {
		if x.Name == name || x.Replaced && name == lastReplaced {
			return x, nil
		}
		names = append(names, x.Name)
	}
	e := remedy.New("snapshot.unknown", remedy.ExitUsage, "there is no snapshot %q", name)
	if len(names) > 0 {
		e.WithSeen("snapshots: " + strings.Join(names, ", "))
	}
	near := say.Nearest(name, names)
	return Snapshot{}, e.WithHelp(remedy.Meant("dev snapshot restore", name, near, near)...).WithHelp(remedy.Naap("dev snapshot list"))
}

// about queries what a snapshot's label will say about the database.
const about = `SELECT
	coalesce((SELECT sum(n_live_tup) FROM pg_stat_user_tables WHERE schemaname !~ '` + hidden.Schemas + `'), 0)::bigint,
	coalesce((SELECT left(encode(sha256(convert_to(string_agg(x, E'\n' ORDER BY x COLLATE "C"), 'UTF8')), 'hex'), 16) FROM (
		SELECT format('%I.%I.%I %s %s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull) AS x
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname !~ '` + hidden.Schemas + `') c), '')`

// Save copies the database under a name. A name that is taken is refused ("snapshot.exists").
func (s *Server) Save(ctx context.Context, name string, opt Options) (saved *Snapshot, err error) {
	err = s.exclusive(ctx, func() (err error) {
		saved, err = s.save(ctx, name, opt)
		return err
	})
	return saved, err
}

func (s *Server) save(ctx context.Context, name string, opt Options) (*Snapshot, error) {
	if strings.TrimSpace(name) == "" || strings.HasPrefix(name, "(replaced") {
		return nil, remedy.New("snapshot.name", remedy.ExitUsage, "%q is not a name for a snapshot", name)
	}
	if _, err := s.find(ctx, name); err == nil {
		return nil, remedy.New("snapshot.exists", remedy.ExitRefused, "there is a snapshot %q already", name).
			WithHelp(remedy.Naap("dev snapshot delete", name).Note("deletes that one for good"))
	} else if remedy.Code(err) != "snapshot.unknown" {
		return nil, err
	}
	l := label{Naap: "snapshot", Of: s.database, Name: name, At: time.Now().UTC().Truncate(time.Second), Note: opt.Note}
	if err := s.look(ctx, &l); err != nil {
		return nil, err
	}
	temporary, err := s.temporary(ctx)
	if err != nil {
		return nil, err
	}
	opt.report(progress.Running, "Save snapshot", name)
	if err := s.alone(ctx, opt, remedy.Again("dev snapshot save", name), func() error { return s.clone(ctx, temporary, s.database) }); err != nil {
		return nil, err
	}
	final := databaseName("snap", s.database, name)
	if err := s.exec(ctx, "ALTER DATABASE "+postgres.Ident(temporary)+" ALLOW_CONNECTIONS false"); err != nil {
		return nil, err
	}
	err = s.db.InTx(ctx, func(tx postgres.Tx) error {
		return postgres.ExecAll(ctx, tx, "ALTER DATABASE "+postgres.Ident(temporary)+" RENAME TO "+postgres.Ident(final), l.comment(final))
	})
	if err != nil {
		return nil, fmt.Errorf("label the snapshot: %w", err)
	}
	saved, err := s.find(ctx, name)
	if err != nil {
		return nil, err
	}
	opt.report(progress.Done, "Save snapshot", name)
	return &saved, nil
}

// look fills in what the label says about the database.
func (s *Server) look(ctx context.Context, l *label) error {
	conn, err := s.connect(ctx, s.database, nil)
	if err != nil {
		return err
	}
	defer postgres.Close(conn)
	if err := conn.QueryRow(ctx, about).Scan(&l.Rows, &l.Hash); err != nil {
		return fmt.Errorf("look at the database: %w", err)
	}
	return nil
}

// clone creates a database from another. The files are copied: that writes no WAL, and costs two checkpoints. With a
// million rows of 70 bytes it takes 0.12 s, where STRATEGY WAL_LOG takes 0.18 s; with a thousand rows 0.01 s and 0.03
// s.
func (s *Server) clone(ctx context.Context, name, from string) error {
	_, err := s.db.Exec(ctx, "CREATE DATABASE "+postgres.Ident(name)+" TEMPLATE "+postgres.Ident(from)+" STRATEGY FILE_COPY")
	if err != nil {
		return fmt.Errorf("copy the database %q: %w", from, err)
	}
	return nil
}

func (s *Server) exec(ctx context.Context, sql string) error {
	if _, err := s.db.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// Delete removes a snapshot for good.
func (s *Server) Delete(ctx context.Context, name string) error {
	return s.exclusive(ctx, func() error {
		x, err := s.find(ctx, name)
		if err != nil {
			return err
		}
		return s.drop(ctx, x.database)
	})
}
