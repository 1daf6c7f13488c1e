package rules

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// kind is what sort of file it is, as far as the rules care.
type kind int

const (
	other kind = iota
	scriptFile
	prismaFile
	composeFile // any YAML that may hold services
	workflowFile
	dockerFile
	shellFile
	makeFile
	envFile
	manifestFile
	sqlFile
	unnamed // no extension: its first line decides
)

// templateSuffixes are what template engines and examples put behind a file's real name.
var templateSuffixes = []string{
	".hbs", ".handlebars", ".ejs", ".tmpl", ".tpl", ".template", ".mustache", ".liquid", ".njk", ".eta", ".example",
	".sample", ".dist", ".in", ".txt", ".bak", ".orig",
}

// innerName is a file's base name without the suffixes of templates and examples.
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
	isCompose    = regexp.MustCompile(`(?i)(^|[-_.])compose([-_.].*)?\.ya?ml$`)
	isDockerfile = regexp.MustCompile(`(?i)(^|[-_.])(dockerfile|containerfile)([-_.]|$)`)
)

// kindOf decides by the name.
func kindOf(file string) kind {
	base := innerName(file)
	if base == ".env" || strings.HasPrefix(base, ".env.") || strings.HasSuffix(base, ".env") || path.Base(file) == "env.example" {
		return envFile
	}
	if isDockerfile.MatchString(base) && !strings.HasSuffix(base, ".md") && !strings.HasSuffix(base, ".ts") && !strings.HasSuffix(base, ".js") {
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
			return workflowFile // YAML reads it, once its comments are gone
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
	return other
}

// skippedFolders hold what is vendored, built or generated, wherever they stand and whether or not git ignores them.
var skippedFolders = map[string]bool{
	".git": true, ".hg": true, ".svn": true, "node_modules": true, "bower_components": true, "vendor": true,
	"dist": true, ".next": true, ".nuxt": true, ".turbo": true, ".nx": true, ".cache": true, ".vercel": true,
	".output": true, ".svelte-kit": true, ".parcel-cache": true, "coverage": true, "storybook-static": true,
	".yarn": true, ".pnpm-store": true, "__pycache__": true, ".venv": true,
}

// sourceNames are those of the skipped folders that source code has too: a page about coverage, a vendor's screens.
var sourceNames = map[string]bool{"vendor": true, "dist": true, "coverage": true}

// isSkipped tells whether a folder is passed over. Below src, what git does not ignore is source.
func isSkipped(folder string) bool {
	name := path.Base(folder)
	return skippedFolders[name] && !(sourceNames[name] && strings.Contains("/"+folder, "/src/"))
}

// isTools reports whether a folder is a version control's own, in which no program looks for source.
func isTools(name string) bool { return name == ".git" || name == ".hg" || name == ".svn" }

// generatedFolders hold generated code. They are looked into only for what must not be there: a client.
var generatedFolders = map[string]bool{"generated": true, "__generated__": true, ".prisma": true}

// isTest tells whether a script is a test or its fixture: what it names as a database is made up.
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

// isExample tells whether a file is a template of a file that a person fills in.
func isExample(file string) bool {
	base := strings.ToLower(path.Base(file))
	return strings.Contains(base, "example") || strings.Contains(base, "sample") || strings.Contains(base, "template") ||
		strings.Contains(base, ".dist")
}

// isProduction tells whether a file's name, or that of a folder above it, says that it is not for a developer's machine.
func isProduction(file string) bool {
	file = strings.ToLower(file)
	return productionName.MatchString(path.Base(file)) || slices.ContainsFunc(strings.Split(path.Dir(file), "/"), productionFolder.MatchString)
}

// A folder called preview or vercel may be a program's part, so that fewer names count for folders.
var (
	productionName   = regexp.MustCompile(`(^|[-_.])(prod|production|staging|stage|preview|vercel)([-_.]|$)`)
	productionFolder = regexp.MustCompile(`^(prod|production|staging)$`)
)
