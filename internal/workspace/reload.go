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
	before := *w
	err := w.findSchemaAgain()
	w.Warnings = before.Warnings // given once
	if err == nil && len(w.SchemaFiles) == 0 {
		err = remedy.New("workspace.schema", remedy.ExitFailed, "the Prisma schema %s is gone", visible.String(before.SchemaName())).
			Wrap(fs.ErrNotExist)
	}
	if err != nil {
		*w = before
	}
	return err
}

// findSchemaAgain is findSchema, but for a schema that nobody names: it is looked for where it was. Another place is not
// tried, for while an editor saves there may be no file.
func (w *Workspace) findSchemaAgain() error {
	if w.Settings.Schema == "" && w.place.setBy == "" {
		if named := w.prismaSettings(); named.path == "" {
			return w.readSchema()
		}
	}
	return w.findSchema()
}
