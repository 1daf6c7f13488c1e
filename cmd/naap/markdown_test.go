package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// page is a page of the documentation.
type page struct {
	name   string // relative to the project: docs/cli.md
	text   string // without its blocks and comments
	blocks []block
}

// block is a fenced block of a page, with the marks above it: the comments that say how it is tested.
type block struct {
	line  int
	lang  string
	text  string
	marks map[string]string
}

// marksOf are the marks that a block can have, and what their values say.
var marksOf = map[string]string{
	"not run":  "why nothing runs the block",
	"file":     "the file that the block is written to, from the folder that the page is in then",
	"added to": "the file that the block is added to the end of",
	"fails":    "the exit status that the block's last command ends with",
	"each":     "a command that is run before each of the block's, which are alternatives",
	"first":    "a command that is run before the block, and that the reader has no need of",
}

// place is where a line, counted from 0, is found.
func place(name string, line int) string { return fmt.Sprintf("%s:%d", name, line+1) }

var markLine = regexp.MustCompile(`^<!-- ([a-z ]+): (.*) -->$`)

// pages returns README.md and the pages of docs.
func pages(t *testing.T) (all []page) {
	t.Helper()
	names, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(names) < 8 {
		t.Fatalf("%d pages: %v", len(names), err)
	}
	for _, name := range append([]string{"../../README.md"}, names...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, wrong := readPage(strings.TrimPrefix(filepath.ToSlash(name), "../../"), string(text))
		for _, w := range wrong {
			t.Error(w)
		}
		all = append(all, p)
	}
	return all
}

// readPage returns a page with its blocks, and what is wrong with their marks.
func readPage(name, text string) (p page, wrong []string) {
	p.name = name
	var rest strings.Builder
	marks := map[string]string{}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch mark := markLine.FindStringSubmatch(line); {
		case strings.HasPrefix(line, "```"):
			b := block{line: i + 1, lang: strings.TrimPrefix(line, "```"), marks: marks}
			end := slices.Index(lines[i+1:], "```") + i + 1
			if end == i {
				return p, append(wrong, place(name, i)+": the block has no end")
			}
			b.text = strings.Join(lines[i+1:end], "\n") + "\n"
			p.blocks, i = append(p.blocks, b), end
			for key, value := range marks {
				if marksOf[key] == "" {
					wrong = append(wrong, place(name, i)+": the mark "+key+" is unknown")
				} else if key == "not run" && len(strings.Fields(value)) < 2 {
					wrong = append(wrong, place(name, i)+": the mark does not say why the block is not run")
				}
			}
			marks = map[string]string{}
		case mark != nil:
			marks[mark[1]] = mark[2]
		case strings.HasPrefix(line, "<!-- not run"):
			wrong = append(wrong, place(name, i)+": the mark does not say why the block is not run")
		default:
			marks = map[string]string{}
			rest.WriteString(line + "\n")
		}
	}
	p.text = rest.String()
	return p, wrong
}

// A block that nothing runs says why, and a mark that the tests do not know is not passed over.
func TestAMarkWithoutAReasonIsFound(t *testing.T) {
	const block = "```sh\nnaap version\n```\n"
	for text, want := range map[string]string{
		"<!-- not run: needs Homebrew -->\n" + block: "",
		block:                                 "",
		"<!-- not run -->\n" + block:          "a.md:1: the mark does not say why the block is not run",
		"<!-- not run: -->\n" + block:         "a.md:1: the mark does not say why the block is not run",
		"<!-- not run: slow -->\n" + block:    "a.md:4: the mark does not say why the block is not run",
		"<!-- ran: by somebody -->\n" + block: "a.md:4: the mark ran is unknown",
		"```sh\nnaap version\n":               "a.md:1: the block has no end",
	} {
		p, wrong := readPage("a.md", text)
		if got := strings.Join(wrong, "\n"); got != want {
			t.Errorf("%q: %q", text, got)
		}
		if want == "" && (len(p.blocks) != 1 || p.blocks[0].text != "naap version\n" || p.blocks[0].lang != "sh") {
			t.Errorf("%q has the blocks %v", text, p.blocks)
		}
	}
}

// codeSpan matches what a line has in backquotes.
var codeSpan = regexp.MustCompile("`([^`\n]+)`")

