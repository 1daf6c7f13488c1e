package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

func init() { extraCommands = append(extraCommands, (*app).agentsCommand) }

// agentsDocument is the section, or what writing it changes, as --json prints it.
type agentsDocument struct {
	Version int    `json:"version"`
	Section string `json:"section"`
	File    string `json:"file,omitempty"`
	Diff    string `json:"diff,omitempty"`
	Applied bool   `json:"applied"`
}

func (a *app) agentsCommand() *cobra.Command {
	var write, dryRun bool
	c := &cobra.Command{
		Use:   "agents [FILE]",
		Short: "Print the database's rules and naap's verbs for coding agents, as a section of AGENTS.md",
		Long: "Prints a section of Markdown for coding agents: the rules of the database architecture, naap's verbs, what can be\n" +
			"undone, and what a person must confirm. With --write it is put into FILE (AGENTS.md of the workspace, if none is\n" +
			"named) between two comments that mark it; everything else in the file stays as it is, and what changes is shown.",
		Example: "  naap agents --write              AGENTS.md\n  naap agents --write CLAUDE.md --dry-run",
		Args:    takes(0, 1),
		RunE: func(c *cobra.Command, words []string) error {
			ws, err := a.workspace(c.Context())
			if err != nil {
				return err
			}
			if err := devenv.New(ws, devenv.Options{Target: a.target}).MustBePostgreSQL(); err != nil {
				return err
			}
			section := agentsSection(c.Root(), ws)
			switch {
			case write || dryRun:
				return a.writeAgents(c.Context(), ws, section, words, dryRun)
			case len(words) > 0:
				return usageError(c, "a FILE is written to only with --write")
			}
			return a.answer(agentsDocument{Version: 1, Section: section}, func() { a.say("%s", strings.TrimSuffix(section, "\n")) })
		},
	}
	c.Flags().BoolVar(&write, "write", false, "put the section into the file, and show what changes")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "show what --write would change, and do nothing")
	return c
}

// writeAgents puts the section into a file, or shows what that would change.
func (a *app) writeAgents(ctx context.Context, ws *workspace.Workspace, section string, words []string, dryRun bool) error {
	dir, name := a.agentsFile(ws, words)
	in, err := files.OpenInside(dir)
	if err != nil {
		return files.Explain(err, remedy.New("agents.file", remedy.ExitFailed, "the folder %s can't be opened", visible.String(dir)))
	}
	defer in.Close()
	old, err := readOrNone(ctx, in, name)
	if err != nil {
		return err
	}
	text, err := withSection(string(old), section)
	if err != nil {
		return err
	}
	shown := visible.String(filepath.ToSlash(name))
	doc := agentsDocument{Version: 1, Section: section, File: shown}
	if text == string(old) {
		return a.answer(doc, func() { a.say("%s has it already.", shown) })
	}
	doc.Diff = visible.Text(udiff.Unified(shown, shown, string(old), text))
	a.say("%s", strings.TrimSuffix(doc.Diff, "\n"))
	if !dryRun {
		if err := in.Replace(name, []byte(text)); err != nil {
			return files.Explain(err, remedy.New("agents.file", remedy.ExitFailed, "%s can't be written", shown))
		}
		doc.Applied = true
	}
	if a.json {
		a.printJSON(doc)
	}
	return nil
}

// agentsFile returns the folder that the file must be in, and its name there. The repository's own is the default; a file
// that the user names is where they say, and a link in its place leads nowhere else.
func (a *app) agentsFile(ws *workspace.Workspace, words []string) (dir, name string) {
	here := a.dir
	if here == "" {
		here = "."
	}
	if len(words) == 0 {
		if ws.Root != "" {
			here = ws.Root
		}
		return here, "AGENTS.md"
	}
	full := words[0]
	if !filepath.IsAbs(full) {
		full = filepath.Join(here, full)
	}
	if abs, err := filepath.Abs(full); err == nil {
		full = abs
	}
	if rel, ok := files.Below(ws.Root, full); ws.Root != "" && ok {
		return ws.Root, rel
	}
	return filepath.Dir(full), filepath.Base(full)
}

// What marks the section in a file.
const (
	sectionBegins = "<!-- naap:begin -->"
	sectionEnds   = "<!-- naap:end -->"
)

// withSection returns a text with the section in the place of the one that it has, or at its end. Its line ends are kept.
func withSection(text, section string) (string, error) {
	ends := "\n"
	if strings.Contains(text, "\r\n") {
		ends = "\r\n"
		section = strings.ReplaceAll(section, "\n", ends)
	}
	from, to, err := findSection(text)
	if err != nil {
		return "", err
	}
	switch {
	case to > 0:
		return text[:from] + section + text[to:], nil
	case text == "":
		return section, nil
	}
	return strings.TrimRight(text, "\r\n") + ends + ends + section, nil
}

// findSection returns where the section is in a text, with its marks and the end of the last line; to is 0 where it has
// none. A mark counts where it is alone on its line.
func findSection(text string) (from, to int, err error) {
	begins, ended, at := 0, 0, 0
	for line := range strings.Lines(text) {
		switch strings.TrimSpace(strings.TrimPrefix(line, "\ufeff")) {
		case sectionBegins:
			begins++
			from = at + strings.Index(line, sectionBegins)
		case sectionEnds:
			ended++
			to = at + len(line)
		}
		at += len(line)
	}
	if begins != ended || begins > 1 || begins == 1 && to <= from {
		return 0, 0, remedy.New("agents.marks", remedy.ExitFailed, "the marks of naap's section are not one pair").
			WithSeen(fmt.Sprintf("%d of %s and %d of %s, each alone on its line", begins, sectionBegins, ended, sectionEnds)).
			WithFix("leave the first before the section and the last after it, or take all of them out")
	}
	return from, to, nil
}

// readOrNone returns a file's content, or nothing where there is no such file.
func readOrNone(ctx context.Context, in *files.Inside, name string) ([]byte, error) {
	text, err := in.Read(ctx, name, files.Source)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, files.Explain(err, remedy.New("agents.file", remedy.ExitFailed, "%s can't be read", visible.String(name)))
	}
	return text, nil
}
