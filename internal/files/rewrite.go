package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Rewrite is new content for a file, made from what was in it.
type Rewrite struct {
	Name string // as Inside takes it
	Was  []byte // nil for a file that is not there yet
	Text []byte
}

// RewriteAll replaces files, each of them whole and only if it is still what was read; otherwise the error has the code
// file.changed. All are looked at before the first is written, and an error names those that were written before it.
func (in *Inside) RewriteAll(ctx context.Context, list []Rewrite, limit Limit) error {
	for _, r := range list {
		if err := in.mayRewrite(ctx, r, limit); err != nil {
			return err
		}
	}
	for i, r := range list {
		err := in.mayRewrite(ctx, r, limit)
		if err == nil {
			err = in.Replace(r.Name, r.Text)
		}
		if err != nil {
			return partly(err, list[:i])
		}
	}
	return nil
}

func (in *Inside) mayRewrite(ctx context.Context, r Rewrite, limit Limit) error {
	now, err := in.Read(ctx, r.Name, limit)
	if errors.Is(err, fs.ErrNotExist) && r.Was == nil {
		return in.MayReplace(r.Name)
	}
	if _, refused := Refused(err); refused {
		return err
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read %s again before changing it: %w", visible.String(r.Name), err)
	}
	if err != nil || r.Was == nil || !bytes.Equal(now, r.Was) {
		return remedy.New("file.changed", remedy.ExitFailed, "%s changed while it was being looked at, and was left alone", visible.String(r.Name)).
			WithFix("run the command again")
	}
	return in.MayReplace(r.Name)
}

// partly adds to an error which files were written before it.
func partly(err error, written []Rewrite) error {
	e, ok := remedy.Of(err)
	if !ok {
		if len(written) == 0 {
			return err
		}
		e = remedy.New("file.written", remedy.ExitFailed, "not every file was written").Wrap(err)
	}
	for _, r := range written {
		e.WithSeen("written already: " + visible.String(r.Name))
	}
	return e
}
