package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// app is what every command shares: its streams, the global flags, and how answers and failures are printed.
type app struct {
	in       *os.File
	out, err io.Writer // a terminal through visible's writer, or a file as it is
	outFile  *os.File  // out itself, for output that is not text for people
	errFile  *os.File

	dir     string
	json    bool
	noColor bool
	ascii   bool
	wait    bool
	runSeed bool              // --run-seed-commands
	flags   map[string]string // settings given as flags, by the names that workspace.Find knows

	args     []string                // the words of the command line
	ctx      context.Context         // of the command line: an interrupt ends a question
	end      context.CancelCauseFunc // ends ctx
	left     bool                    // a question was answered by an interrupt
	drawn    *steps                  // the progress that is being printed, or nil
	made     *devenv.Env             // the environment that the verb belongs to, or nil
	giveBack func()                  // gives the terminal back where something else has it, or nil
	cutOff   func(failureBody)       // ends a document that was begun before the command failed, or nil

	mu       sync.Mutex
	answered bool        // the one document of --json is out, or has begun
	begun    atomic.Bool // it was begun by a verb that prints it in pieces

	lists  map[*cobra.Command]func() string // what ends a command's description, for describe
	line   []string                         // the command line as it was given
	target remedy.Target                    // what printed commands need besides their words
}

func newApp(in, out, errOut *os.File) *app {
	return &app{in: in, out: forPeople(out), err: forPeople(errOut), outFile: out, errFile: errOut, ctx: context.Background(), flags: map[string]string{}}
}

// forPeople returns a writer of text for people: what is written to a terminal cannot control it.
func forPeople(f *os.File) io.Writer {
	if term.IsTerminal(int(f.Fd())) {
		return visible.NewTerminal(f)
	}
	return f
}

// execute runs one command line and returns its exit status.
func (a *app) execute(ctx context.Context, args []string) int {
	a.args = args
	ctx, a.end = context.WithCancelCause(ctx)
	ctx, _ = postgres.WithJournal(ctx)
	a.ctx = ctx
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	a.line = args
	ran, err := root, a.misread(root, args)
	if err == nil {
		ran, err = root.ExecuteContextC(ctx)
	}
	a.aim(ran, nil) // where PersistentPreRun was not reached
	if a.drawn != nil {
		a.drawn.end()
	}
	if err == nil {
		return 0
	}
	var silent exitStatus
	if errors.As(err, &silent) {
		return int(silent)
	}
	err = a.explained(ctx, ran, err)
	if a.cutOff != nil {
		a.cutOff(a.failure(err).Error)
	}
	a.report(err)
	return remedy.Exit(err)
}

// exitStatus ends a command whose output has already been printed.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func hasJSONFlag(args []string) bool {
	for _, arg := range args {
		if arg == "--" {
			return false
		}
		if arg == "--json" || arg == "--json=true" {
			return true
		}
	}
	return false
}

func (a *app) root() *cobra.Command {
	told := false // --version
	root := &cobra.Command{
		Use:   "naap",
		Short: "The local database environment of the NaaP platform",
		Long: "naap gives a NaaP developer one PostgreSQL 16 with a schema for each plugin:\n" +
			"started, shaped from schema.prisma, filled, watched, browsed, reset and undone.",
		Example:       "  naap dev up        start the database, create what is missing, open the dashboard\n  naap dev status    what runs, as a page or with --json\n  naap check         the platform's database rules",
		SilenceErrors: true, SilenceUsage: true,
		Args: noArgs,
		// Before anything is looked at: a failure to find it may print commands.
		PersistentPreRun: func(c *cobra.Command, words []string) { a.aim(c, words) },
		RunE: func(c *cobra.Command, _ []string) error {
			if told {
				return a.tellVersion()
			}
			if a.json {
				return usageError(c, "--json needs a command to answer")
			}
			return c.Help()
		},
	}
	root.Flags().BoolVarP(&told, "version", "v", false, "print the version, as naap version does")
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { a.printHelp(a.out, c) })
	pf := root.PersistentFlags()
	pf.BoolP("help", "h", false, "print this help")
	pf.StringVarP(&a.dir, "workspace", "C", "", "run as if started in `DIR`")
	pf.BoolVar(&a.json, "json", false, "print exactly one JSON document on stdout")
	pf.BoolVar(&a.noColor, "no-color", false, "no colours (also NO_COLOR)")
	pf.BoolVar(&a.ascii, "ascii", false, "draw with ASCII only")
	pf.BoolVar(&a.wait, "wait", false, "wait for another naap to finish instead of saying busy")
	root.SetFlagErrorFunc(a.flagError)
	root.SetHelpCommand(a.helpCommand())
	root.AddCommand(a.devCommand(), a.versionCommand(), a.configCommand())
	for _, add := range extraCommands {
		root.AddCommand(add(a))
	}
	return root
}

