package main

import (
	"context"
	"maps"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

func init() { extraCommands = append(extraCommands, (*app).fmtCommand) }

// fmtDocument says of each file whether Prisma's format differs from it, as --json prints it.
type fmtDocument struct {
	Version int       `json:"version"`
	Written bool      `json:"written"`
	Files   []fmtFile `json:"files"`
}

type fmtFile struct {
	File    string   `json:"file"`
	Changed bool     `json:"changed"`
	Lost    []string `json:"lost"` // the comments that Prisma's format drops: file:line:column

	path      string // absolute
	home      string // the folder that a link in its path may not leave
	was, text []byte
}

func (a *app) fmtCommand() *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use:   "fmt [FILE…]",
		Short: "Format the Prisma file as `prisma format` does",
		Long: "Rewrites the workspace's Prisma files, or each FILE, in Prisma's own format, byte for byte: indentation, columns,\n" +
			"the order of attributes, empty lines, line ends. Missing sides of relations are not added. Where one of the files\n" +
			"cannot be read as Prisma's language, none is written.",
		Example: "  naap fmt\n  naap fmt --check                 for a commit hook or a CI: exit status 1 where a file would change",
		RunE: func(c *cobra.Command, words []string) error {
			return a.format(c.Context(), words, check)
		},
	}
	c.Flags().BoolVar(&check, "check", false, "write nothing; exit status 1 where a file would change")
	return c
}

func (a *app) format(ctx context.Context, words []string, check bool) error {
	list, err := a.filesToFormat(ctx, words)
	if err != nil {
		return err
	}
	if err := formatEach(list); err != nil {
		return err
	}
	changed := 0
	for _, f := range list {
		if f.Changed {
			changed++
		}
	}
	if !check {
		if err := writeFormatted(ctx, list); err != nil {
			return err
		}
	}
	err = a.answer(fmtDocument{1, !check && changed > 0, list}, func() { a.sayFormatted(list, check) })
	if check && changed > 0 {
		return exitStatus(remedy.ExitFailed)
	}
	return err
}

func (a *app) sayFormatted(list []fmtFile, check bool) {
	changed := 0
	for _, f := range list {
		if !f.Changed {
			continue
		}
		changed++
		if check {
			a.say("not in Prisma's format: %s", f.File)
			continue
		}
		a.say("formatted %s", f.File)
		for _, at := range f.Lost {
			a.warn(at + ": Prisma's format has no place for a comment after {, and it is gone")
		}
	}
	if changed == 0 {
		a.say("%s in Prisma's format already.", say.Count(len(list), "file"))
	}
}

// formatEach formats all files, or none where one does not parse.
func formatEach(list []fmtFile) error {
	var wrong prisma.Diagnostics
	for i := range list {
		f := &list[i]
		source := prisma.Source{Name: f.File, Text: string(f.was)}
		text, found := prisma.Format(source)
		if text == "" {
			wrong.List, wrong.Sources = append(wrong.List, found...), append(wrong.Sources, source)
		}
		f.text, f.Changed, f.Lost = []byte(text), text != string(f.was), []string{}
		for _, c := range prisma.LostComments(source) {
			f.Lost = append(f.Lost, visible.String(c.Span.Start.String()))
		}
	}
	if len(wrong.List) == 0 {
		return nil
	}
	e := remedy.New("schema.invalid", remedy.ExitFailed, "%s in %s; nothing was written", say.Count(wrong.Errors(), "mistake"),
		say.Join(wrong.Sources, ", ", func(s prisma.Source) string { return visible.String(s.Name) }))
	e.Excerpt = wrong.RenderFirst(shownMistakes, false)
	return e
}

// shownMistakes bounds how many mistakes are shown: those that follow from another one disappear with it.
const shownMistakes = 20

// filesToFormat reads the files that the user named, or the workspace's Prisma files.
func (a *app) filesToFormat(ctx context.Context, words []string) ([]fmtFile, error) {
	ws, err := a.workspace(ctx)
	switch {
	case len(words) > 0 && err != nil:
		ws = &workspace.Workspace{} // a file needs none
	case err != nil:
		return nil, err
	}
	if len(words) > 0 {
		return a.namedFiles(ctx, ws, words)
	}
	if !ws.SchemaOnDisk() {
		return nil, remedy.New("fmt.none", remedy.ExitUsage, "there is no Prisma file here to format").
			WithSeen(ws.Describe()).WithHelp(remedy.Naap("fmt", "FILE"))
	}
	return say.Each(ws.SchemaFiles, func(f workspace.File) fmtFile {
		return fmtFile{File: visible.String(f.Name), path: f.Path, home: homeOf(ws, f.Path), was: []byte(f.Text)}
	}), nil
}

// namedFiles reads files, and those of folders.
func (a *app) namedFiles(ctx context.Context, ws *workspace.Workspace, words []string) ([]fmtFile, error) {
	var list []fmtFile
	seen := map[string]bool{}
	for _, word := range words {
		named, err := filepath.Abs(a.below(word))
		if err != nil {
			return nil, err
		}
		found, err := prisma.Files(ctx, named, "")
		if err != nil {
			return nil, cannotFormat(word, err)
		}
		for _, path := range found {
			if seen[path] {
				continue
			}
			seen[path] = true
			text, err := files.Read(ctx, path, files.Schema)
			if err != nil {
				return nil, cannotFormat(word, err)
			}
			rel, _ := files.Below(named, path)
			shown := visible.String(filepath.ToSlash(filepath.Join(word, rel)))
			list = append(list, fmtFile{File: shown, path: path, home: homeOf(ws, path), was: text})
		}
	}
	return list, nil
}

func cannotFormat(word string, err error) error {
	return files.Explain(err, remedy.New("fmt.file", remedy.ExitUsage, "%s cannot be read", visible.String(word)))
}

// homeOf returns the folder that a file is not to leave by a link: the workspace, or where the user names another file the
// one that it is in.
func homeOf(ws *workspace.Workspace, path string) string {
	if _, inside := files.Below(ws.Root, path); ws.Root != "" && inside {
		return ws.Root
	}
	return filepath.Dir(path)
}

// writeFormatted writes what changed.
func writeFormatted(ctx context.Context, list []fmtFile) error {
	byHome := map[string][]files.Rewrite{}
	for _, f := range list {
		if f.Changed {
			byHome[f.home] = append(byHome[f.home], files.Rewrite{Name: f.path, Was: f.was, Text: f.text})
		}
	}
	for _, home := range slices.Sorted(maps.Keys(byHome)) {
		in, err := files.OpenInside(home)
		if err != nil {
			return err
		}
		err = in.RewriteAll(ctx, byHome[home], files.Schema)
		in.Close()
		if err != nil {
			return files.Explain(err, remedy.New("fmt.write", remedy.ExitFailed, "not everything was written"))
		}
	}
	return nil
}
