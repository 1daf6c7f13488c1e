package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const docs = "../../docs/naap.toml.md"

func TestDocumentationNamesEverySetting(t *testing.T) {
	data, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if !strings.Contains(string(data), "`"+k.Name+"`") {
			t.Errorf("%s says nothing of %s", docs, k.Name)
		}
	}
	for _, table := range tables {
		if !strings.Contains(string(data), "`"+table+"`") {
			t.Errorf("%s says nothing of %s", docs, table)
		}
	}
}

func TestDocumentationsExampleIsAccepted(t *testing.T) {
	data, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "```toml\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("there is no example")
	}
	path := filepath.Join(t.TempDir(), SettingsFileName)
	write(t, path, example)
	file, err := readSettingsFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "port", file.values["port"].text, "5433")
	equal(t, "exceptions", len(file.free.Check.Allow), 1)
}
