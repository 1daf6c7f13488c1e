package workspace

import (
	"cmp"
	"context"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sirupsen/logrus"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace/composefile"
)

// composeSource is where compose files are looked for.
type composeSource struct {
	root  string      // the workspace's root
	env   environment // the process's; the .env file supplies what it lacks
	files []string    // absolute, from settings; empty for those that docker compose would read

	filled *filled // records what a load reads and fills in; nil for no recording
}

// composeNames and overrideNames are what docker compose looks for, in its order.
var (
	composeNames  = []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
	overrideNames = []string{"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"}
)

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
	main := firstThere(c.root, composeNames)
	if main == "" {
		return nil, nil
	}
	if override := firstThere(c.root, overrideNames); override != "" {
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
	variables, err := c.variables(ctx, nil)
	if e, refused := files.Refused(err); refused {
		return "", e
	}
	if err != nil {
		return "", nil // compose itself reports what it cannot read, once there is a file for it
	}
	return variables[name], nil
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

// variables returns those that compose files are filled in with, as the compose command has them, from the given
// environment instead of the process's.
func (c composeSource) variables(ctx context.Context, list []string) (types.Mapping, error) {
	found := c.envFiles(list)
	for _, file := range found {
		if err := readable(ctx, file); err != nil {
			return nil, err
		}
	}
	all := types.Mapping(maps.Clone(c.env))
	if all == nil {
		all = types.Mapping{}
	}
	read, err := dotenv.GetEnvFromFile(all, found)
	if err != nil {
		return nil, err
	}
	return all.Merge(read), nil
}

// load reads the files. The second result is what compose-go warns of.
func (c composeSource) load(ctx context.Context, list []string) (*types.Project, []string, error) {
	var project *types.Project
	var err error
	warnings := captureWarnings(func() {
		var variables types.Mapping
		if variables, err = c.variables(ctx, list); err == nil {
			project, err = c.loadBounded(ctx, list, variables)
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

func (c composeSource) loadBounded(ctx context.Context, list []string, variables types.Mapping) (*types.Project, error) {
	folder, err := filepath.Abs(c.projectFolder(list))
	if err != nil {
		return nil, err
	}
	reader := &composeReader{ctx: ctx}
	options := composefile.Options{Files: list, Dir: folder, Environment: variables, Read: reader.read, Substitute: c.filled.substitute}
	project, err := files.Await(ctx, func() (*types.Project, error) { return composefile.Load(options) })
	if err == nil && c.filled != nil {
		c.filled.read = reader.paths
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
