package workspace

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestComposeServiceDecidesTheSettings(t *testing.T) {
	root := tree(t, "monorepo")
	w := mustFind(t, root, nil)
	s, c := w.Settings, w.Compose
	equal(t, "image", s.Image, "postgres:16")
	equal(t, "port", s.Port, 15432)
	equal(t, "user", s.User, "owner")
	equal(t, "password", s.Password, "p@ss:word")
	equal(t, "database", s.Database, "platform")
	equal(t, "origin of the port", s.Origin("port").String(), "docker-compose.yml (service database)")
	equal(t, "url", s.URL("localhost", s.Port), "postgresql://owner:p%40ss%3Aword@localhost:15432/platform")
	project := strings.ToLower(filepath.Base(root))
	equal(t, "volume", s.Volume, project+"_naap-db-data")
	equal(t, "network", c.Networks[0].Name, project+"_backplane")
	equal(t, "init script's source", c.InitMounts[0].Source, filepath.Join(root, "docker", "init-schemas.sql"))
	equal(t, "data folder in the container", c.DataTarget, "/var/lib/postgresql/data")
	equal(t, "what it needs", strings.Join(c.DependsOn, " "), "mailbox:service_started:false")
	equal(t, "the files", strings.Join(c.Files, " "), filepath.Join(root, "docker-compose.yml"))
	equal(t, "the volume's name in the file", c.VolumeOf.Key, "naap-db-data")
	equal(t, "what is not told", strings.Join(c.NotTold, " "), "")
}

func TestVariablesOfTheShellReachTheComposeFile(t *testing.T) {
	w := mustFind(t, tree(t, "monorepo"), nil, "PG_TAG=16-bookworm")
	equal(t, "image", w.Settings.Image, "postgres:16-bookworm")
}

func TestOverrideFileAndDotEnvCount(t *testing.T) {
	root := tree(t, "override")
	w := mustFind(t, root, nil)
	equal(t, "image", w.Settings.Image, "postgres:16-alpine")
	equal(t, "port", w.Settings.Port, 25432)
	equal(t, "project", w.Compose.Project, "renamed")
	equal(t, "user", w.Settings.User, "fromfile")
	equal(t, "database, which is the user's name if not set", w.Settings.Database, "fromfile")
	equal(t, "files", len(w.Compose.Files), 2)
	equal(t, "data folder", w.Settings.Volume, filepath.Join(root, "pgdata"))
	equal(t, "data folder is a folder", filepath.IsAbs(w.Settings.Volume), true)
	if w.Compose.VolumeOf != nil {
		t.Error("a folder is no volume")
	}
}

func TestComposeFileVariableChoosesTheFiles(t *testing.T) {
	root := tree(t, "override")
	write(t, filepath.Join(root, ".env"), "DB_PORT=25432\nCOMPOSE_FILE=docker-compose.yml\n")
	w := mustFind(t, root, nil)
	equal(t, "files", len(w.Compose.Files), 1)
	equal(t, "image", w.Settings.Image, "postgres:15")
}

func TestServiceChosenByNameWithSecretAndExternalVolume(t *testing.T) {
	w := mustFind(t, tree(t, "secrets"), nil)
	equal(t, "kind", w.Kind, ComposeOnly)
	equal(t, "password", w.Settings.Password, "hush")
	equal(t, "volume", w.Settings.Volume, "the-data")
	equal(t, "external", w.Compose.VolumeOf.External, true)
	equal(t, "container", w.Settings.Container, "infra-store-1")
	equal(t, "what is not told", strings.Join(w.Compose.NotTold, " "), "secrets")
}

func TestUnknownServiceNamesTheNearest(t *testing.T) {
	_, err := find(t, tree(t, "secrets"), nil, "NAAP_COMPOSE_SERVICE=stor")
	equal(t, "code", remedy.Code(err), "compose.service")
	if !strings.Contains(remedy.Text(err), "did you mean store?") {
		t.Errorf("no hint: %s", remedy.Text(err))
	}
}

func TestAnotherInstanceSharesTheImageButNotTheData(t *testing.T) {
	w := mustFind(t, tree(t, "monorepo"), map[string]string{"instance": "test"})
	equal(t, "container", w.Settings.Container, "naap-test-db")
	equal(t, "volume", w.Settings.Volume, "naap-test-db-data")
	equal(t, "user", w.Settings.User, "owner")
	equal(t, "origin", w.Settings.Origin("container").String(), "flag --name")
}

