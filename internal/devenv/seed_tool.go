package devenv

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// ToolRun is the outcome for the workspace's own seed command.
type ToolRun struct {
	Command string // for the user to type in the workspace's root
	Ran     bool
	Skipped string // why it was not run

	Untrusted bool // because the user has not allowed it
}

// toolName returns the seed command's name in the ledger.
func toolName(t *workspace.SeedTool) string { return "command: " + t.Source }

// toolState returns the state of the workspace's own seed command in the database, nil where there is none: it is
// changed if the command or a file that it names differs from what ran.
func (e *Env) toolState(ctx context.Context, q postgres.Querier) (*seeding.Seed, error) {
	t := e.ws.SeedTool
	if t == nil {
		return nil, nil
	}
	return seeding.StateOf(ctx, q, toolName(t), toolHash(t))
}

const toolStep, toolTitle = "seed-command", "Run the workspace's seed command"

// toolPart is what is done with the workspace's own seed command.
type toolPart struct {
	state  seeding.Seed // under its name in the ledger
	run    ToolRun      // as it is before it has run
	why    string       // why it is not run, or ""
	warned bool         // the reason is worth a warning
}

// decideTool decides whether the workspace's own seed command runs. It returns nil if there is none; q is nil if the
// server does not run. A command that never ran is run. A changed one waits until it is asked for, as files do. One
// whose dependencies are not installed is printed instead: the tables exist without it.
func (e *Env) decideTool(ctx context.Context, q postgres.Querier, asked, force bool) (*toolPart, error) {
	t := e.ws.SeedTool
	if t == nil {
		return nil, nil
	}
	p := &toolPart{run: ToolRun{Command: t.Shown}, warned: true}
	if q != nil {
		state, err := e.toolState(ctx, q)
		if err != nil {
			return nil, err
		}
		p.state = *state
	}
	switch {
	case p.state.State == seeding.Changed && !asked:
		p.run.Skipped = "it has changed since it ran"
		p.why = p.run.Skipped + " (" + e.opt.Target.Line(remedy.Naap("dev seed")) + ")"
	case p.state.State == seeding.Applied && !force:
		p.run.Skipped, p.warned = "it ran already", false
		p.why = p.run.Skipped
	case len(e.held(trust.SeedCommand)) > 0:
		p.run.Skipped, p.run.Untrusted = e.notAllowed("--run-seed-commands"), true
		p.why = "not run: " + visible.String(t.Text) + " was " + p.run.Skipped
	case !t.Installed:
		p.run.Skipped = t.Why
		p.why = "not run: " + t.Why + ". Then run: " + t.Shown
	}
	return p, nil
}

func (p *toolPart) line(looked bool) string {
	line := "run the workspace's seed command: " + p.run.Command
	if !looked {
		line += ", if it never ran"
	}
	return line
}

// askedTool runs the command where it was asked for. If it cannot run, and nothing else was done, that is an error.
func (e *Env) askedTool(ctx context.Context, db *postgres.DB, force, alone bool, report progress.Report) (*ToolRun, error) {
	p, err := e.decideTool(ctx, db, true, force)
	if err != nil || p == nil {
		return nil, err
	}
	run, err := e.seedTool(ctx, db, p, report)
	if err == nil && alone && run.Untrusted {
		return run, e.mayUse(trust.SeedCommand)
	}
	if t := e.ws.SeedTool; err == nil && alone && !t.Installed && (force || p.state.State != seeding.Applied) {
		err = remedy.New("seed.command", remedy.ExitFailed, "the workspace's seed command cannot run").WithSeen(t.Source+": "+t.Command, t.Why).
			WithHelp(remedy.Line("install the dependencies, then: ", remedy.Naap("dev seed")))
	}
	return run, err
}

// seedTool carries out what was decided.
func (e *Env) seedTool(ctx context.Context, db *postgres.DB, p *toolPart, report progress.Report) (*ToolRun, error) {
	t, run := e.ws.SeedTool, &p.run
	if p.why != "" {
		step := progress.Step{Name: toolStep, Title: toolTitle, Status: progress.Skipped, Detail: p.why}
		if p.warned {
			step.Status = progress.Warned
		}
		report(step)
		return run, nil
	}
	began := time.Now()
	if err := e.runTool(ctx, t, func(line string) {
		report(progress.Step{Name: toolStep, Title: toolTitle, Status: progress.Running, Detail: visible.String(line)})
	}); err != nil {
		return run, failed(report, toolStep, toolTitle, err)
	}
	run.Ran = true
	err := db.InTx(ctx, func(tx postgres.Tx) error {
		return ledger.NoteCommand(ctx, tx, p.state.Name, p.state.Hash, time.Since(began))
	})
	if err != nil {
		return run, failed(report, toolStep, toolTitle, err)
	}
	report(progress.Step{Name: toolStep, Title: toolTitle, Status: progress.Done, Detail: t.Shown})
	return run, nil
}