// ending says what ends a command's description. It is made only for those who ask for the description: putting lists
// into columns takes longer than all the rest of a command that does nothing.
func (a *app) ending(c *cobra.Command, list func() string) {
	if a.lists == nil {
		a.lists = map[*cobra.Command]func() string{}
	}
	a.lists[c] = list
}

// describe completes a command's description.
func (a *app) describe(c *cobra.Command) {
	if list := a.lists[c]; list != nil {
		c.Long += list()
		delete(a.lists, c)
	}
}

// extraCommands are the top-level commands that their own files register.
var extraCommands []func(*app) *cobra.Command

// devCommands are the verbs of `naap dev` that their own files register.
var devCommands []func(*app) *cobra.Command

func usageError(c *cobra.Command, text string) error {
	return remedy.New("usage", remedy.ExitUsage, "%s", text).WithFix(c.CommandPath() + " --help")
}

// env finds the workspace, settles the settings and makes the environment that the verbs belong to.
func (a *app) env(ctx context.Context) (*devenv.Env, error) {
	ws, err := a.workspace(ctx)
	if err != nil {
		return nil, err
	}
	a.aimAtEngine(ws)
	a.made = devenv.New(ws, devenv.Options{Wait: a.wait, Version: buildVersion().Naap, Target: a.target, Given: a.given()})
	a.made.Guard(ctx, a.end)
	if err := a.askDatabase(ctx, a.made); err != nil {
		a.made.Close()
		return nil, err
	}
	return a.made, nil
}

// on returns a command's RunE, which runs a verb on the environment.
func (a *app) on(verb func(ctx context.Context, env *devenv.Env, words []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, words []string) error {
		env, err := a.env(c.Context())
		if err != nil {
			return err
		}
		defer env.Close()
		return verb(c.Context(), env, words)
	}
}

func (a *app) workspace(ctx context.Context) (*workspace.Workspace, error) {
	ws, err := a.findWorkspace(ctx, os.Environ())
	if several := (*workspace.Several)(nil); errors.As(err, &several) && a.canAsk() {
		if place := a.askSchema(several); place != "" {
			ws, err = a.findWorkspace(ctx, append(os.Environ(), "NAAP_SCHEMA="+place))
		}
	}
	if err != nil {
		return nil, err
	}
	for _, w := range ws.Warnings {
		a.warn(w)
	}
	return ws, nil
}

func (a *app) findWorkspace(ctx context.Context, env []string) (*workspace.Workspace, error) {
	dir := a.dir
	if dir == "" {
		dir = "."
	}
	// The files may lie on a slow disk, or be a pipe that nothing writes to.
	return files.Await(ctx, func() (*workspace.Workspace, error) {
		return workspace.Find(ctx, dir, workspace.Options{Env: env, Flags: a.flags, Named: a.dir != ""})
	})
}

// warnStranger warns on stderr where a verb that only reads looks at another workspace's database.
func (a *app) warnStranger(ctx context.Context, env *devenv.Env) {
	if line, err := env.Stranger(ctx); err == nil && line != "" {
		a.warn(line)
	}
}

// warn prints on stderr what the user should know besides the answer.
func (a *app) warn(line string) {
	a.tell("naap: warning: %s", visible.String(line))
}

// setting binds a flag to a setting, so that `naap config` can say where each value comes from.
func (a *app) setting(c *cobra.Command, flag, name, usage string) {
	c.Flags().Var(&settingFlag{a: a, name: name}, flag, usage)
}

