package engine

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// config is that of an instance in a workspace made of files, with a home of its own, where everything is allowed.
func config(t *testing.T, files map[string]string, env ...string) Config {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ws, err := workspace.Find(t.Context(), root, workspace.Options{Env: append([]string{"HOME=" + t.TempDir()}, env...)})
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Workspace: ws, Folder: t.TempDir(), Getenv: os.Getenv, Bin: func() string { return "" },
		Allowed: func(...trust.Kind) error { return nil }, MayConnect: func() error { return nil }, IsHeldSQL: func(string) bool { return false },
	}
}

func TestAPortThatAPersonChoseIsKept(t *testing.T) {
	compose := "services:\n  database:\n    container_name: naap-db\n    image: postgres:16\n    ports: [\"5432:5432\"]\n"
	for _, c := range []struct {
		what string
		last Last
		env  []string
		want bool
	}{
		{"nothing recorded", Last{}, nil, false},
		{"the compose file's port, at the last start as well", Last{Port: 5432}, nil, false},
		{"another port, which a person chose", Last{Port: 5440, Asked: true}, nil, true},
		{"another port, which the compose file had then", Last{Port: 5440}, nil, false},
		{"another instance: the compose file is not about it", Last{Port: 5440}, []string{"NAAP_INSTANCE=two"}, true},
		{"another port is chosen now", Last{Port: 5440, Asked: true}, []string{"NAAP_PORT=5441"}, false},
	} {
		set := &config(t, map[string]string{"docker-compose.yml": compose}, c.env...).Workspace.Settings
		if got := keepsPort(set, c.last); got != c.want {
			t.Errorf("%s: kept %v, want %v", c.what, got, c.want)
		}
	}
	plain := config(t, nil)
	if !keepsPort(&plain.Workspace.Settings, Last{Port: 5440}) {
		t.Error("without a compose file the last start's port is not kept")
	}
}

func TestTheFreeSpaceIsReadFromDf(t *testing.T) {
	const head = "Filesystem     1024-blocks  Used Available Capacity Mounted on\n"
	for text, want := range map[string]int64{
		head + "overlay           61255492 8 2048 1% /var/lib/postgresql/data\n": 2 << 20,
		head: -1, "": -1, head + "overlay 1 2 x 3% /\n": -1,
	} {
		got, ok := freeOf(text)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
