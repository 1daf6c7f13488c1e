package envfile

import (
	"context"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/dotenv"
	"github.com/livepeer/naap-dev/internal/files"
)

// Value returns what the first of some folders' .env says for a variable; "" where none says anything. Nothing in it is
// substituted.
func Value(ctx context.Context, dirs []string, name string) string {
	for _, dir := range dirs {
		text, err := files.Read(ctx, filepath.Join(dir, ".env"), files.Settings)
		if entry, ok := dotenv.Last(dotenv.Read(text), name); err == nil && ok && entry.Value != "" {
			return entry.Value
		}
	}
	return ""
}
