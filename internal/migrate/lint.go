package migrate

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/internal/visible"
)

// LintFinding is something that a migration does on a database with rows and users, or cannot do. Lines and columns
// count from 1, columns in characters; EndColumn is the one after the last, on Line.
type LintFinding struct {
	Rule                    *LintRule
	Severity                remedy.Severity // Broken, Warning or Notable
	Path                    string
	Line, Column, EndColumn int
	Text                    string // the line
	Message                 string
	Help                    []string // what to write instead, as lines of SQL and of comments
}

// Destroys reports whether the finding is about rows or values that the migration removes.
func (f LintFinding) Destroys() bool { return f.Rule.ID == lintDestroys.ID }

// LintOptions say what Lint looks at.
type LintOptions struct {
	Names   []string // of the migrations that findings are about; the others are read for what they have made
	Edited  []string // of those that were edited after they were applied
	Schema  string   // where names without a schema lead; "public" if empty
	Several bool     // the Prisma file has several schemas, so that names should say theirs
}

// Lint returns what the scripts of migrations will do to a database that has rows and users, from the kinds of their
// statements alone: nothing is asked of a server. What earlier migrations of the folder made (tables, types of columns,
// enums, functions) is known from their scripts.
func Lint(folder *Folder, opt LintOptions) []LintFinding {
	if opt.Schema == "" {
		opt.Schema = "public"
	}
	l := &linter{opt: opt, catalogue: newCatalogue()}
	for _, m := range folder.Migrations {
		l.silent = !slices.Contains(opt.Names, m.Name)
		if slices.Contains(opt.Edited, m.Name) {
			l.begin(m)
			l.silent = false
			l.edited()
			l.silent = !slices.Contains(opt.Names, m.Name)
		}
		l.migration(m)
	}
	return l.findings
}

// linter reads scripts one after the other.
type linter struct {
	opt       LintOptions
	findings  []LintFinding
	silent    bool
	catalogue *catalogue

	// Of the script that is being read:
	path   string
	script script
	tokens [][]sqltext.Token // by statement
	made   map[string]bool   // relations that the script itself made
	now    int               // the statement that is being read
	locks  []lockedRelation  // that this statement takes on relations that were there
	held   []heldLock        // in the transaction so far, each relation once
	enums  []addedValue      // in the transaction so far
	// temporary are the tables that it makes for itself, and asked the offsets of names whose schema was asked for.
	temporary map[string]bool
	asked     map[int]bool
	searched  int   // statements that were searched for one that sets the search_path
	finds     bool  // one of them does
	lines     lines // of the script, once there is something to report
}

func (l *linter) begin(m Migration) {
	l.path, l.script, l.tokens = m.Path, readScript(m.Script), statementTokens(m.Script)
	l.made, l.held, l.enums, l.now = map[string]bool{}, nil, nil, 0
	l.temporary, l.asked, l.searched, l.finds, l.lines = map[string]bool{}, map[int]bool{}, 0, false, nil
}

func (l *linter) migration(m Migration) {
	l.begin(m)
	if m.Err != nil {
		l.report(lintScript, remedy.Broken, 0, 0, "the script cannot be read: "+m.problem())
		return
	}
	if !l.runs() {
		return
	}
	l.alone()
	l.transactions()
	l.settings()
	for i := range l.script.statements {
		l.now, l.locks = i, nil
		l.usesNewValue()
		l.statement()
		l.hold()
	}
	l.reportLocks(len(l.script.statements) - 1)
}

// reader returns a reader of the statement that is being read.
func (l *linter) reader() *ddlReader {
	return &ddlReader{text: l.script.text, tokens: l.tokens[l.now]}
}

// existing reports whether a relation was there before the script.
func (l *linter) existing(r relation) bool { return !l.made[r.key(l.opt.Schema)] }

// position returns the place of an offset.
func (l *linter) position(offset int) postgres.Position {
	if l.lines == nil {
		l.lines = linesOf(l.script.text)
	}
	line, start := l.lines.at(offset)
	return postgres.Position{Line: line, Column: utf8.RuneCountInString(l.script.text[start:offset]) + 1}
}

// report adds a finding about a part of the script.
func (l *linter) report(rule *LintRule, s remedy.Severity, start, end int, message string, help ...string) {
	if l.silent {
		return
	}
	text := l.script.text
	at := l.position(start)
	from := start - strings.LastIndexByte(text[:start], '\n') - 1
	line := text[start-from:]
	if i := strings.IndexAny(line, "\r\n"); i >= 0 {
		line = line[:i]
	}
	width := utf8.RuneCountInString(line[min(from, len(line)):min(max(end-start, 0)+from, len(line))])
	l.findings = append(l.findings, LintFinding{Rule: rule, Severity: s, Path: l.path, Line: at.Line, Column: at.Column, EndColumn: at.Column + max(width, 1),
		Text: line, Message: message, Help: help})
}

// here adds a finding about the statement that is being read.
func (l *linter) here(rule *LintRule, s remedy.Severity, message string, help ...string) {
	st := l.script.statements[l.now]
	l.report(rule, s, st.Start, st.End, message, help...)
}

// about adds a finding about some tokens of it.
func (l *linter) about(rule *LintRule, s remedy.Severity, tokens []sqltext.Token, message string, help ...string) {
	if len(tokens) == 0 {
		l.here(rule, s, message, help...)
		return
	}
	l.report(rule, s, tokens[0].Start, tokens[len(tokens)-1].End, message, help...)
}

func (l *linter) edited() {
	l.report(lintEdited, remedy.Broken, 0, 0, "it was edited after this database applied it: bring the old text back, and make a new migration of the change")
}

// name returns a relation as messages show it.
func (r relation) String() string { return visible.String(r.text) }

// lockStatement returns the locks that one statement takes on what is there already, as far as its kind tells.
func lockStatement(text string) []lockedRelation {
	l := &linter{opt: LintOptions{Schema: "public"}, silent: true, catalogue: newCatalogue()}
	l.begin(Migration{Script: text})
	if len(l.tokens) == 0 {
		return nil
	}
	l.statement()
	return l.locks
}

// Knows returns an error if the folder does not exist, or if one of the names is not that of a migration in it. verb is
// the command that was given it.
func (f *Folder) Knows(names []string, verb string) error {
	if !f.There {
		return noFolder(f.Name)
	}
	for _, name := range names {
		if _, ok := f.Named(name); ok {
			continue
		}
		near := say.Nearest(name, f.names())
		return remedy.New("migrate.unknown", remedy.ExitUsage, "there is no migration %s", visible.String(name)).
			WithHelp(remedy.Meant(verb, name, near, near)...).WithHelp(remedy.Naap("migrate status").Note("lists them"))
	}
	return nil
}
