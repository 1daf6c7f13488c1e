package workspace

import (
	"io/fs"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Reload reads the Prisma schema's files again. Where they are gone, the former texts stay, and the error is an
// fs.ErrNotExist. The built-in schema stays as it is.
func (w *Workspace) Reload() error {
	if w.Kind == Builtin {
		return nil
	}
	before := w.SchemaFiles
	err := w.readSchema()
	if err == nil && len(w.SchemaFiles) == 0 {
		err = remedy.New("workspace.schema", remedy.ExitFailed, "the Prisma schema %s is gone", visible.String(w.SchemaName())).
			Wrap(fs.ErrNotExist)
	}
	if err != nil {
		w.SchemaFiles = before
	}
	return err
}