// commands returns what a page calls a command of naap's own: in the text, in a table, in blocks that are not run.
func (p page) commands() (all []string) {
	for _, span := range codeSpan.FindAllStringSubmatch(strings.ReplaceAll(p.text, "\n", " "), -1) {
		if strings.HasPrefix(span[1], "naap ") {
			all = append(all, span[1])
		}
	}
	for _, b := range p.blocks {
		if b.lang != "" && b.lang != "sh" && b.lang != "console" {
			continue
		}
		for line := range strings.Lines(strings.ReplaceAll(b.text, "\n      ", " ")) { // lines that go on
			line = strings.TrimPrefix(strings.TrimRight(line, "\n"), "$ ")
			if line, _, _ = strings.Cut(line, " #"); strings.HasPrefix(line, "naap ") {
				all = append(all, line)
			}
		}
	}
	return all
}

var (
	toldWord = regexp.MustCompile(`\s{2,}[a-z].*`) // what a list of verbs says of one
	flagWord = regexp.MustCompile(`(?:^|[\s\[|(])(--[a-z][a-z-]*|-[A-Za-z])\b`)
	verbWord = regexp.MustCompile(`^[a-z]+$`)
)

// misnamed returns the verb or the flags of a command that naap does not have.
func misnamed(command string) (wrong []string) {
	command, _, _ = strings.Cut(command, " -- ")
	command, _, _ = strings.Cut(command, "[-- ")
	c := newApp(nil, nil, nil).root()
	c.InitDefaultHelpCmd()
	c.InitDefaultCompletionCmd("completion")
	command = toldWord.ReplaceAllString(command, "")
	words := strings.Fields(command)[1:]
	for i := 0; i < len(words); i++ {
		if w := words[i]; strings.HasPrefix(w, "-") {
			if !strings.Contains(w, "=") && takesValue(c, w) {
				i++
			}
			continue
		}
		at := slices.IndexFunc(c.Commands(), func(sub *cobra.Command) bool { return sub.Name() == words[i] })
		if at < 0 && c.HasSubCommands() && verbWord.MatchString(words[i]) {
			wrong = append(wrong, words[i])
		}
		if at < 0 {
			break
		}
		c = c.Commands()[at]
	}
	c.InitDefaultVersionFlag()
	among := []*cobra.Command{c}
	if strings.Contains(command, " | ") { // a line for several verbs
		among = append(among, c.Parent().Commands()...)
	}
	for _, flag := range flagWord.FindAllStringSubmatch(command, -1) {
		if !slices.ContainsFunc(among, func(c *cobra.Command) bool { return hasFlag(c, flag[1]) }) {
			wrong = append(wrong, flag[1])
		}
	}
	return wrong
}

// hasFlag reports whether a command takes a flag, given with its dashes.
func hasFlag(c *cobra.Command, flag string) bool {
	c.InitDefaultHelpFlag()
	name := strings.TrimLeft(flag, "-")
	if len(flag) == 2 {
		return c.Flags().ShorthandLookup(name) != nil || c.InheritedFlags().ShorthandLookup(name) != nil
	}
	return c.Flag(name) != nil
}

func TestEveryCommandOfThePagesIsOneOfNaaps(t *testing.T) {
	n := 0
	for _, p := range pages(t) {
		for _, command := range p.commands() {
			n++
			if wrong := misnamed(command); wrong != nil && command != "naap up" { // which the page says is answered with `naap dev up`
				t.Errorf("%s: naap has no %s, as in `%s`", p.name, strings.Join(wrong, " and no "), command)
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d commands were found", n)
	}
	t.Logf("%d commands of the pages have verbs and flags that exist", n)
}

// mdLink matches a link of Markdown, and what HTML refers to.
var (
	mdLink   = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"`)
	notInIDs = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
	heading  = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// anchors are the names that GitHub gives to a page's headings.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		all[strings.ReplaceAll(notInIDs.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")] = true
	}
	return all
}

func TestEveryLinkOfThePagesLeadsSomewhere(t *testing.T) {
	n := 0
	for _, p := range pages(t) {
		for _, link := range mdLink.FindAllStringSubmatch(codeSpan.ReplaceAllString(p.text, ""), -1) {
			to, anchor, _ := strings.Cut(link[1]+link[2], "#")
			if strings.Contains(to, "://") {
				continue
			}
			n++
			file := filepath.Join("../..", filepath.Dir(p.name), to)
			if to == "" {
				file = filepath.Join("../..", p.name)
			}
			text, err := os.ReadFile(file)
			if info, errDir := os.Stat(file); err != nil && (errDir != nil || !info.IsDir()) {
				t.Errorf("%s: %s leads nowhere", p.name, link[0])
			} else if anchor != "" && !anchors(string(text))[anchor] {
				t.Errorf("%s: %s has no heading %s", p.name, to, anchor)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d links were found", n)
	}
}
