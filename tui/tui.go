// Package tui is the terminal application: boot, dashboard, tables, rows, SQL, and the dialogs of the verbs. It draws
// what a Backend tells it and knows nothing of where that comes from.
package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/tui/clip"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/quiet"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/console"
	"github.com/livepeer/naap-dev/tui/screen/dashboard"
)

func init() { quiet.Restore() }

// usualPauses are those of the program.
var usualPauses = screen.Pauses{Rest: 90 * time.Millisecond, Typing: 200 * time.Millisecond}

// Options are how the application starts.
type Options struct {
	Target   remedy.Target       // what the commands in its texts are for: folder, instance, database
	Boot     bool                // begin by bringing the environment up
	ASCII    bool                // draw with ASCII signs
	NoColor  bool                // no colours; NO_COLOR in Env does the same
	Theme    string              // "dark", "light", or "auto" or "" for the terminal's own
	Mouse    bool                // take the mouse from the start
	Keys     map[string][]string // actions' keys in place of the default ones; see keymap
	StateDir string              // for the SQL history and crash files; "" keeps neither beyond the temporary folder
	In       io.Reader           // the terminal; os.Stdin where nil
	Out      io.Writer           // the terminal; os.Stdout where nil
	Env      func(string) string // the environment; os.Getenv where nil
	Clock    func() time.Time    // time.Now where nil
	Programs program.Finder      // finds what puts text on the clipboard; that of this process where it is the zero Finder
	Size     [2]int              // width and height where Out is not a terminal that knows

	Failed error // why another instance could not be gone to, to be shown; nil without one

	// Interrupts is told whether an interrupt from the keyboard is for this process: not while psql has the terminal.
	Interrupts func(ours bool)
}

// framesASecond is how often bubbletea looks for a new frame: a key waits 25 ms at most. At rest the program took 0.8 % of a
// core; with bubbletea's own 60 it was 1.1 %.
const framesASecond = 40

// Run shows the application until the user leaves it or ctx ends. Leaving is not an error; errors are wrong key bindings
// and a terminal that can't be used. The instance is nil where the user does not go on to another one.
func Run(ctx context.Context, b backend.Backend, opt Options) (*Next, error) {
	opt = opt.withDefaults()
	a, err := newApp(ctx, b, opt, opt.Out)
	if err != nil {
		return nil, err
	}
	// Signals end ctx. The library's own handler would take one that ends a program which has the terminal for its own.
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithInput(opt.In), tea.WithOutput(opt.Out), tea.WithFPS(framesASecond), tea.WithAltScreen(), tea.WithReportFocus()}
	if opt.Mouse {
		options = append(options, tea.WithMouseCellMotion())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.jobs.Ctx = ctx
	_, err = tea.NewProgram(a, options...).Run()
	a.leaveAll()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return nil, nil
	}
	return a.next, err
}

// leaveAll lets the screens that are still open close their sessions, whose transactions the server rolls back then.
func (a *app) leaveAll() {
	for _, sc := range a.stack {
		if l, ok := sc.(leaver); ok {
			if cmd := l.Leave(); cmd != nil {
				cmd()
			}
		}
	}
}

func (o Options) withDefaults() Options {
	if o.In == nil {
		o.In = os.Stdin
	}
	if o.Out == nil {
		o.Out = os.Stdout
	}
	if o.Env == nil {
		o.Env = os.Getenv
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Programs.IsZero() {
		o.Programs = program.Here()
	}
	if o.Interrupts == nil {
		o.Interrupts = func(bool) {}
	}
	return o
}

// newApp makes the root with its first page.
func newApp(ctx context.Context, b backend.Backend, opt Options, out io.Writer) (*app, error) {
	keys, err := keymap.New(opt.Keys)
	if err != nil {
		return nil, err
	}
	looks := looks{chosen: opt.Theme, colours: colours(opt), ascii: opt.ASCII, strict: opt.ASCII && !speaksUTF8(opt.Env)}
	if looks.chosen == "auto" {
		looks.chosen = ""
	}
	open := &pages{jobs: job.NewJobs(ctx, guarded(opt.StateDir), timedOut, 20*time.Millisecond)}
	s := &shared{
		feed:   &feed{notices: &notices{clock: opt.Clock}, pages: open, backend: b, timer: timer},
		target: opt.Target, keys: keys, look: looks.make(), clip: clip.New(opt.Env, out, opt.Programs), programs: opt.Programs, stateDir: opt.StateDir,
		history: console.LoadHistory(opt.StateDir), pause: usualPauses, interrupts: opt.Interrupts,
	}
	s.live.Identity = b.Identity()
	s.w, s.h = opt.Size[0], opt.Size[1]
	a := &app{shared: s, mouse: opt.Mouse, looks: looks}
	if looks.chosen == "" && looks.colours != draw.Mono {
		a.question = func() tea.Msg { _, _ = io.WriteString(out, askBackground); return nil }
	}
	if opt.Boot {
		s.stack = []screen.Screen{newBoot(s, a.started)}
	} else {
		s.stack = []screen.Screen{dashboard.New(s)}
	}
	if opt.Failed != nil {
		a.Fail("switch", opt.Failed)
	}
	return a, nil
}

// timer sends a message after a while.
func timer(after time.Duration, msg tea.Msg) tea.Cmd {
	return tea.Tick(after, func(time.Time) tea.Msg { return msg })
}

// colours is how many colours the terminal has.
func colours(opt Options) draw.Colours {
	name := opt.Env("TERM")
	switch {
	case opt.NoColor, opt.Env("NO_COLOR") != "", name == "dumb":
		return draw.Mono
	case opt.Env("COLORTERM") != "", strings.Contains(name, "256color"), strings.Contains(name, "kitty"),
		strings.Contains(name, "ghostty"), strings.Contains(name, "alacritty"), strings.Contains(name, "direct"):
		return draw.Many
	}
	return draw.Sixteen
}

// speaksUTF8 reports by the locale whether the terminal takes more than ASCII.
func speaksUTF8(env func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(env(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return true
}
