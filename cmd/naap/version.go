package main

import (
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// The linker sets these for a release, as .goreleaser.yaml says: "0.1.0", the commit's 40 digits, and the commit's time
// in RFC 3339. Where it did not, what the go command recorded about the build is used.
var version, commit, date string

type versionDocument struct {
	Version   int    `json:"version"`
	Naap      string `json:"naap"`
	Build     string `json:"build"`
	Commit    string `json:"commit,omitempty"`
	Date      string `json:"date,omitempty"`     // the commit's, RFC 3339 in UTC
	Modified  bool   `json:"modified,omitempty"` // the checkout had changes that were not committed
	Go        string `json:"go"`
	OS        string `json:"os"`
	Arch      string `json:"arch"`
	DockerAPI string `json:"docker_api_min"`
}

// What a program was built from.
const (
	fromRelease  = "release"  // by .goreleaser.yaml
	fromModule   = "module"   // a version that the go command fetched: go install …@v0.1.0
	fromCheckout = "checkout" // go build or go install in a clone
	fromUnknown  = "unknown"  // go run, go build -buildvcs=false, or a copy without its history
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print naap's version, its commit and what it was built from",
		Example: "  naap version           as a line\n" +
			"  naap version --json    as a document",
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return a.tellVersion() },
	}
}

// tellVersion is what `naap version` and `naap --version` print.
func (a *app) tellVersion() error {
	doc := buildVersion()
	return a.answer(doc, func() { a.say("%s", doc) })
}

func buildVersion() versionDocument {
	info, _ := debug.ReadBuildInfo()
	if version != "" {
		return onThisMachine(versionDocument{Naap: version, Build: fromRelease, Commit: commit, Date: date})
	}
	return onThisMachine(recordedVersion(info))
}

func onThisMachine(doc versionDocument) versionDocument {
	doc.Version, doc.DockerAPI = 1, "1.41"
	doc.Go, doc.OS, doc.Arch = runtime.Version(), runtime.GOOS, runtime.GOARCH
	return doc
}

// pseudoVersion matches the end of a version that the go command made from a commit without a tag: the commit's time and
// its first twelve digits. See https://go.dev/ref/mod#pseudo-versions.
var pseudoVersion = lazy.Regexp{Text: `[-.](\d{14})-([0-9a-f]{12})(\+\w+)?$`}

// recordedVersion returns what the go command recorded about a build, which may be nil.
func recordedVersion(info *debug.BuildInfo) versionDocument {
	doc := versionDocument{Naap: "devel", Build: fromUnknown}
	if info == nil {
		return doc
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		doc.Naap = strings.TrimPrefix(v, "v")
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			doc.Build, doc.Commit = fromCheckout, s.Value
		case "vcs.time":
			doc.Date = s.Value
		case "vcs.modified":
			doc.Modified = s.Value == "true"
		}
	}
	if info.Main.Sum != "" { // only a module that was fetched has one
		doc.Build = fromModule
		if parts := pseudoVersion.Get().FindStringSubmatch(info.Main.Version); parts != nil {
			doc.Commit = parts[2]
			if at, err := time.Parse("20060102150405", parts[1]); err == nil {
				doc.Date = at.Format(time.RFC3339)
			}
		}
	}
	return doc
}

// String returns the version as a line: naap 0.1.0 (commit 1a2b3c4d5e6f, 2026-11-28; go1.26.8, linux/amd64).
func (d versionDocument) String() string {
	var built []string
	switch {
	case d.Commit != "":
		built = append(built, "commit "+d.Commit[:min(12, len(d.Commit))])
	case d.Build == fromModule:
		built = append(built, "a Go module")
	default:
		built = append(built, "built without its commit")
	}
	if d.Modified {
		built[0] += " with uncommitted changes"
	}
	if day, _, isTime := strings.Cut(d.Date, "T"); isTime {
		built = append(built, day)
	}
	return "naap " + d.Naap + " (" + strings.Join(built, ", ") + "; " + d.Go + ", " + d.OS + "/" + d.Arch + ")"
}
