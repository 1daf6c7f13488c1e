package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// reachOf returns the lines of what a workspace with these files reaches, with OUTSIDE and ROOT for the folders.
func reachOf(t *testing.T, files map[string]string, more ...string) string {
	t.Helper()
	root, outside := filepath.Join(t.TempDir(), "shop"), t.TempDir()
	for name, text := range files {
		at := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		text = strings.ReplaceAll(text, "OUTSIDE", outside)
		if target, link := strings.CutPrefix(text, "-> "); link {
			if err := os.Symlink(target, at); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"key", "other.env", ".env", "service.yaml"} {
		text := map[string]string{"service.yaml": "services:\n  base:\n    image: x\n    environment:\n      A: b\n", "key": "one\ntwo\n"}[name]
		if err := os.WriteFile(filepath.Join(outside, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HOME", outside)
	for i := range more {
		more[i] = strings.ReplaceAll(more[i], "OUTSIDE", outside)
	}
	w, err := Find(t.Context(), root, Options{Env: append([]string{"HOME=" + outside}, more...)})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, item := range w.reachItems() {
		lines = append(lines, string(item.Kind)+" "+item.Line())
		if item.Where == "" {
			t.Errorf("it is not said where %q stands", item.Line())
		}
	}
	return strings.NewReplacer(outside, "OUTSIDE", root, "ROOT").Replace(strings.Join(lines, "\n"))
}

const service = "services:\n  database:\n    image: postgres:16\n    container_name: naap-db\n"

func TestWhatReachesOutOfTheWorkspaceIsNamed(t *testing.T) {
	mounts := func(lines ...string) map[string]string {
		return map[string]string{"compose.yaml": service + "    volumes:\n      - " + strings.Join(lines, "\n      - ") + "\n"}
	}
	with := func(files map[string]string, name, text string) map[string]string {
		files[name] = text
		return files
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  string // "" for nothing
	}{
		"the root of the disk":              {mounts("/:/host"), "/ (outside of the workspace), at /host, to be read and written"},
		"the Docker engine":                 {mounts("/var/run/docker.sock:/var/run/docker.sock:ro"), "docker.sock"},
		"the home folder":                   {mounts("~/:/home"), "OUTSIDE (outside of the workspace), at /home"},
		"the home folder, by a variable":    {mounts("${HOME}/.ssh:/ssh:ro"), "OUTSIDE/.ssh (outside of the workspace), at /ssh, to be read"},
		"a relative way out":                {mounts("../..:/up"), "(outside of the workspace), at /up"},
		"the long form":                     {mounts("type: bind\n        source: ../../etc\n        target: /x\n        read_only: true"), "at /x, to be read"},
		"a link":                            {with(mounts("./data:/x"), "data", "-> OUTSIDE"), "ROOT/data (which leads to OUTSIDE, outside of the workspace)"},
		"a new folder behind a link":        {with(mounts("./data/new/x:/x"), "data", "-> OUTSIDE"), "ROOT/data/new/x (which leads to OUTSIDE/new/x, outside of the workspace)"},
		"the data behind a link":            {with(mounts("./data/new:/var/lib/postgresql/data"), "data", "-> OUTSIDE"), "(which leads to OUTSIDE/new, outside of the workspace)"},
		"a link to nothing":                 {with(mounts("./data:/x"), "data", "-> OUTSIDE/none"), "ROOT/data (which leads to OUTSIDE/none, outside of the workspace)"},
		"scripts of the first start":        {mounts("../../init:/docker-entrypoint-initdb.d"), "at /docker-entrypoint-initdb.d"},
		"the repository, with its hooks":    {with(mounts(".:/src"), ".git/HEAD", "ref: x\n"), "ROOT (with the repository's own .git), at /src"},
		"the hooks alone":                   {with(mounts("./.git/hooks:/h"), ".git/hooks/x", ""), "ROOT/.git/hooks (with the repository's own .git)"},
		"the data in a folder outside":      {mounts("../data:/var/lib/postgresql/data"), "volume place of the data of the database's files: folder"},
		"the data by naap.toml":             {map[string]string{"naap.toml": "volume = \"OUTSIDE\"\n"}, "folder OUTSIDE (outside of the workspace), which is given to the server's user"},
		"another's volume by naap.toml":     {map[string]string{"naap.toml": "volume = \"bank_pgdata\"\n"}, "volume bank_pgdata, which may be another project's"},
		"an external volume":                {map[string]string{"compose.yaml": mounts("pg:/var/lib/postgresql/data")["compose.yaml"] + "volumes:\n  pg:\n    external: true\n    name: bank_pgdata\n"}, "volume bank_pgdata, which may be another project's"},
		"a volume of another name":          {map[string]string{"compose.yaml": mounts("pg:/var/lib/postgresql/data")["compose.yaml"] + "volumes:\n  pg:\n    name: bank_pgdata\n"}, "volume bank_pgdata, which may be another project's"},
		"a volume that is a folder":         {map[string]string{"compose.yaml": mounts("pg:/x")["compose.yaml"] + "volumes:\n  pg:\n    driver_opts: {type: none, o: bind, device: /etc}\n"}, "volume shop_pg, which is device=/etc o=bind type=none, at /x"},
		"data in a volume that is one":      {map[string]string{"compose.yaml": mounts("pg:/var/lib/postgresql/data")["compose.yaml"] + "volumes:\n  pg:\n    driver_opts: {type: none, o: bind, device: /etc}\n"}, "volume shop_pg, which is device=/etc"},
		"a driver":                          {map[string]string{"compose.yaml": mounts("pg:/x")["compose.yaml"] + "volumes:\n  pg:\n    driver: sshfs\n"}, "by the driver sshfs"},
		"variables of a file outside":       {map[string]string{"compose.yaml": service + "    env_file: OUTSIDE/other.env\n"}, "OUTSIDE/other.env (outside of the workspace), which is read for the container"},
		"variables of a link":               {with(map[string]string{"compose.yaml": service + "    env_file: a.env\n"}, "a.env", "-> OUTSIDE/other.env"), "ROOT/a.env (which leads to OUTSIDE/other.env"},
		"compose's own .env, linked":        {with(map[string]string{"compose.yaml": service}, ".env", "-> OUTSIDE/other.env"), "ROOT/.env (which leads to"},
		"a service that extends another":    {map[string]string{"compose.yaml": service + "    extends:\n      file: OUTSIDE/service.yaml\n      service: base\n"}, "OUTSIDE/service.yaml (outside"},
		"a file that includes another":      {map[string]string{"compose.yaml": "include:\n  - OUTSIDE/service.yaml\n" + service}, "OUTSIDE/service.yaml (outside"},
		"an included file, by a variable":   {map[string]string{"compose.yaml": "include:\n  - ${HOME}/service.yaml\n" + service}, "OUTSIDE/service.yaml (outside"},
		"an extended service by a variable": {map[string]string{"compose.yaml": service + "    extends:\n      file: ${HOME}/service.yaml\n      service: base\n"}, "OUTSIDE/service.yaml (outside"},
		"variables of what is included":     {map[string]string{"compose.yaml": "include:\n  - path: a.yaml\n    env_file: ${HOME}/other.env\n", "naap.toml": "", "a.yaml": service + "    environment: {A: \"${KEY}\"}\n"}, "OUTSIDE/other.env (outside"},
		"another project's folder":          {map[string]string{"compose.yaml": "include:\n  - path: a.yaml\n    project_directory: ${HOME}\n", "naap.toml": "", "a.yaml": service}, "OUTSIDE/.env (outside"},
		"a secret outside":                  {map[string]string{"compose.yaml": service + "    environment:\n      POSTGRES_PASSWORD_FILE: /run/secrets/p\n    secrets: [p]\nsecrets:\n  p:\n    file: OUTSIDE/key\n"}, "OUTSIDE/key (outside of the workspace), which is read for the container"},
		"a network of others":               {map[string]string{"compose.yaml": service + "    networks: [n]\nnetworks:\n  n:\n    external: true\n    name: bank\n"}, "network bank, which others made"},
		"nothing: the project's own":        {map[string]string{"compose.yaml": mounts("pg:/var/lib/postgresql/data", "./sql:/docker-entrypoint-initdb.d:ro", "./conf:/conf", "/etc/localtime:/etc/localtime:ro")["compose.yaml"] + "    ports: ['5432:5432']\nvolumes:\n  pg:\n"}, ""},
		"nothing: in the repository":        {with(map[string]string{"naap.toml": "volume = \"naap-db-data\"\n"}, ".git/HEAD", "x"), ""},
		"nothing: a folder of the data":     {map[string]string{"compose.yaml": mounts("./data:/var/lib/postgresql/data")["compose.yaml"]}, ""},
		"nothing: the hooks, to be read":    {with(mounts("./.git:/g:ro"), ".git/HEAD", "x"), ""},
		"nothing: nor of another service":   {map[string]string{"compose.yaml": service + "  web:\n    image: x\n    volumes: ['/:/host']\n"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := reachOf(t, c.files)
			if c.want == "" && got != "" || c.want != "" && !strings.Contains(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestWhatThePersonNamedReachesNothing(t *testing.T) {
	if got := reachOf(t, map[string]string{"naap.toml": ""}, "NAAP_VOLUME=OUTSIDE"); got != "" {
		t.Error(got)
	}
	if got := reachOf(t, map[string]string{"compose.yaml": service + "    volumes: ['/:/host']\n"}, "NAAP_INSTANCE=other"); got != "" {
		t.Errorf("an instance of another name has none of the service's mounts: %s", got)
	}
	if got := reachOf(t, map[string]string{"naap.toml": ""}, "COMPOSE_FILE=OUTSIDE/service.yaml"); got != "" {
		t.Error(got)
	}
}

func TestTheRealMonorepoReachesNothing(t *testing.T) {
	root := sharedtest.Path(t, "naap-repo")
	w, err := Find(t.Context(), root, Options{Env: []string{"HOME=" + t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	if w.Compose == nil {
		t.Fatal("the compose file is not read")
	}
	for _, item := range w.reachItems() {
		t.Error(item.Line())
	}
}

func TestAPasswordIsOneLine(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{"compose.yaml": service + "    environment:\n      POSTGRES_PASSWORD_FILE: /run/secrets/p\n    secrets: [p]\nsecrets:\n  p:\n    file: p\n"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]string{"word\n": "word", "-----BEGIN KEY\nabc\n": "postgres"} {
		if err := os.WriteFile(filepath.Join(root, "p"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		w, err := Find(t.Context(), root, Options{Env: []string{"HOME=" + t.TempDir()}})
		if err != nil || w.Settings.Password != want {
			t.Errorf("%q: the password is %q, %v", text, w.Settings.Password, err)
		}
	}
}

func TestANetworkThatIsOpenIsNotJoined(t *testing.T) {
	for _, network := range []string{"{external: true, name: host}", "{driver: host}", "{driver: macvlan}", "{driver: ipvlan}"} {
		root := t.TempDir()
		text := service + "    networks: [n]\nnetworks:\n  n: " + network + "\n"
		if err := os.WriteFile(filepath.Join(root, "compose.yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		w, err := Find(t.Context(), root, Options{Env: []string{"HOME=" + t.TempDir()}})
		if err != nil || len(w.Compose.Networks) > 0 || len(w.Compose.NotTold) != 1 || w.Compose.NotTold[0] != "networks.n" {
			t.Errorf("%s: %+v, not told %q, %v", network, w.Compose.Networks, w.Compose.NotTold, err)
		}
	}
}
