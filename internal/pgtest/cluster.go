package pgtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/livepeer/naap-dev/internal/embedpg"
	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/progress"
)

// binaries finds PostgreSQL 16, if there is one, once in a process.
var binaries = sync.OnceValues(func() (embedpg.Binaries, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cache, err := cacheDir()
	if err != nil {
		return embedpg.Binaries{}, err
	}
	b, err := embedpg.Locate(ctx, embedpg.Search{Bin: os.Getenv("NAAP_POSTGRES_BIN"), Cache: cache}, progress.Discard)
	if err == nil && b.Major != embedpg.Major {
		err = errors.New(b.Warning)
	}
	return b, err
})

func cacheDir() (string, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return embedpg.CacheDir(filepath.Join(user, "naap"))
}

// initdbArgs make the cluster like the image's: UTF-8, a password for every connection. Its locale sorts by code point,
// which is the same on every machine. A password is hashed once: the usual 4096 times are half of what a connection costs
// client and server.
var initdbArgs = []string{
	"--username=postgres", "--encoding=UTF8", "--locale=" + locale(), "--auth=scram-sha-256", "--no-sync", "--no-instructions",
	"--set=scram_iterations=1",
}

func locale() string {
	if runtime.GOOS == "darwin" {
		return "C" // macOS knows C.UTF-8 only since version 15
	}
	return "C.UTF-8"
}

// cluster returns the folder of a cluster made by initdb, which is kept between runs: making one takes longer than most
// tests. If two processes ask at once, it is made once.
func cluster(b embedpg.Binaries, account embedpg.Account) (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	sum := sha256.Sum256(fmt.Append(nil, b.Dir, b.Version, account, initdbArgs, Password))
	done := filepath.Join(cache, "pgtest-"+b.Version+"-"+hex.EncodeToString(sum[:6]))
	lock := flock.New(done + ".lock")
	if err := lock.Lock(); err != nil {
		return "", err
	}
	defer lock.Close()
	if _, err := os.Stat(filepath.Join(done, "PG_VERSION")); err == nil {
		return done, nil
	}
	work, err := os.MkdirTemp(memtest.Place(), "naap-initdb-") // where the server's user may write
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := initdb(b, account, work); err != nil {
		return "", err
	}
	half := done + ".half"
	os.RemoveAll(half)
	if err := copyTree(filepath.Join(work, "data"), half); err != nil {
		return "", err
	}
	return done, os.Rename(half, done)
}

func initdb(b embedpg.Binaries, account embedpg.Account, dir string) error {
	secret := filepath.Join(dir, "password")
	if err := os.WriteFile(secret, []byte(Password), 0o600); err != nil {
		return err
	}
	if err := account.Own(dir); err != nil {
		return err
	}
	cmd := osexec.Command(b.Initdb(), append([]string{"-D", filepath.Join(dir, "data"), "--pwfile", secret}, initdbArgs...)...)
	cmd.Dir = dir
	account.Apply(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// copyTree copies folders and files with their modes, cloning files where the file system can.
func copyTree(from, to string) error {
	var stderr bytes.Buffer
	cp := osexec.Command("cp", "-R", "-p", from, to)
	cp.Stderr = &stderr
	if err := cp.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, stderr.String())
	}
	return nil
}
