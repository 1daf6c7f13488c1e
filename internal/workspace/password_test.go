package workspace

import (
	"os"
	"path/filepath"
	"testing"
)

func findWith(t *testing.T, home string, files map[string]string, env ...string) *Workspace {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w, err := Find(t.Context(), dir, Options{Env: append([]string{"HOME=" + home}, env...)})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

const composeRandom = `
services:
  db:
    image: postgres:16
    container_name: naap-db
    environment:
      POSTGRES_PASSWORD: random
`

func TestTheWordRandomIsAPasswordInAComposeFileOnly(t *testing.T) {
	home := t.TempDir()
	for name, c := range map[string]struct {
		files    map[string]string
		env      []string
		password string
		random   bool
	}{
		"compose":                {map[string]string{"compose.yaml": composeRandom}, nil, "random", false},
		"naap.toml":              {map[string]string{"naap.toml": `password = "random"`}, nil, "postgres", true},
		"naap.toml over compose": {map[string]string{"naap.toml": `password = "random"`, "compose.yaml": composeRandom}, nil, "random", true},
		"variable":               {nil, []string{"NAAP_PASSWORD=random"}, "postgres", true},
		"another word":           {map[string]string{"naap.toml": `password = "Random"`}, nil, "Random", false},
	} {
		s := findWith(t, home, c.files, c.env...).Settings
		if s.Password != c.password || s.PasswordIs.Random != c.random || s.PasswordIs.Plain != c.password {
			t.Errorf("%s: %q, %+v", name, s.Password, s.PasswordIs)
		}
	}
}

func TestTheKeptPasswordIsTheOwnersAndWinsOverFiles(t *testing.T) {
	home := t.TempDir()
	w := findWith(t, home, nil)
	if err := w.Folders.WritePassword("naap", KeptPassword{User: "postgres", Password: "kept", Next: "next"}); err != nil {
		t.Fatal(err)
	}
	path := w.Folders.passwordFile("naap")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	for name, c := range map[string]struct {
		files    map[string]string
		env      []string
		password string
	}{
		"nothing set":      {nil, nil, "kept"},
		"a file":           {map[string]string{"naap.toml": `password = "other"`}, nil, "kept"},
		"the word":         {nil, []string{"NAAP_PASSWORD=random"}, "kept"},
		"a variable":       {nil, []string{"NAAP_PASSWORD=given"}, "given"},
		"another role":     {nil, []string{"NAAP_USER=app"}, "postgres"},
		"another instance": {nil, []string{"NAAP_INSTANCE=b"}, "postgres"},
		"a server by URL":  {nil, []string{"NAAP_DATABASE_URL=postgresql://h/d"}, "postgres"},
	} {
		s := findWith(t, home, c.files, c.env...).Settings
		if s.Password != c.password || (s.PasswordIs.Next == "next") != (c.password == "kept") {
			t.Errorf("%s: %q, %+v", name, s.Password, s.PasswordIs)
		}
	}
	if err := w.Folders.WritePassword("naap", KeptPassword{User: "postgres"}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("what keeps nothing is still there: %v", err)
	}
}