func TestComposeErrorsNameFileAndLine(t *testing.T) {
	const head = "services:\n  database:\n    container_name: naap-db\n"
	for _, c := range []struct{ name, text, code, where, says string }{
		{"no YAML", head + "    image: [oops\n", "compose.invalid", "docker-compose.yml:", ""},
		{"wrong type", head + "    image: postgres:16\n    ports: 5432\n", "compose.invalid", "docker-compose.yml:5", "ports"},
		{"unknown key", head + "    image: postgres:16\n    volumnes: []\n", "compose.invalid", "docker-compose.yml", "volumnes"},
		{"missing variable", head + "    image: ${WHICH:?say which image}\n", "compose.variable", "docker-compose.yml:4", "say which image"},
		{"undefined volume", head + "    image: x\n    volumes:\n      - nowhere:/data\n", "compose.invalid", "docker-compose.yml", "nowhere"},
		{"missing env_file", head + "    image: x\n    env_file: gone.env\n", "compose.invalid", "docker-compose.yml", "gone.env"},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "docker-compose.yml"), c.text)
		_, err := find(t, dir, nil)
		text := ""
		if err != nil {
			text = remedy.Text(err)
		}
		if remedy.Code(err) != c.code || !strings.Contains(text, filepath.Join(dir, c.where)) || !strings.Contains(text, c.says) {
			t.Errorf("%s: %s", c.name, text)
		}
	}
}

func TestComposeWarningsAreKeptAndNotPrinted(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "compose.yaml"), "services:\n  d:\n    container_name: naap-db\n    image: postgres:16${NOTHING}\n")
	w := mustFind(t, dir, nil)
	if len(w.Warnings) == 0 || !strings.Contains(w.Warnings[0], "NOTHING") {
		t.Errorf("the warning of the unset variable is lost: %q", w.Warnings)
	}
}

// The expected value was computed by docker compose v5's own function for this service at this path.
func TestConfigHashIsTheOneOfDockerCompose(t *testing.T) {
	src := composeSource{root: "/naap-hash", env: environment{}, files: []string{"testdata/hash.yml"}}
	abs, err := filepath.Abs("testdata/hash.yml")
	if err != nil {
		t.Fatal(err)
	}
	src.files[0] = abs
	c, err := loadCompose(t.Context(), src, "database")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "hash", c.ConfigHash, "db518466469462c7c302e8f37735ba0ab697977d90644336efd0fccf1395031f")
}

func TestComposeErrorsHidePasswords(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "compose.yaml"), `services:
  d:
    container_name: naap-db
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: "hidden-word${"
`)
	_, err := find(t, dir, nil)
	if err == nil || strings.Contains(remedy.Text(err), "hidden-word") || !strings.Contains(remedy.Text(err), "compose.yaml:6") {
		t.Errorf("%s", remedy.Text(err))
	}
}

func TestWhatAComposeServiceSaysBeyondIsNamed(t *testing.T) {
	const head = "services:\n  database:\n    container_name: naap-db\n    image: postgres:16\n    ports: [\"5432:5432\"]\n"
	for _, c := range []struct{ text, want string }{
		{"    mem_limit: 1g\n    shm_size: 1g\n    labels: {a: b}\n    restart: always\n    platform: linux/amd64\n", ""},
		{"    deploy: {replicas: 1, resources: {limits: {memory: 1g}}}\n", ""},
		{"    deploy: {resources: {limits: {cpus: '1'}}}\n", "deploy"},
		{"    healthcheck: {test: [CMD, pg_isready], interval: 1s}\n", ""},
		{"    healthcheck: {test: [CMD, pg_isready], start_interval: 1s}\n", "healthcheck"},
		{"    user: '70'\n    stop_grace_period: 1m\n", "stop_grace_period user"},
		{"    volumes: ['./a:/a:ro', 'b:/b']\n    networks: {default: {aliases: [db]}}\nvolumes: {b: }\n", ""},
		{"    volumes: ['./a:/a:z', {type: tmpfs, target: /t}]\n", "the mount at /a the mount at /t"},
		{"    networks: {default: {ipv4_address: 10.0.0.9}}\n", "networks.default"},
		{"    network_mode: host\n    tmpfs: /run\n", "network_mode tmpfs"},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "docker-compose.yml"), head+c.text)
		equal(t, "beyond of\n"+c.text, strings.Join(mustFind(t, dir, nil).Compose.NotTold, " "), c.want)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "docker-compose.yml"), strings.Replace(head, "5432:5432\"", "5432:5432\", \"9187:9187\"", 1))
	equal(t, "another port", strings.Join(mustFind(t, dir, nil).Compose.NotTold, " "), "port 9187")
}

// The image's own psql would send the role's password to whatever server such a name means.
func TestADatabaseOfAComposeFileThatIsAConnectionStringIsRefused(t *testing.T) {
	for _, said := range []string{"POSTGRES_DB: host=db.example", "POSTGRES_USER: postgres://db.example"} {
		root := tree(t, "override")
		write(t, filepath.Join(root, "docker-compose.override.yml"), "services:\n  pg:\n    env_file: []\n    environment:\n      "+said+"\n")
		_, err := find(t, root, nil)
		if remedy.Code(err) != "settings.value" || !strings.Contains(remedy.Text(err), "where a server is") {
			t.Errorf("%s: %v", said, err)
		}
	}
}
