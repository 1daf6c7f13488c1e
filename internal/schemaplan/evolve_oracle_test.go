package schemaplan

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// oracle is real Prisma's schema engine in a process of its own, asked one question at a time.
type oracle struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// answer is what the engine said.
type answer struct {
	Steps        int      `json:"steps"`
	Warnings     []string `json:"warnings"`
	Unexecutable []string `json:"unexecutable"`
	SQL          string   `json:"sql"`
	Error        string   `json:"error"`
}

// askOracle starts real Prisma's engine, or skips the test where it is not installed.
func askOracle(t testing.TB) *oracle {
	t.Helper()
	home := os.Getenv("PRISMA_ORACLE")
	if home == "" {
		dir, err := os.UserHomeDir()
		if err != nil {
			t.Skipf("no home folder: %v", err)
		}
		home = filepath.Join(dir, ".cache", "prisma-oracle")
	}
	if _, err := os.Stat(filepath.Join(home, "sew", "6190", "package", "schema_engine_bg.wasm")); err != nil {
		t.Skipf("real Prisma's engine is not here; set PRISMA_ORACLE to its folder: %v", err)
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("real Prisma's engine needs node")
	}
	cmd := exec.Command("node", "--no-warnings", filepath.Join("testdata", "oracle.mjs"))
	cmd.Env = append(os.Environ(), "PRISMA_ORACLE="+home, "DATABASE_URL=postgresql://unused")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return &oracle{in, bufio.NewReaderSize(out, 1<<20)}
}

func (o *oracle) ask(t testing.TB, question map[string]any) answer {
	t.Helper()
	line, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	reply, err := o.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("the engine's answer: %v", err)
	}
	var a answer
	if err := json.Unmarshal(reply, &a); err != nil {
		t.Fatalf("the engine's answer %q: %v", reply, err)
	}
	return a
}

// push runs db push --accept-data-loss.
func (o *oracle) push(t testing.TB, schema, url string) answer {
	return o.ask(t, map[string]any{"do": "push", "schema": schema, "url": url, "force": true})
}
