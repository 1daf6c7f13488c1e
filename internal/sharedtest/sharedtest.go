// Package sharedtest finds the collection of real inputs that some tests read: a schema and its platform's repository,
// corpora, and what the real tools make of them. The collection is not part of the project; without it those tests are
// skipped.
package sharedtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the collection's folder: $NAAP_SHARED, or the folder `shared` beside the module's root. Where there is
// none the test is skipped, or fails if NAAP_TEST_SHARED is "required".
func Dir(t testing.TB) string {
	t.Helper()
	dir, reason := find(os.Getenv("NAAP_SHARED"), os.Getwd)
	if reason == "" {
		return dir
	}
	if os.Getenv("NAAP_TEST_SHARED") == "required" {
		t.Fatalf("the collection of real inputs is required: %s", reason)
	}
	t.Skipf("the collection of real inputs isn't here: %s; set NAAP_SHARED to its folder", reason)
	return ""
}

// Path returns the path of a file or folder in the collection, by its slash-separated name; like Dir, it skips where
// that is missing.
func Path(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(Dir(t), filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("NAAP_TEST_SHARED") == "required" {
			t.Fatalf("the collection of real inputs is required: %v", err)
		}
		t.Skipf("the collection of real inputs lacks %s: %v", name, err)
	}
	return path
}

// Read returns a file of the collection; like Dir, it skips where that is missing.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// find returns the folder, or the reason why there is none.
func find(setting string, getwd func() (string, error)) (dir, reason string) {
	if setting != "" {
		if !isDir(setting) {
			return "", "NAAP_SHARED names " + setting + ", which is not a folder"
		}
		abs, err := filepath.Abs(setting)
		if err != nil {
			return "", err.Error()
		}
		return abs, ""
	}
	wd, err := getwd()
	if err != nil {
		return "", err.Error()
	}
	for at := wd; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			dir := filepath.Join(filepath.Dir(at), "shared")
			if !isDir(dir) {
				return "", "no folder shared beside the module's root"
			}
			return dir, ""
		}
		if at == filepath.Dir(at) {
			return "", "no go.mod above " + wd
		}
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
