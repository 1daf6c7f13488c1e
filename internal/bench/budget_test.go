package bench

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// TestTheProgramKeepsItsBudget builds the program as it is released, and measures its size.
func TestTheProgramKeepsItsBudget(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the budget is that of linux/amd64")
	}
	pgtest.Long(t) // it compiles everything once more
	needsTheSources(t)
	path := filepath.Join(t.TempDir(), "naap")
	if err := buildAsReleased(path, "../../cmd/naap"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	weighs := map[string]int{
		"bytes of the program, stripped": int(info.Size()),
		"bytes allocated before main":    allocatedBeforeMain(t, path),
	}
	for what, limit := range readBudget(t) {
		is, known := weighs[what]
		switch t.Logf("%d %s, of %d", is, what, limit); {
		case !known:
			t.Errorf("budget.txt: nothing measures %q", what)
		case is > limit:
			t.Errorf("%d %s: the budget is %d", is, what, limit)
		case is < limit-limit/10:
			t.Logf("%d %s, where the budget is %d: lower it in budget.txt", is, what, limit)
		}
		delete(weighs, what)
	}
	if len(weighs) > 0 {
		t.Errorf("budget.txt does not say how many are allowed: %v", weighs)
	}
}

// needsTheSources looks at every file of the program, so that go does not reuse a cached test result after a change.
func needsTheSources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git"):
			return filepath.SkipDir
		case d.IsDir() || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		_, err = os.Stat(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// initialised matches a line of the runtime about a package: init fmt @0.1 ms, 0.01 ms clock, 128 bytes, 2 allocs.
var initialised = regexp.MustCompile(`(?m)^init \S+ @.*, (\d+) bytes, \d+ allocs$`)

func allocatedBeforeMain(t *testing.T, path string) (bytesOf int) {
	t.Helper()
	var stderr bytes.Buffer
	c := exec.Command(path, "version")
	c.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	c.Stderr = &stderr
	if err := c.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	packages := initialised.FindAllSubmatch(stderr.Bytes(), -1)
	if len(packages) < 50 {
		t.Fatalf("the runtime names %d packages\n%s", len(packages), stderr.Bytes())
	}
	for _, p := range packages {
		n, err := strconv.Atoi(string(p[1]))
		if err != nil {
			t.Fatal(err)
		}
		bytesOf += n
	}
	return bytesOf
}

// readBudget returns the limits of budget.txt, by what they limit.
func readBudget(t *testing.T) map[string]int {
	t.Helper()
	text, err := os.ReadFile("budget.txt")
	if err != nil {
		t.Fatal(err)
	}
	limits := map[string]int{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var limit, measured int
		if n, err := fmt.Sscan(line, &limit, &measured); n != 2 || err != nil {
			t.Fatalf("budget.txt: %q: %v", line, err)
		}
		limits[strings.Join(strings.Fields(line)[2:], " ")] = limit
	}
	return limits
}
