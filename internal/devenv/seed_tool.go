package devenv

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	neturl "net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// ToolRun is what became of the workspace's own seed command.
type ToolRun struct {
	Command string // for a person to type in the workspace's root
	Ran     bool
	Skipped string // why it was not run
}

// toolName is the seed command's name in the bookkeeping.
func toolName(t *workspace.SeedTool) string { return "command: " + t.Source }

// upTool runs the workspace's own seed command once. One whose dependencies are not installed is printed instead: the
// tables are there without it.
func (e *Env) upTool(ctx context.Context, db *postgres.DB, report progress.Report) (*ToolRun, error) {
	return e.seedTool(ctx, db, false, report)
}

func (e *Env) seedTool(ctx context.Context, db *postgres.DB, force bool, report progress.Report) (*ToolRun, error) {
	const name, title = "seed-command", "Run the workspace's seed command"
	t := e.ws.SeedTool
	if t == nil {
		return nil, nil
	}
	run := &ToolRun{Command: t.Shown}
	hash := toolHash(t)
	done, err := seeding.IsApplied(ctx, db, toolName(t), hash)
	if err != nil {
		return run, err
	}
	switch {
	case !t.Installed:
		run.Skipped = t.Why
		report(progress.Step{Name: name, Title: title, Status: progress.Warned, Detail: "not run: " + t.Why + ". Then run: " + t.Shown})
		return run, nil
	case done && !force:
		run.Skipped = "it ran already"
		report(progress.Step{Name: name, Title: title, Status: progress.Skipped, Detail: run.Skipped})
		return run, nil
	}
	began := time.Now()
	if err := e.runTool(ctx, t, func(line string) {
		report(progress.Step{Name: name, Title: title, Status: progress.Running, Detail: visible.String(line)})
	}); err != nil {
		return run, failed(report, name, title, err)
	}
	run.Ran = true
	if err := seeding.Note(ctx, db, toolName(t), hash, time.Since(began)); err != nil {
		return run, failed(report, name, title, err)
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: t.Shown})
	return run, nil
}

// runTool runs the command with DATABASE_URL set, hands on each line of its output, and fails if it does.
func (e *Env) runTool(ctx context.Context, t *workspace.SeedTool, tell func(string)) error {
	url, err := e.findURL(ctx)
	if err != nil {
		return err
	}
	var last tailBuffer
	out := &lineWriter{emit: func(line string) {
		line = withoutPassword(line, url)
		last.add(line)
		tell(line)
	}}
	path := strings.Join(append(append([]string{}, t.Bin...), getenv("PATH")), string(os.PathListSeparator))
	c := exec.CommandContext(ctx, lookIn(path, t.Args[0]), t.Args[1:]...)
	c.Dir = t.Dir
	c.Env = append(environ(), "PATH="+path, "DATABASE_URL="+url, "DIRECT_URL="+url)
	c.Stdout, c.Stderr = out, out
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 5 * time.Second
	if err := c.Run(); err != nil {
		r := remedy.New("seed.command", remedy.ExitFailed, "the seed command failed: %v", err).
			WithSeen(t.Source + ": " + t.Command).WithFix("see the whole of it: DATABASE_URL=$(naap dev url) " + t.Shown)
		r.Excerpt = visible.Text(last.String())
		return r
	}
	return nil
}

// withoutPassword masks the URL's password where a command prints the URL, as it was given or with its own escapes.
func withoutPassword(line, url string) string {
	line = strings.ReplaceAll(line, url, postgres.MaskURL(url))
	t, err := postgres.ParseTarget(url)
	if err != nil || t.Password == "" {
		return line
	}
	for _, secret := range []string{t.Password, neturl.QueryEscape(t.Password), neturl.PathEscape(t.Password)} {
		line = strings.ReplaceAll(line, ":"+secret+"@", ":***@")
	}
	return line
}

// lookIn finds a program along a PATH that is not this process's own.
func lookIn(path, program string) string {
	if strings.ContainsRune(program, filepath.Separator) {
		return program
	}
	for _, dir := range filepath.SplitList(path) {
		file := filepath.Join(dir, program)
		if info, err := os.Stat(file); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return file
		}
	}
	return program
}

// toolHash is a digest of the command and of the files that it names, so that a changed script is a changed seed.
func toolHash(t *workspace.SeedTool) string {
	h := sha256.New()
	fmt.Fprintln(h, t.Command)
	for _, word := range strings.Fields(t.Command) {
		if text, err := os.ReadFile(filepath.Join(t.Dir, strings.Trim(word, `"'`))); err == nil {
			h.Write(text)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// tailBuffer keeps the last lines that were added.
type tailBuffer struct{ lines []string }

func (b *tailBuffer) add(line string) {
	b.lines = append(b.lines, line)
	if len(b.lines) > 20 {
		b.lines = b.lines[1:]
	}
}

func (b *tailBuffer) String() string {
	var out bytes.Buffer
	for _, l := range b.lines {
		out.WriteString("    " + l + "\n")
	}
	return out.String()
}
