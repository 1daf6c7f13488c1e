package workspace

import (
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

	"github.com/livepeer/naap-dev/internal/visible"
)

// composeSource is where compose files are looked for.
type composeSource struct {
	cache string      // folder that remembers which files passed compose's schema; "" for none
	root  string      // the workspace's root
	env   environment // the process's; the .env file fills in what it lacks
	files []string    // absolute, from settings; none for what docker compose would read
}

// paths are the files that docker compose would read in root, in its order: those that are set, COMPOSE_FILE's (which
// may be in .env), else the first of the default names with its override. None where there are no such files.
func (c composeSource) paths() []string {
	if len(c.files) > 0 {
		return c.files
	}
	if list := c.variable("COMPOSE_FILE"); list != "" {
		separator := c.variable("COMPOSE_PATH_SEPARATOR")
		if separator == "" {
			separator = string(os.PathListSeparator)
		}
		var paths []string
		for file := range strings.SplitSeq(list, separator) {
			if file != "" {
				paths = append(paths, absolute(c.root, file))
			}
		}
		return paths
	}
	main := firstFile(c.root, cli.DefaultFileNames)
	if main == "" {
		return nil
	}
	if override := firstFile(c.root, cli.DefaultOverrideFileNames); override != "" {
		return []string{main, override}
	}
	return []string{main}
}

func firstFile(dir string, names []string) string {
	for _, name := range names {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	return ""
}

// variable looks in the environment, then in the .env files.
func (c composeSource) variable(name string) string {
	if value, ok := c.env[name]; ok {
		return value
	}
	options, err := c.options(nil)
	if err != nil {
		return ""
	}
	return options.Environment[name]
}

// explicitEnvFiles are those that COMPOSE_ENV_FILES names.
func (c composeSource) explicitEnvFiles() []string {
	var files []string
	for file := range strings.SplitSeq(c.env["COMPOSE_ENV_FILES"], ",") {
		if file = strings.TrimSpace(file); file != "" {
			files = append(files, absolute(c.root, file))
		}
	}
	return files
}

// envFiles are the .env files of the folder where compose would be started and of the project's, where these differ.
func (c composeSource) envFiles(files []string) []string {
	if files := c.explicitEnvFiles(); len(files) > 0 {
		return files
	}
	if off, _ := parseBool(c.env["COMPOSE_DISABLE_ENV_FILE"]); off {
		return nil
	}
	var found []string
	for _, dir := range []string{c.root, c.projectFolder(files)} {
		if file := firstFile(dir, []string{".env"}); file != "" && !slices.Contains(found, file) {
			found = append(found, file)
		}
	}
	return found
}

// projectFolder is the folder of the first compose file, as for the compose command.
func (c composeSource) projectFolder(files []string) string {
	if len(files) == 0 {
		return c.root
	}
	return filepath.Dir(files[0])
}

// options prepares compose-go as the compose command does, from the given environment instead of the process's.
func (c composeSource) options(files []string) (*cli.ProjectOptions, error) {
	pairs := make([]string, 0, len(c.env))
	for name, value := range c.env {
		pairs = append(pairs, name+"="+value)
	}
	return cli.NewProjectOptions(files,
		cli.WithWorkingDirectory(c.projectFolder(files)),
		cli.WithEnv(pairs),
		func(o *cli.ProjectOptions) error { o.EnvFiles = c.envFiles(files); return nil },
		cli.WithDotEnv,
		cli.WithProfiles([]string{"*"}), // the service counts whether or not its profile is on
		cli.WithResolvedPaths(true),
		cli.WithoutEnvironmentResolution, // another service's missing env_file is no concern of ours
		cli.WithoutLabelsResolution,
	)
}

// load reads the files. The second value is what compose-go warns of.
func (c composeSource) load(ctx context.Context, files []string) (*types.Project, []string, error) {
	var project *types.Project
	var err error
	warnings := captureWarnings(func() {
		var options *cli.ProjectOptions
		if options, err = c.options(files); err == nil {
			project, err = c.loadChecked(ctx, options)
		}
	})
	if err != nil {
		return nil, nil, c.explain(err, files)
	}
	return project, warnings, nil
}

// loadChecked leaves out compose's own check of files that passed it before. What fails without is checked after all,
// for the better error.
func (c composeSource) loadChecked(ctx context.Context, options *cli.ProjectOptions) (*types.Project, error) {
	mark := c.mark(options.ConfigPaths, options.Environment)
	if mark.passed() {
		quick, err := c.options(options.ConfigPaths)
		if err == nil {
			err = cli.WithLoadOptions(loader.WithSkipValidation)(quick)
		}
		if err == nil {
			if project, err := quick.LoadProject(ctx); err == nil {
				return project, nil
			}
		}
	}
	project, err := options.LoadProject(ctx)
	if err == nil {
		mark.remember()
	}
	return project, err
}

// compose-go logs its warnings to the process's standard logger, which would write into the terminal app's screen.
var logging sync.Mutex

type warningHook struct{ lines *[]string }

func (warningHook) Levels() []logrus.Level { return []logrus.Level{logrus.WarnLevel} }

func (h warningHook) Fire(entry *logrus.Entry) error {
	if strings.Contains(entry.Message, "is obsolete") {
		return nil // the key "version": compose says so itself, and nothing follows from it
	}
	*h.lines = append(*h.lines, "compose: "+visible.String(entry.Message))
	return nil
}

// captureWarnings runs f and returns what it logged, none of which is printed.
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
