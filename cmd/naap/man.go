package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func init() { extraCommands = append(extraCommands, (*app).manCommand) }

// manCommand writes the man pages, for packagers.
func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write the man pages to a folder",
		Example: "  naap man ~/.local/share/man/man1\n  naap man build/man    for a package",
		Args:    takes(1, 1),
		RunE: func(c *cobra.Command, words []string) error {
			if err := os.MkdirAll(words[0], 0o755); err != nil {
				return remedy.New("man.folder", remedy.ExitFailed, "the folder can't be made").Wrap(err)
			}
			when, err := builtAt()
			if err != nil {
				return err
			}
			return a.writeManPages(c.Root(), when, words[0])
		},
	}
}

// builtAt returns the time that the pages show: a packager's, for builds that can be repeated, or now.
func builtAt() (time.Time, error) {
	epoch := os.Getenv("SOURCE_DATE_EPOCH")
	if epoch == "" {
		return time.Now(), nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, remedy.New("usage", remedy.ExitUsage, "SOURCE_DATE_EPOCH is not a number of seconds").Wrap(err)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// writeManPages writes the page of a command, and of each one below it, to a folder.
func (a *app) writeManPages(c *cobra.Command, when time.Time, dir string) error {
	for _, sub := range c.Commands() {
		if !sub.IsAvailableCommand() {
			continue
		}
		if err := a.writeManPages(sub, when, dir); err != nil {
			return err
		}
	}
	a.describe(c)
	return os.WriteFile(filepath.Join(dir, manName(c)+".1"), []byte(manPage(c, when)), 0o644) // #nosec G306 -- man reads it as any user
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage returns a command's page in the language of man(7). Cobra's own writer of man pages goes through Markdown,
// whose library compiles its expressions whenever a program starts that is linked with it.
func manPage(c *cobra.Command, when time.Time) string {
	c.InitDefaultHelpFlag()
	page := roff{}
	page.line(`.TH "NAAP" "1" "%s" "naap"`, when.Format("Jan 2006"))
	page.section("NAME")
	page.line(`%s \- %s`, roffText(manName(c)), roffText(c.Short))
	page.section("SYNOPSIS")
	page.line(`\fB%s\fR`, roffText(c.UseLine()))
	page.section("DESCRIPTION")
	text := c.Long
	if text == "" {
		text = c.Short
	}
	page.prose(text)
	page.flags("OPTIONS", c.NonInheritedFlags())
	page.flags("OPTIONS INHERITED FROM PARENT COMMANDS", c.InheritedFlags())
	if c.Example != "" {
		page.section("EXAMPLE")
		page.prose(c.Example)
	}
	if also := manNeighbours(c); len(also) > 0 {
		page.section("SEE ALSO")
		page.line("%s", strings.Join(also, ", "))
	}
	return page.String()
}

// manNeighbours returns the pages of the command above, and of those below.
func manNeighbours(c *cobra.Command) []string {
	var also []string
	refer := func(c *cobra.Command) { also = append(also, `\fB`+roffText(manName(c))+`\fR(1)`) }
	if c.HasParent() {
		refer(c.Parent())
	}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			refer(sub)
		}
	}
	return also
}

// roff is a page that is being written.
type roff struct{ strings.Builder }

func (r *roff) line(format string, args ...any) { fmt.Fprintf(r, format+"\n", args...) }

func (r *roff) section(title string) { r.line(".SH %s", title) }

// prose writes paragraphs, in which indented lines stay as they are.
func (r *roff) prose(text string) {
	asItIs := false
	for line := range strings.SplitSeq(text, "\n") {
		if indented := strings.HasPrefix(line, "  "); indented != asItIs && line != "" {
			asItIs = indented
			r.line("%s", map[bool]string{true: ".EX", false: ".EE"}[indented])
		}
		switch {
		case line != "":
			r.line("%s", roffText(line))
		case asItIs:
			r.line("")
		default:
			r.line(".PP")
		}
	}
	if asItIs {
		r.line(".EE")
	}
}

// flags writes a list of flags, each with the name of its value and its default.
func (r *roff) flags(title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	r.section(title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Deprecated != "" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := `\fB` + roffText("--"+f.Name) + `\fR`
		if f.Shorthand != "" {
			name = `\fB` + roffText("-"+f.Shorthand) + `\fR, ` + name
		}
		if value != "" {
			name += ` \fI` + roffText(value) + `\fR`
		}
		switch f.DefValue {
		case "", "false", "0", "0s", "[]":
		default:
			usage += " (default " + f.DefValue + ")"
		}
		r.line(".TP\n%s\n%s", name, roffText(usage))
	})
}

// roffText returns a line of text as man(7) needs it: with each hyphen as the character that can be pasted, what is in
// backquotes in bold, and nothing at its beginning that would be a request.
func roffText(line string) string {
	line = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(line)
	for strings.Count(line, "`") >= 2 {
		line = strings.Replace(line, "`", `\fB`, 1)
		line = strings.Replace(line, "`", `\fR`, 1)
	}
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		line = `\&` + line
	}
	return line
}
