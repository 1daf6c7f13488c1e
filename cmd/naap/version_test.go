package main

import (
	"runtime/debug"
	"testing"
)

func TestTheVersionSaysWhatTheProgramWasBuiltFrom(t *testing.T) {
	const full = "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d"
	vcs := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: full}, {Key: "vcs.time", Value: "2026-11-28T15:17:08Z"}, {Key: "vcs.modified", Value: modified}}
	}
	for name, c := range map[string]struct {
		info *debug.BuildInfo
		doc  versionDocument
		line string
	}{
		"go build at a tag": {
			&debug.BuildInfo{Main: debug.Module{Version: "v0.2.0"}, Settings: vcs("false")},
			versionDocument{Naap: "0.2.0", Build: fromCheckout, Commit: full, Date: "2026-11-28T15:17:08Z"},
			"naap 0.2.0 (commit 1a2b3c4d5e6f, 2026-11-28; go1, here/cpu)",
		},
		"go build after an edit": {
			&debug.BuildInfo{Main: debug.Module{Version: "v0.2.1-0.20261128151708-1a2b3c4d5e6f+dirty"}, Settings: vcs("true")},
			versionDocument{Naap: "0.2.1-0.20261128151708-1a2b3c4d5e6f+dirty", Build: fromCheckout, Commit: full, Date: "2026-11-28T15:17:08Z", Modified: true},
			"naap 0.2.1-0.20261128151708-1a2b3c4d5e6f+dirty (commit 1a2b3c4d5e6f with uncommitted changes, 2026-11-28; go1, here/cpu)",
		},
		"go install of a release": {
			&debug.BuildInfo{Main: debug.Module{Version: "v0.2.0", Sum: "h1:x"}},
			versionDocument{Naap: "0.2.0", Build: fromModule},
			"naap 0.2.0 (a Go module; go1, here/cpu)",
		},
		"go install of a commit": {
			&debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20261128151708-1a2b3c4d5e6f", Sum: "h1:x"}},
			versionDocument{Naap: "0.0.0-20261128151708-1a2b3c4d5e6f", Build: fromModule, Commit: "1a2b3c4d5e6f", Date: "2026-11-28T15:17:08Z"},
			"naap 0.0.0-20261128151708-1a2b3c4d5e6f (commit 1a2b3c4d5e6f, 2026-11-28; go1, here/cpu)",
		},
		"go run": {
			&debug.BuildInfo{Main: debug.Module{Version: "(devel)"}},
			versionDocument{Naap: "devel", Build: fromUnknown},
			"naap devel (built without its commit; go1, here/cpu)",
		},
		"nothing recorded": {nil, versionDocument{Naap: "devel", Build: fromUnknown}, "naap devel (built without its commit; go1, here/cpu)"},
	} {
		got := recordedVersion(c.info)
		if got != c.doc {
			t.Errorf("%s: %+v, not %+v", name, got, c.doc)
		}
		got.Go, got.OS, got.Arch = "go1", "here", "cpu"
		if got.String() != c.line {
			t.Errorf("%s: %s, not\n%s", name, got, c.line)
		}
	}
}

func TestAReleaseTellsWhatTheLinkerWasTold(t *testing.T) {
	defer func(v, c, d string) { version, commit, date = v, c, d }(version, commit, date)
	version, commit, date = "0.2.0", "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d", "2026-11-28T15:17:08Z"
	doc := buildVersion()
	if doc.Build != fromRelease || doc.Naap != version || doc.Commit != commit || doc.Date != date || doc.Version != 1 || doc.Go == "" {
		t.Errorf("%+v", doc)
	}
}
