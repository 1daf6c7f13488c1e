package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/lazy"
)

// checkedMark remembers which compose files have passed compose's own schema. Compiling that schema takes 15 ms of
// processor time, a fifth of an idle push, and the files rarely change.
type checkedMark struct {
	path   string // in the cache; "" where nothing is remembered
	digest string // of everything that the outcome depends on
}

// variableUse matches the variables that a compose file may refer to, rather too many than too few.
var variableUse = lazy.Regexp{Text: `\$\{?([A-Za-z_][A-Za-z0-9_]*)`}

// mark returns the mark of these files, filled in with the given variables. Files that refer to others have none.
func (c composeSource) mark(ctx context.Context, list []string, variables map[string]string) checkedMark {
	if c.cache == "" {
		return checkedMark{}
	}
	sum := sha256.New()
	used := map[string]bool{}
	for _, file := range list {
		text, err := files.Read(ctx, file, composeLimit)
		if err != nil || strings.Contains(string(text), "include") || strings.Contains(string(text), "extends") {
			return checkedMark{}
		}
		sum.Write([]byte(file + "\x00" + string(text) + "\x00"))
		for _, m := range variableUse.Get().FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		value, set := variables[name]
		if set {
			name += "=" + value
		}
		sum.Write([]byte(name + "\x00"))
	}
	where := sha256.Sum256([]byte(c.root))
	return checkedMark{
		path:   filepath.Join(c.cache, "compose", hex.EncodeToString(where[:8])),
		digest: hex.EncodeToString(sum.Sum(nil)),
	}
}

// passed reports whether the files, as they are now, have passed before.
func (m checkedMark) passed(ctx context.Context) bool {
	if m.path == "" {
		return false
	}
	seen, err := files.Read(ctx, m.path, files.Small)
	return err == nil && string(seen) == m.digest
}

// remember records that they passed. If that cannot be written, they are checked again the next time.
func (m checkedMark) remember() {
	if m.path == "" || os.MkdirAll(filepath.Dir(m.path), 0o700) != nil {
		return
	}
	_ = os.WriteFile(m.path, []byte(m.digest), 0o600)
}
