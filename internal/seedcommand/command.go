// Package seedcommand runs a workspace's own command for seeding, as its package.json or naap.toml names it.
package seedcommand

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

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// Name returns a command's name in the ledger.
func Name(t *workspace.SeedTool) string { return "command: " + t.Source }

// Run runs a workspace's command with DATABASE_URL set, passes on each line of its output, and fails if the command does.
func Run(ctx context.Context, programs program.Finder, ws *workspace.Workspace, url string, tell func(string)) error {
	t := ws.SeedTool
	var last tailBuffer
	mask := withoutPassword(url)
	out := program.Lines(func(line string) {
		line = mask(line)
		last.add(line)
		tell(line)
	})
	c, err := command(ctx, programs, ws)
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

// command returns the command, to be run in its folder as `npm run` would run it: with the user's environment, and
// with the programs of its dependencies before those of the PATH; the shell, or the package manager, is the user's own
// if there is one. The permission to run it was asked for before; what a package manager would run is read again, and
// must still be the text that was allowed.
func command(ctx context.Context, programs program.Finder, ws *workspace.Workspace) (*exec.Cmd, error) {
	t := ws.SeedTool
	if now := ws.SeedToolNow(ctx); now == nil || now.Text != t.Text || !slices.Equal(now.Args, t.Args) {
		return nil, remedy.New("seed.changed", remedy.ExitRefused, "the seed command is not run: %s has changed since it was read", visible.String(t.Source)).
			WithHelp(remedy.Again(""))
	}
	path := strings.Join(append(append([]string{}, t.Bin...), programs.Path), string(os.PathListSeparator))
	file, err := program.Along(strings.Join(programs.Folders(), string(os.PathListSeparator)), t.Dir, t.Args[0])
	if err != nil {
		file, err = program.Along(path, t.Dir, t.Args[0])
	}
	if err != nil {
		return nil, err
	}
	c, err := programs.At(ctx, program.SeedCommand, file, t.Args[1:]...)
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
	t, err := dburl.ParseTarget(url)
	if err != nil || t.Password == "" {
		return dburl.MaskText
	}
	secret := anyEscape(t.Password)
	inURL, alone := regexp.MustCompile(":"+secret+"@"), regexp.MustCompile(secret)
	isWord := len(t.Password) < 6 || slices.Contains(publicPasswords, t.Password)
	return func(line string) string {
		line = inURL.ReplaceAllString(line, ":***@")
		if !isWord {
			line = alone.ReplaceAllString(line, "***")
		}
		return dburl.MaskText(line)
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

// Hash returns a digest of the command and of the files that it names, so that a changed script is a changed seed.
func Hash(t *workspace.SeedTool) string {
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
