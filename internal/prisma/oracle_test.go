package prisma

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// prismaJudges asks an engine of Prisma (6190 is 6.19, 7100 is 7.10) about schemas, all in one process. The values are
// "" for those it accepts and its message for the others.
func prismaJudges(t *testing.T, engine string, schemas map[string]string) map[string]string {
	t.Helper()
	dir, tmp := sharedtest.Oracle(t), t.TempDir()
	args := []string{"--no-warnings", filepath.Join(dir, "oracle.mjs"), "bulk", tmp}
	byFile := map[string]string{}
	for name, text := range schemas {
		base := fmt.Sprintf("s%d", len(byFile))
		byFile[base] = name
		file := filepath.Join(tmp, base+".prisma")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	cmd := exec.CommandContext(t.Context(), "node", args...)
	cmd.Env = append(os.Environ(), "ENGINE="+engine)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if _, refused := err.(*exec.ExitError); err != nil && !refused {
		t.Fatal(err)
	}
	verdicts := map[string]string{}
	for line := range strings.Lines(string(out)) {
		parts := strings.SplitN(strings.TrimSpace(line), "\t", 3)
		if len(parts) < 2 {
			continue
		}
		verdict := ""
		if parts[0] == "FAIL" {
			verdict = "refused: " + parts[len(parts)-1]
		}
		verdicts[byFile[parts[1]]] = verdict
	}
	if len(verdicts) != len(schemas) {
		t.Fatalf("asked about %d schemas, heard of %d\n%s", len(schemas), len(verdicts), out)
	}
	return verdicts
}

func TestPrismaJudgesEachCaseAsWeDo(t *testing.T) {
	compareVerdicts(t, "6190", func(c testCase) bool { return !c.seven })
}

func TestPrisma7JudgesEachOfItsCasesAsWeDo(t *testing.T) {
	if _, err := os.Stat(filepath.Join(sharedtest.Oracle(t), "sew", "7100")); err != nil {
		t.Skip("the engine of Prisma 7.10 is not set up:", err)
	}
	compareVerdicts(t, "7100", func(c testCase) bool { return c.seven })
}

func compareVerdicts(t *testing.T, engine string, about func(testCase) bool) {
	t.Helper()
	schemas := map[string]string{}
	cases := map[string]testCase{}
	for _, file := range caseFiles(t) {
		for _, c := range readCases(t, file) {
			if about(c) {
				name := filepath.Base(file) + ": " + c.name
				schemas[name], cases[name] = c.text, c
			}
		}
	}
	for name, refused := range prismaJudges(t, engine, schemas) {
		rendered, valid := judge(cases[name])
		differs := cases[name].differs != ""
		switch {
		case valid == (refused == "") && differs:
			t.Errorf("%s: is said to differ from Prisma, and does not", name)
		case valid && refused != "" && !differs:
			t.Errorf("%s: we accept it, Prisma: %s", name, refused)
		case !valid && refused == "" && !differs:
			t.Errorf("%s: Prisma accepts it, we find\n%s", name, rendered)
		}
	}
}
