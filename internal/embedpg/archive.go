package embedpg

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// The archive holds one folder, package, whose native folder is the installation. Of that, headers, static libraries
// and the extension build files have no use for running a server.
const (
	archiveRoot  = "package/native/"
	archiveLinks = "pg-symlinks.json"
)

// maxUnpacked bounds what an archive may expand to, in bytes; the largest published package has 170 MB.
const maxUnpacked = 1 << 30

// unpack writes the archive's installation into dir, which exists and is empty, and makes its library links. Nothing is
// written outside dir, whatever the archive's names say. onRead is told how many bytes of the archive were read so far.
func unpack(ctx context.Context, archive io.Reader, dir string, onRead func(int64)) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	zipped, err := gzip.NewReader(&countingReader{ctx: ctx, r: archive, onRead: onRead})
	if err != nil {
		return fmt.Errorf("read the package's archive: %w", err)
	}
	entries := tar.NewReader(io.LimitReader(zipped, maxUnpacked))
	var links []byte
	for {
		entry, err := entries.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("read the package's archive: %w", err)
		}
		name, wanted, err := entryName(entry)
		if err != nil {
			return err
		}
		switch {
		case !wanted:
		case name == archiveLinks:
			if links, err = io.ReadAll(io.LimitReader(entries, 1<<20)); err != nil {
				return err
			}
		default:
			if err := writeEntry(root, name, entry, entries); err != nil {
				return fmt.Errorf("unpack %s: %w", name, err)
			}
		}
	}
	return makeLinks(root, links)
}

// entryName returns where an entry goes below the installation, and whether it is needed there.
func entryName(entry *tar.Header) (name string, wanted bool, err error) {
	if !filepath.IsLocal(filepath.FromSlash(entry.Name)) || strings.Contains(entry.Name, `\`) {
		return "", false, fmt.Errorf("the package's archive holds the path %q, which leads out of it", entry.Name)
	}
	clean := path.Clean(entry.Name)
	switch entry.Typeflag {
	case tar.TypeReg:
	case tar.TypeDir:
		return "", false, nil
	default:
		return "", false, fmt.Errorf("the package's archive holds %q, which is neither file nor folder", entry.Name)
	}
	name, ok := strings.CutPrefix(clean, archiveRoot)
	if !ok || strings.HasPrefix(name, "include/") || strings.HasPrefix(name, "lib/postgresql/pgxs/") || path.Ext(name) == ".a" {
		return "", false, nil
	}
	return name, true, nil
}

func writeEntry(root *os.Root, name string, entry *tar.Header, content io.Reader) error {
	if err := root.MkdirAll(filepath.FromSlash(path.Dir(name)), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if entry.Mode&0o111 != 0 || strings.HasPrefix(name, "bin/") {
		mode = 0o755
	}
	// O_EXCL: an archive that names a file twice is not one of ours.
	file, err := root.OpenFile(filepath.FromSlash(name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}

// makeLinks makes the links that a list in the package names, since npm's archives cannot hold links: each a target
// beside its source, both written from the package's root.
func makeLinks(root *os.Root, list []byte) error {
	if list == nil {
		return nil
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("read the package's %s: %w", archiveLinks, err)
	}
	for _, link := range links {
		source, ok1 := strings.CutPrefix(path.Clean(link.Source), "native/")
		target, ok2 := strings.CutPrefix(path.Clean(link.Target), "native/")
		local := filepath.IsLocal(filepath.FromSlash(source)) && filepath.IsLocal(filepath.FromSlash(target))
		if !ok1 || !ok2 || !local || path.Dir(source) != path.Dir(target) {
			return fmt.Errorf("the package links %q to %q, which are not side by side in it", link.Target, link.Source)
		}
		err := root.Symlink(path.Base(source), filepath.FromSlash(target))
		if err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("link %s: %w", target, err)
		}
	}
	return nil
}

// countingReader reports how much was read, and stops when the context ends.
type countingReader struct {
	ctx    context.Context
	r      io.Reader
	n      int64
	onRead func(int64)
}

func (c *countingReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.onRead(c.n)
	return n, err
}
