package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/dotenv"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/lazy"
)

// kind is what sort of file a file is, as far as the rules need it.
type kind int

const (
	other kind = iota
	scriptFile
	prismaFile
	composeFile // any YAML file that may define services
	workflowFile
	dockerFile
	shellFile
	makeFile
	envFile
	manifestFile
	sqlFile
	textFile // a document, settings, or code in another language: only what its text says counts
	unnamed  // no extension: its first line decides
)

// templateSuffixes are what template engines and examples append to a file's real name.
var templateSuffixes = []string{
	".hbs", ".handlebars", ".ejs", ".tmpl", ".tpl", ".template", ".mustache", ".liquid", ".njk", ".eta", ".example",
	".sample", ".dist", ".in", ".txt", ".bak", ".orig", ".t",
}

// innerName returns a file's base name without the suffixes of templates and examples.
func innerName(file string) string {
	base := path.Base(file)
	for again := true; again; {
		again = false
		for _, s := range templateSuffixes {
			if inner, ok := strings.CutSuffix(base, s); ok && inner != "" {
				base, again = inner, true
			}
		}
	}
	return base
}

var (
	isCompose    = lazy.Regexp{Text: `(?i)(^|[-_.])compose([-_.].*)?\.ya?ml$`}
	isDockerfile = lazy.Regexp{Text: `(?i)(^|[-_.])(dockerfile|containerfile)([-_.]|$)`}
)

// kindOf returns the kind that a file's name shows.
func kindOf(file string) kind {
	base := innerName(file)
	if base == ".env" || strings.HasPrefix(base, ".env.") || strings.HasSuffix(base, ".env") || path.Base(file) == "env.example" {
		return envFile
	}
	if isDockerfile.Get().MatchString(base) && !strings.HasSuffix(base, ".md") && !strings.HasSuffix(base, ".ts") && !strings.HasSuffix(base, ".js") {
		return dockerFile
	}
	switch path.Ext(base) {
	case ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs":
		if strings.HasSuffix(base, ".min.js") {
			return other
		}
		return scriptFile
	case ".prisma":
		return prismaFile
	case ".yml", ".yaml":
		if strings.Contains("/"+file, "/.github/workflows/") || strings.Contains("/"+file, "/.github/actions/") || base == ".gitlab-ci.yml" || strings.HasSuffix(file, ".circleci/config.yml") {
			return workflowFile
		}
		return composeFile
	case ".sh", ".bash", ".zsh", ".ksh":
		return shellFile
	case ".json":
		if base == "package.json" {
			return manifestFile
		}
		if base == "devcontainer.json" || base == ".devcontainer.json" {
			return workflowFile // it can be read as YAML, once its comments are removed
		}
		if !isLock[base] {
			return textFile
		}
	case ".sql":
		return sqlFile
	case ".mk":
		return makeFile
	case "":
		if base == "Makefile" || base == "makefile" || base == "GNUmakefile" {
			return makeFile
		}
		return unnamed
	}
	if textEndings[path.Ext(base)] {
		return textFile
	}
	return other
}

// textEndings are those of files that people write settings and instructions into, and of code that no rule parses.
var textEndings = map[string]bool{
	".md": true, ".mdx": true, ".markdown": true, ".adoc": true, ".rst": true, ".jsonc": true, ".json5": true, ".toml": true,
	".ini": true, ".cfg": true, ".conf": true, ".properties": true, ".tf": true, ".tfvars": true, ".py": true, ".go": true,
	".rb": true, ".http": true, ".fish": true, ".ps1": true, ".bat": true, ".cmd": true, ".service": true, ".vue": true,
}

// isLock are the lists of packages that tools write; they are large and hold nothing else.
var isLock = map[string]bool{"package-lock.json": true, "npm-shrinkwrap.json": true, "composer.lock": true}

// isMarkdown reports whether a file is a document in Markdown.
func isMarkdown(file string) bool {
	ending := path.Ext(file)
	return ending == ".md" || ending == ".mdx" || ending == ".markdown"
}

// sourceNames are names of skipped folders that source code uses too: a page about coverage, a vendor's screens.
var sourceNames = map[string]bool{"vendor": true, "dist": true, "coverage": true}

// isSkipped reports whether a folder is skipped. Below src, what git does not ignore is source.
func isSkipped(folder string) bool {
	name := path.Base(folder)
	return files.IsInstalled(name) && !(sourceNames[name] && strings.Contains("/"+folder, "/src/"))
}

// isTools reports whether a folder belongs to a version control system, where no program looks for source.
func isTools(name string) bool { return name == ".git" || name == ".hg" || name == ".svn" }

// generatedFolders contain generated code. They are searched only for what must not be there: a client.
var generatedFolders = map[string]bool{"generated": true, "__generated__": true, ".prisma": true}

// isTest reports whether a script is a test or its fixture, where names of databases are made up.
func isTest(file string) bool {
	base := path.Base(file)
	for _, mark := range []string{".test.", ".spec.", ".stories.", "vitest.", "jest.", "playwright."} {
		if strings.Contains(base, mark) {
			return true
		}
	}
	return slices.ContainsFunc([]string{"__tests__", "__mocks__", "tests", "test", "e2e", "fixtures"}, func(dir string) bool {
		return strings.Contains("/"+file, "/"+dir+"/")
	})
}

// isExample reports whether a file is a template of a file that the user fills in.
func isExample(file string) bool { return dotenv.IsTemplate(file) }

// isProduction reports whether the name of a file, or of a folder above it, says that it is not for a developer's
// machine.
func isProduction(file string) bool {
	file = strings.ToLower(file)
	return dotenv.IsProduction(file) || slices.ContainsFunc(strings.Split(path.Dir(file), "/"), productionFolder.Get().MatchString)
}

// A folder called preview or vercel may be part of a program, so fewer names count for folders.
var productionFolder = lazy.Regexp{Text: `^(prod|production|staging)$`}
