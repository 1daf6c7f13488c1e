package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
)

// packageJSON is what matters here of a package.json.
type packageJSON struct {
	Name           string            `json:"name"`
	Scripts        map[string]string `json:"scripts"`
	PackageManager string            `json:"packageManager"`
	Prisma         struct {
		Schema string `json:"schema"`
		Seed   string `json:"seed"`
	} `json:"prisma"`
}

// readPackage reads a folder's package.json. One that is missing or broken is as good as none: npm is who complains.
func readPackage(ctx context.Context, dir string) (packageJSON, bool) {
	p, err := parsePackage(ctx, dir)
	return p, err == nil
}

func parsePackage(ctx context.Context, dir string) (p packageJSON, err error) {
	data, err := files.Read(ctx, filepath.Join(dir, "package.json"), files.Settings)
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	if err != nil {
		return packageJSON{}, err
	}
	return p, nil
}

// mayNameSchema reports whether a package.json that could not be read, for that reason, may have named the Prisma schema:
// one that is half saved, or whose setting is none.
func mayNameSchema(err error) bool {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return wrong.Field == "" || strings.HasPrefix(wrong.Field, "prisma")
	}
	return err != nil && !errors.Is(err, fs.ErrNotExist)
}
