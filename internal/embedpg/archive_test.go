package embedpg

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// pack makes an archive as npm writes them.
func pack(t *testing.T, entries ...tar.Header) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for _, e := range entries {
		content := e.Linkname // of a file, here
		if e.Typeflag == 0 || e.Typeflag == tar.TypeReg {
			e.Size, e.Linkname = int64(len(content)), ""
		}
		if err := w.WriteHeader(&e); err != nil {
			t.Fatal(err)
		}
		if e.Size > 0 {
			if _, err := w.Write([]byte(content)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return &out
}

func file(name, content string, mode int64) tar.Header {
	return tar.Header{Name: name, Mode: mode, Linkname: content, Typeflag: tar.TypeReg}
}

// unpackHere unpacks into the folder in of a new folder, and returns the latter.
func unpackHere(t *testing.T, archive *bytes.Buffer) (outer string, err error) {
	t.Helper()
	outer = t.TempDir()
	in := filepath.Join(outer, "in")
	if err := os.Mkdir(in, 0o755); err != nil {
		t.Fatal(err)
	}
	return outer, unpack(context.Background(), archive, in, func(int64) {})
}

func TestUnpackTakesWhatAServerNeedsAndMakesTheLinks(t *testing.T) {
	outer, err := unpackHere(t, pack(t,
		file("package/package.json", "{}", 0o644),
		file("package/native/bin/postgres", "server", 0o644),
		file("package/native/lib/libpq.so.5.16", "library", 0o644),
		file("package/native/lib/libpq.a", "static", 0o644),
		file("package/native/include/libpq-fe.h", "header", 0o644),
		file("package/native/share/postgresql/postgres.bki", "catalogue", 0o600),
		file("package/native/pg-symlinks.json", `[{"source":"native/lib/libpq.so.5.16","target":"native/lib/libpq.so.5"}]`, 0o644),
	))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	filepath.WalkDir(filepath.Join(outer, "in"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			info, _ := os.Stat(path)
			name, _ := filepath.Rel(outer, path)
			got = append(got, filepath.ToSlash(name)+" "+info.Mode().String())
		}
		return err
	})
	want := "in/bin/postgres -rwxr-xr-x\nin/lib/libpq.so.5 -rw-r--r--\nin/lib/libpq.so.5.16 -rw-r--r--\nin/share/postgresql/postgres.bki -rw-r--r--"
	if text := strings.Join(got, "\n"); text != want && runtime.GOOS != "windows" {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if link, err := os.Readlink(filepath.Join(outer, "in", "lib", "libpq.so.5")); err != nil || link != "libpq.so.5.16" {
		t.Errorf("the link leads to %q, %v", link, err)
	}
}

func TestUnpackWritesNothingOutsideItsFolder(t *testing.T) {
	for name, entries := range map[string][]tar.Header{
		"up":              {file("package/native/../../../outside", "x", 0o644)},
		"absolute":        {file("/outside", "x", 0o644)},
		"backslashes":     {file(`package/native/bin\..\..\..\outside`, "x", 0o644)},
		"link":            {{Name: "package/native/lib", Typeflag: tar.TypeSymlink, Linkname: "../.."}, file("package/native/lib/outside", "x", 0o644)},
		"hard link":       {{Name: "package/native/lib", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}},
		"device":          {{Name: "package/native/null", Typeflag: tar.TypeChar}},
		"twice":           {file("package/native/bin/x", "1", 0o644), file("package/native/bin/x", "2", 0o644)},
		"listed link up":  {file("package/native/pg-symlinks.json", `[{"source":"native/../../outside","target":"native/../../inside"}]`, 0o644)},
		"listed link off": {file("package/native/pg-symlinks.json", `[{"source":"native/bin/x","target":"native/lib/x"}]`, 0o644)},
		"listed absolute": {file("package/native/pg-symlinks.json", `[{"source":"/etc/passwd","target":"/etc/outside"}]`, 0o644)},
	} {
		outer, err := unpackHere(t, pack(t, entries...))
		if err == nil {
			t.Errorf("%s: it was unpacked", name)
		}
		if found, _ := filepath.Glob(filepath.Join(outer, "*")); len(found) != 1 {
			t.Errorf("%s: beside the folder there is now %v", name, found)
		}
	}
}

func TestUnpackStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := unpack(ctx, pack(t, file("package/native/bin/postgres", "x", 0o755)), t.TempDir(), func(int64) {}); err == nil {
		t.Error("it went on")
	}
}