// settingSwitch is setting for a flag without a value.
func (a *app) settingSwitch(c *cobra.Command, flag, name, usage string) {
	f := c.Flags().VarPF(&settingFlag{a: a, name: name, isBool: true}, flag, "", usage)
	f.NoOptDefVal = "true"
}

type settingFlag struct {
	a      *app
	name   string
	isBool bool
}

func (f *settingFlag) String() string { return "" }
func (f *settingFlag) Set(v string) error {
	f.a.flags[f.name] = v
	return nil
}
func (f *settingFlag) Type() string {
	if f.isBool {
		return "bool"
	}
	return "string"
}

// printJSON prints the one document of a --json answer. A second one, as where both the answer and a signal have
// something to say, is not printed.
func (a *app) printJSON(v any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.answered {
		a.answered = true
		a.encode(v)
	}
}

// answer prints a verb's answer: as its document, or by what prints it for people.
func (a *app) answer(doc any, plain func()) error {
	if a.json {
		a.printJSON(doc)
	} else {
		plain()
	}
	return nil
}

// encode prints a document. A verb that prints one document a line prints all of them with it.
func (a *app) encode(v any) {
	enc := json.NewEncoder(a.document())
	enc.SetEscapeHTML(false)
	if a.outIsTerminal() {
		enc.SetIndent("", "  ")
	}
	if err := enc.Encode(v); err != nil {
		fmt.Fprintln(a.err, "naap: write the answer:", err)
	}
}

// document returns the writer of a JSON document, written in one piece: a pipe gets it as it is, a terminal one of the
// same value that cannot control it.
func (a *app) document() io.Writer { return jsonTo(a.out) }

func jsonTo(w io.Writer) io.Writer {
	if _, ok := w.(*visible.Terminal); ok {
		return escaped{w}
	}
	return w
}

type escaped struct{ io.Writer }

func (e escaped) Write(doc []byte) (int, error) {
	if _, err := e.Writer.Write(visible.JSON(doc)); err != nil {
		return 0, err
	}
	return len(doc), nil
}

// failureDocument is what --json prints for a failure.
type failureDocument struct {
	Version int         `json:"version"`
	Error   failureBody `json:"error"`
}

type failureBody struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Seen    []string `json:"seen,omitempty"`
	Remedy  string   `json:"remedy,omitempty"`
}

func (a *app) failure(err error) failureDocument {
	body := failureBody{Code: remedy.Code(err), Message: visible.String(err.Error())}
	if e, ok := remedy.Of(err); ok {
		body.Seen = say.Each(e.Seen, visible.String)
		// What the user sees as a marked place in a file is evidence too.
		for line := range strings.Lines(e.Excerpt) {
			if line = strings.TrimRight(line, "\r\n"); line != "" {
				body.Seen = append(body.Seen, visible.String(line))
			}
		}
		body.Remedy = visible.Text(strings.Join(a.target.Lines(e.Fix), "\n"))
	}
	return failureDocument{Version: 1, Error: body}
}

// say prints a line for people: on stdout, or on stderr when stdout belongs to a JSON document.
func (a *app) say(format string, args ...any) {
	w := a.out
	if a.json {
		w = a.err
	}
	fmt.Fprintln(w, a.plain(fmt.Sprintf(format, args...)))
}

// sayEach prints lines, each with a mark before it.
func (a *app) sayEach(mark string, lines []string) {
	for _, line := range lines {
		a.say("%s%s", mark, visible.String(line))
	}
}

// tell prints a line for people on stderr, where stdout has something else.
func (a *app) tell(format string, args ...any) {
	fmt.Fprintln(a.err, a.plain(fmt.Sprintf(format, args...)))
}

func (a *app) outIsTerminal() bool { return a.outFile != nil && term.IsTerminal(int(a.outFile.Fd())) }

// interactive reports whether the user can be asked: both ends are terminals and no JSON was asked for.
func (a *app) interactive() bool {
	return !a.json && a.outIsTerminal() && term.IsTerminal(int(a.in.Fd()))
}
