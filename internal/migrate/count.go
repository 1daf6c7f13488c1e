package migrate

import (
	"context"
	"errors"
	"io/fs"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// Counts is how many migrations stand how, without a look at their scripts.
type Counts struct {
	Applied, Pending, Failed int
	Table                    bool // the database has the table of migrations
}

// FolderNames returns the names of a folder's migrations; none where it does not exist.
func FolderNames(ctx context.Context, dir string) ([]string, error) {
	list, err := files.List(ctx, dir, mostMigrations)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, entry := range list {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names, err
}

// TableName returns the table of migrations in a schema, as SQL names it.
func TableName(schema string) string { return table{schema}.name() }

// Count compares the names of migrations with the database's table of migrations, in one question. there is whether that
// table exists.
func Count(ctx context.Context, q postgres.Querier, names []string, schema string, there bool) (c Counts, err error) {
	c.Table = there
	of := map[string][]Row{}
	if there {
		rows, err := table{schema}.read(ctx, q)
		if err != nil {
			return c, err
		}
		for _, r := range rows {
			of[r.Name] = append(of[r.Name], r)
		}
	}
	for _, name := range names {
		switch summary(name, of[name]).State {
		case Pending:
			c.Pending++
		case Applied:
			c.Applied++
		}
	}
	for name, attempts := range of { // one that the folder does not have any more stops a deploy, too
		if summary(name, attempts).State == Failed {
			c.Failed++
		}
	}
	return c, nil
}
