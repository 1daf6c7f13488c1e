package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// module writes a module's files and returns its line of the list, for its package in a folder.
func module(t *testing.T, name, pkg string, files map[string]string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "m")
	for path, text := range files {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return name + "\tv1\t" + root + "\t" + filepath.Join(root, pkg) + "\n"
}

const (
	apache = "Apache License\r\n  Version 2.0, January 2004  \r\nthe terms\r\n"
	bsd    = "Copyright (c) some\nRedistribution and use in source and binary forms, with or\nwithout modification"
)

func TestEachLicenceComesAlongOnceUnderAllItsModules(t *testing.T) {
	list := module(t, "example.org/b", "in/ner", map[string]string{
		"LICENSE": apache, "NOTICE": "made by b", "license.go": "package b", "in/ner/b.go": "package ner", "in/LICENSE.txt": bsd, "beside/LICENSE": "for nobody",
	}) + module(t, "example.org/a", "", map[string]string{"LICENSE.md": strings.ReplaceAll(apache, "\r", "")}) +
		module(t, "github.com/mattn/go-localereader", "", map[string]string{"README.md": "# x\n\n## License\n\nMIT\n\n## Author"})
	text, err := thirdParty(strings.NewReader(list + list))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\n  example.org/a v1: Apache-2.0\n  example.org/b v1: Apache-2.0, BSD-2-Clause\n  github.com/mattn/go-localereader v1: MIT\n",
		"====\nexample.org/a v1\nexample.org/b v1\n====", "\nApache License\n  Version 2.0, January 2004\nthe terms\n",
		"====\nexample.org/b v1 (NOTICE)\n====", "\nmade by b\n", "====\nexample.org/b v1 (in/LICENSE.txt)\n====", bsd, "\nCopyright (c) Yasuhiro Matsumoto\n",
	} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is there %d times:\n%s", want, strings.Count(text, want), text)
		}
	}
	if strings.Contains(text, "for nobody") {
		t.Error("the licence of a package that is not linked came along")
	}
}

func TestWhatMayNotComeAlongIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"none":            {map[string]string{"README.md": "free"}, "example.org/x v1: no licence in "},
		"a notice only":   {map[string]string{"NOTICE": "made by x"}, "no licence in "},
		"only further in": {map[string]string{"in/LICENSE": bsd}, "no licence in "},
		"unknown":         {map[string]string{"LICENSE": "Ask me."}, "LICENSE: a licence that internal/release does not know"},
		"of GNU":          {map[string]string{"COPYING": "GNU GENERAL PUBLIC\nLICENSE ... Permission is hereby granted, free of charge, to any person obtaining a copy"}, "does not know"},
		"a second one":    {map[string]string{"LICENSE": bsd, "LICENSE-2": "GNU AFFERO GENERAL PUBLIC LICENSE"}, "LICENSE-2: a licence"},
	} {
		_, err := thirdParty(strings.NewReader(module(t, "example.org/x", ".", c.files)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, not %q", name, err, c.want)
		}
	}
	if _, err := thirdParty(strings.NewReader("example.org/x\tv1\t\t/x\n")); err == nil {
		t.Error("a module without a folder is taken")
	}
}

func TestTheLicencesOfAllThatIsLinkedAreThere(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("releases are built by shell scripts")
	}
	script := exec.Command("bash", "../../.ci/release-files", "licences")
	script.Stderr = os.Stderr
	out, err := script.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, os := range []string{"linux", "windows"} {
		for _, m := range linkedOn(t, os) {
			if !strings.Contains(string(out), "\n  "+m+": ") {
				t.Errorf("%s, which is linked on %s, has no licence", m, os)
			}
		}
	}
	for _, m := range []string{"std go", "github.com/brianvoe/gofakeit/v7 v"} {
		if !strings.Contains(string(out), "\n  "+m) {
			t.Errorf("%s… has no licence", m)
		}
	}
}

