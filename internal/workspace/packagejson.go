package workspace

import (
	"encoding/json"
	"os"
	"path/filepath"
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
func readPackage(dir string) (packageJSON, bool) {
	var p packageJSON
	data, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil || json.Unmarshal(data, &p) != nil {
		return packageJSON{}, false
	}
	return p, true
}
