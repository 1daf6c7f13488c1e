package workspace

import (
	"cmp"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sirupsen/logrus"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/visible"
)

// composeSource is where compose files are looked for.
type composeSource struct {
	cache string      // folder that records which files passed compose's schema; "" for none
	root  string      // the workspace's root
	env   environment // the process's; the .env file supplies what it lacks
	files []string    // absolute, from settings; empty for those that docker compose would read

	filled *filled // records what a load reads and fills in; nil for no recording
}

// paths returns the files that docker compose would read in root, in its order: those that are set, or COMPOSE_FILE's
// (which may be in .env), or else the first of the default names with its override. It returns none where there are no
// such files.
func (c composeSource) paths(ctx context.Context) ([]string, error) {
	if len(c.files) > 0 {
		return c.files, nil
	}
	list, err := c.variable(ctx, "COMPOSE_FILE")
	if err != nil {
		return nil, err
	}
	if list != "" {
		separator, err := c.variable(ctx, "COMPOSE_PATH_SEPARATOR")
		if err != nil {
			return nil, err
		}
		var paths []string
		for file := range strings.SplitSeq(list, cmp.Or(separator, string(os.PathListSeparator))) {
			if file != "" {
				paths = append(paths, absolute(c.root, file))
			}
		}
		return paths, nil
	}
	main := firstThere(c.root, cli.DefaultFileNames)
	if main == "" {
		return nil, nil
	}
	if override := firstThere(c.root, cli.DefaultOverrideFileNames); override != "" {
		return []string{main, override}, nil
	}
	return []string{main}, nil
}

// firstFile returns the first of the names that exists and is not a folder.
func firstFile(dir string, names []string) string {
	return firstOf(dir, names, func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && !info.IsDir()
	})
}

// firstThere returns the first of the names that exists, even a folder: reading that fails with a reason, where
// otherwise a file of the next name, or none, would silently be used.
func firstThere(dir string, names []string) string {
	return firstOf(dir, names, func(path string) bool {
		_, err := os.Stat(path)
		return err == nil
	})
}

func firstOf(dir string, names []string, fits func(path string) bool) string {
	for _, name := range names {
		if path := filepath.Join(dir, name); files.MayOpen(path) == nil && fits(path) {
			return path
		}
	}
	return ""
}

// variable looks in the environment, then in the .env files.
func (c composeSource) variable(ctx context.Context, name string) (string, error) {
	if value, ok := c.env[name]; ok {
		return value, nil
	}
	options, err := c.options(ctx, nil)
	if e, refused := files.Refused(err); refused {
		return "", e
	}
	if err != nil {
		return "", nil // compose itself reports what it cannot read, once there is a file for it
	}
	return options.Environment[name], nil
}

// explicitEnvFiles returns the files that COMPOSE_ENV_FILES names.
func (c composeSource) explicitEnvFiles() []string {
	var list []string
	for file := range strings.SplitSeq(c.env["COMPOSE_ENV_FILES"], ",") {
		if file = strings.TrimSpace(file); file != "" {
			list = append(list, absolute(c.root, file))
		}
	}
	return list
}

// envFiles returns the .env files of the folder where compose would be started and, if that differs, of the project's.
func (c composeSource) envFiles(list []string) []string {
	if explicit := c.explicitEnvFiles(); len(explicit) > 0 {
		return explicit
	}
	if off, _ := parseBool(c.env["COMPOSE_DISABLE_ENV_FILE"]); off {
		return nil
	}
	var found []string
	for _, dir := range []string{c.root, c.projectFolder(list)} {
		if file := firstFile(dir, []string{".env"}); file != "" && !slices.Contains(found, file) {
			found = append(found, file)
		}
	}
	return found
}

// projectFolder returns the folder of the first compose file, as for the compose command.
func (c composeSource) projectFolder(list []string) string {
	if len(list) == 0 {
		return c.root
	}
	return filepath.Dir(list[0])
}

// options prepares compose-go as the compose command does, from the given environment instead of the process's.
func (c composeSource) options(ctx context.Context, list []string) (*cli.ProjectOptions, error) {
	for _, file := range c.envFiles(list) {
		if err := readable(ctx, file); err != nil {
			return nil, err
		}
	}
	pairs := make([]string, 0, len(c.env))
	for name, value := range c.env {
		pairs = append(pairs, name+"="+value)
	}
	return cli.NewProjectOptions(list,
		cli.WithWorkingDirectory(c.projectFolder(list)),
		cli.WithEnv(pairs),
		func(o *cli.ProjectOptions) error { o.EnvFiles = c.envFiles(list); return nil },
		cli.WithDotEnv,
		cli.WithProfiles([]string{"*"}), // the service counts whether or not its profile is enabled
		cli.WithResolvedPaths(true),
		cli.WithoutEnvironmentResolution, // a missing env_file of another service does not concern us
		cli.WithoutLabelsResolution,
		cli.WithLoadOptions(c.filled.watch),
	)
}

// load reads the files. The second result is what compose-go warns of.
func (c composeSource) load(ctx context.Context, list []string) (*types.Project, []string, error) {
	var project *types.Project
	var err error
	warnings := captureWarnings(func() {
		var options *cli.ProjectOptions
		if options, err = c.options(ctx, list); err == nil {
			project, err = c.loadChecked(ctx, options)
		}
	})
	if e, refused := files.Refused(err); refused {
		return nil, nil, e
	}
	if err != nil {
		return nil, nil, c.explain(ctx, err, list)
	}
	return project, warnings, nil
}

// loadChecked skips compose's own check of files that passed it before. If the load fails without it, the files are
// checked after all, for the better error.
func (c composeSource) loadChecked(ctx context.Context, options *cli.ProjectOptions) (*types.Project, error) {
	guard := guarded(ctx, options.WorkingDir, options.ConfigPaths, options.Environment)
	if c.filled != nil {
		defer func() { c.filled.read = guard.read }()
	}
	mark := c.mark(ctx, options.ConfigPaths, options.Environment)
	if guard.refused == nil && mark.passed(ctx) {
		quick, err := c.options(ctx, options.ConfigPaths)
		if err == nil {
			err = cli.WithLoadOptions(loader.WithSkipValidation)(quick)
		}
		if err == nil {
			if project, err := guard.load(quick); err == nil {
				return project, nil
			}
		}
	}
	project, err := guard.load(options)
	if err == nil {
		mark.remember()
	}
	return project, err
}

// compose-go logs its warnings to the process's standard logger, which would write onto the terminal app's screen.
var logging sync.Mutex

type warningHook struct{ lines *[]string }

func (warningHook) Levels() []logrus.Level { return []logrus.Level{logrus.WarnLevel} }

func (h warningHook) Fire(entry *logrus.Entry) error {
	if strings.Contains(entry.Message, "is obsolete") {
		return nil // the key "version": compose says so itself, and it has no effect
	}
	*h.lines = append(*h.lines, "compose: "+visible.String(entry.Message))
	return nil
}

// captureWarnings runs f and returns what it logged, without printing any of it.
func captureWarnings(f func()) (lines []string) {
	logging.Lock()
	defer logging.Unlock()
	logger := logrus.StandardLogger()
	out, hooks := logger.Out, logger.Hooks
	logger.SetOutput(io.Discard)
	logger.ReplaceHooks(logrus.LevelHooks{logrus.WarnLevel: {warningHook{&lines}}})
	defer func() {
		logger.SetOutput(out)
		logger.ReplaceHooks(hooks)
	}()
	f()
	return lines
}