// linkedOn returns the modules that naap is linked with on a system, with their versions.
func linkedOn(t *testing.T, system string) []string {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "../../cmd/naap")
	list.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(modules)
	modules = slices.Compact(modules)
	if len(modules) < 50 {
		t.Fatalf("%s is linked with %d modules: %q", system, len(modules), modules)
	}
	return slices.DeleteFunc(modules, func(m string) bool { return m == "" })
}

// config is the part of .goreleaser.yaml that has to fit the repository.
type config struct {
	Builds []struct {
		ID, Main                 string
		Goos, Goarch, Env, Flags []string
		Ldflags                  []string
		ModTimestamp             string `yaml:"mod_timestamp"`
	}
	Archives []struct {
		ID    string
		Files []file
	}
	Nfpms []struct {
		Contents []file
	}
}

type file struct{ Src, Dst string }

func readConfig(t *testing.T) config {
	t.Helper()
	text, err := os.ReadFile("../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c config
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAReleaseIsBuiltForSixSystemsAndToldItsVersion(t *testing.T) {
	var systems []string
	for _, b := range readConfig(t).Builds {
		for _, os := range b.Goos {
			for _, arch := range b.Goarch {
				systems = append(systems, os+"/"+arch)
			}
		}
		flags := strings.Join(slices.Concat(b.Env, b.Flags, b.Ldflags), " ")
		for _, want := range []string{"CGO_ENABLED=0", "-trimpath", "-buildvcs=false", "-s -w"} {
			if !strings.Contains(flags, want) {
				t.Errorf("%s is built without %s: %s", b.ID, want, flags)
			}
		}
		var told []string
		for _, x := range regexp.MustCompile(`-X main\.(\w+)=\{\{`).FindAllStringSubmatch(flags, -1) {
			told = append(told, x[1])
		}
		if vars := linkerVariables(t); !slices.Equal(told, vars) {
			t.Errorf("%s tells the linker %q, and cmd/naap has %q", b.ID, told, vars)
		}
		if b.Main != "./cmd/naap" || b.ModTimestamp != "{{ .CommitTimestamp }}" {
			t.Errorf("%+v", b)
		}
	}
	want := []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}
	if !slices.Equal(systems, want) {
		t.Errorf("built for %q", systems)
	}
}

// linkerVariables returns the names of cmd/naap/version.go's first declaration of variables.
func linkerVariables(t *testing.T) []string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), "../../cmd/naap/version.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range tree.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, name := range d.Specs[0].(*ast.ValueSpec).Names {
				names = append(names, name.Name)
			}
			return names
		}
	}
	return nil
}

// A glob that matches nothing is no error for goreleaser.
func TestWhatAReleasePacksIsThereOrIsMade(t *testing.T) {
	script, err := os.ReadFile("../../.ci/release-files")
	if err != nil {
		t.Fatal(err)
	}
	c := readConfig(t)
	packed := slices.Clone(c.Nfpms[0].Contents)
	for _, a := range c.Archives {
		for _, f := range a.Files {
			if a.ID == "windows" && strings.Contains(f.Src, "man") {
				t.Errorf("the archive of Windows has %s", f.Src)
			}
		}
		for _, want := range []string{"LICENSE", "README.md", "CHANGELOG.md", "build/THIRD_PARTY_LICENSES.txt", "build/completions/*"} {
			if !slices.ContainsFunc(a.Files, func(f file) bool { return f.Src == want }) {
				t.Errorf("the archive %s has no %s", a.ID, want)
			}
		}
		packed = append(packed, a.Files...)
	}
	for _, f := range packed {
		made, isMade := strings.CutPrefix(f.Src, "build/")
		switch made = strings.TrimSuffix(filepath.Base(made), "*"); {
		case isMade && !strings.Contains(string(script), made):
			t.Errorf("%s is packed, and .ci/release-files does not make it", f.Src)
		case !isMade:
			if _, err := os.Stat("../../" + f.Src); err != nil {
				t.Error(err)
			}
		}
	}
}
