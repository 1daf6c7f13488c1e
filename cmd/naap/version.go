package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker for a release; otherwise the module's version or the commit is used.
var version = ""

type versionDocument struct {
	Version   int    `json:"version"`
	Naap      string `json:"naap"`
	Commit    string `json:"commit,omitempty"`
	Go        string `json:"go"`
	OS        string `json:"os"`
	Arch      string `json:"arch"`
	DockerAPI string `json:"docker_api_min"`
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print naap's version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			doc := buildVersion()
			return a.answer(doc, func() { a.say("naap %s (%s, %s/%s)", doc.Naap, doc.Go, doc.OS, doc.Arch) })
		},
	}
}

func buildVersion() versionDocument {
	doc := versionDocument{Version: 1, Naap: version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, DockerAPI: "1.41"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return doc
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			doc.Commit = s.Value
		}
	}
	if doc.Naap == "" {
		doc.Naap = info.Main.Version
	}
	if doc.Naap == "" || doc.Naap == "(devel)" {
		doc.Naap = "devel"
	}
	return doc
}