// runTool runs the command with DATABASE_URL set, passes on each line of its output, and fails if the command does.
func (e *Env) runTool(ctx context.Context, t *workspace.SeedTool, tell func(string)) error {
	url, err := e.findURL(ctx)
	if err != nil {
		return err
	}
	var last tailBuffer
	mask := withoutPassword(url)
	out := program.Lines(func(line string) {
		line = mask(line)
		last.add(line)
		tell(line)
	})
	c, err := e.toolCommand(ctx, t)
	if err != nil {
		return err
	}
	c.Env = append(c.Env, "DATABASE_URL="+url, "DIRECT_URL="+url)
	c.Stdout, c.Stderr = out, out
	end := ownGroup(c)
	c.WaitDelay = 5 * time.Second
	if err := c.Run(); err != nil {
		end()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r := remedy.New("seed.command", remedy.ExitFailed, "the seed command failed: %v", err).
			WithSeen(t.Source + ": " + t.Command).WithHelp(remedy.Line("see the whole of it: DATABASE_URL=$(", remedy.Naap("dev url"), ") "+t.Shown))
		r.Excerpt = visible.Text(last.String())
		return r
	}
	return nil
}

// toolCommand returns the command, to be run in its folder as `npm run` would run it: with the user's environment, and
// with the programs of its dependencies before those of the PATH; the shell, or the package manager, is the user's own
// if there is one. The permission to run it was asked for before; what a package manager would run is read again, and
// must still be the text that was allowed.
func (e *Env) toolCommand(ctx context.Context, t *workspace.SeedTool) (*exec.Cmd, error) {
	if now := e.ws.SeedToolNow(ctx); now == nil || now.Text != t.Text || !slices.Equal(now.Args, t.Args) {
		return nil, remedy.New("seed.changed", remedy.ExitRefused, "the seed command is not run: %s has changed since it was read", visible.String(t.Source)).
			WithHelp(remedy.Again(""))
	}
	path := strings.Join(append(append([]string{}, t.Bin...), getenv("PATH")), string(os.PathListSeparator))
	file, err := program.Along(strings.Join(e.Programs().Folders(), string(os.PathListSeparator)), t.Dir, t.Args[0])
	if err != nil {
		file, err = program.Along(path, t.Dir, t.Args[0])
	}
	if err != nil {
		return nil, err
	}
	c, err := e.Programs().At(ctx, program.SeedCommand, file, t.Args[1:]...)
	if err != nil {
		return nil, err
	}
	c.Dir = t.Dir
	c.Env = append(c.Env, "PATH="+path)
	return c, nil
}

// publicPasswords are passwords that hide nothing, and appear in many lines as words.
var publicPasswords = []string{"postgres", "password"}

// withoutPassword returns a function that masks the URL's password in each line that a command prints: in URLs, and by
// itself, as it is or escaped. A short word by itself is left, since it may be any word.
func withoutPassword(url string) func(line string) string {
	t, err := postgres.ParseTarget(url)
	if err != nil || t.Password == "" {
		return postgres.MaskText
	}
	secret := anyEscape(t.Password)
	inURL, alone := regexp.MustCompile(":"+secret+"@"), regexp.MustCompile(secret)
	isWord := len(t.Password) < 6 || slices.Contains(publicPasswords, t.Password)
	return func(line string) string {
		line = inURL.ReplaceAllString(line, ":***@")
		if !isWord {
			line = alone.ReplaceAllString(line, "***")
		}
		return postgres.MaskText(line)
	}
}

// anyEscape returns a pattern for a text in which any character may be written as the %XX of its bytes.
func anyEscape(text string) string {
	var b strings.Builder
	for _, r := range text {
		fmt.Fprintf(&b, "(?:%s|(?i:", regexp.QuoteMeta(string(r)))
		for _, c := range []byte(string(r)) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		b.WriteString("))")
	}
	return b.String()
}

// toolHash returns a digest of the command and of the files that it names, so that a changed script is a changed seed.
func toolHash(t *workspace.SeedTool) string {
	h := sha256.New()
	fmt.Fprintln(h, t.Command)
	for _, word := range strings.Fields(t.Command) {
		if text, err := files.ReadNow(filepath.Join(t.Dir, strings.Trim(word, `"'`)), files.Source); err == nil {
			h.Write(text)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// tailBuffer keeps the last lines added to it.
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
