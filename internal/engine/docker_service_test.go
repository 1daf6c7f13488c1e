package engine

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/workspace"
)

const shopCompose = `name: shop
services:
  database:
    image: postgres:16-alpine
    container_name: naap-db
    platform: linux/amd64
    command: postgres -c max_connections=200 -c shared_buffers=64MB
    entrypoint: [/tools/enter.sh]
    environment:
      POSTGRES_USER: owner
      POSTGRES_PASSWORD: word
      POSTGRES_DB: shop
      POSTGRES_INITDB_ARGS: --data-checksums
      PGDATA: /var/lib/postgresql/data/pg
    ports: ["15432:5432"]
    labels: {team: data}
    mem_limit: 512m
    restart: unless-stopped
    depends_on: [mail]
    volumes:
      - data:/var/lib/postgresql/data
      - ./docker/init-schemas.sql:/docker-entrypoint-initdb.d/10-init-schemas.sql
      - ./docker/more.sql:/docker-entrypoint-initdb.d/20-more.sql:ro
      - ./tools:/tools:ro
      - dumps:/dumps
      - shared:/shared
    networks:
      back: {aliases: [db, pg]}
      outside: {}
  mail: {image: "mail:1"}
volumes:
  data: {}
  dumps: {driver: local}
  shared: {external: true, name: the-shared}
networks:
  back: {}
  outside: {external: true}
`

// shop is that of a checkout with a compose file, as `naap -C DIR` finds it, and the checkout's folder.
func shop(t *testing.T, compose string, env ...string) (c Config, root string) {
	t.Helper()
	c = config(t, map[string]string{
		"docker-compose.yml": compose, "docker/init-schemas.sql": "CREATE SCHEMA IF NOT EXISTS plugin_shop;\n",
		"docker/more.sql": "SELECT 1;\n", "packages/database/prisma/schema.prisma": "datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\n",
	}, env...)
	return c, c.Workspace.Root
}

func TestTheContainerIsWhatTheComposeServiceSays(t *testing.T) {
	c, root := shop(t, shopCompose)
	spec := containerSpec(c)
	for what, same := range map[string]bool{
		"container":   spec.Container == "naap-db" && spec.Instance == "naap",
		"image":       spec.Image == "postgres:16-alpine" && !spec.ImagePinned && spec.Platform == "linux/amd64",
		"port":        spec.Port == 15432 && !spec.PortPinned,
		"login":       spec.User == "owner" && spec.Password == "word" && spec.Database == "shop",
		"volume":      spec.Volume == "shop_data" && spec.VolumeMade.Key == "data" && !spec.VolumeMade.External,
		"data":        spec.DataTarget == "/var/lib/postgresql/data" && spec.Env["PGDATA"] == "/var/lib/postgresql/data/pg",
		"arguments":   strings.Join(spec.Args, " ") == "-c max_connections=200 -c shared_buffers=64MB -c max_locks_per_transaction=1024",
		"entrypoint":  strings.Join(spec.Entrypoint, " ") == "/tools/enter.sh",
		"environment": len(spec.Env) == 2 && spec.Env["POSTGRES_INITDB_ARGS"] == "--data-checksums",
		"labels":      spec.Labels["team"] == "data",
		"memory":      spec.Memory == 512<<20,
		"restart":     spec.Restart == "unless-stopped",
		"init script": spec.Init.Path == filepath.Join(root, "docker", "init-schemas.sql") && spec.Init.Target == "/docker-entrypoint-initdb.d/10-init-schemas.sql",
	} {
		if !same {
			t.Errorf("%s: %+v", what, spec)
		}
	}
	want := []workspace.Mount{
		{Source: filepath.Join(root, "docker", "more.sql"), Target: "/docker-entrypoint-initdb.d/20-more.sql", ReadOnly: true},
		{Source: filepath.Join(root, "tools"), Target: "/tools", ReadOnly: true},
		{Source: "shop_dumps", Target: "/dumps", IsVolume: true, Made: workspace.Volume{Key: "dumps", Driver: "local"}},
		{Source: "the-shared", Target: "/shared", IsVolume: true, Made: workspace.Volume{Key: "shared", External: true}},
	}
	for i, m := range spec.Mounts {
		if i >= len(want) || m.Source != want[i].Source || m.Target != want[i].Target || m.ReadOnly != want[i].ReadOnly ||
			m.IsVolume != want[i].IsVolume || m.Made.Key != want[i].Made.Key || m.Made.External != want[i].Made.External {
			t.Errorf("mount %+v", m)
		}
	}
	if len(spec.Mounts) != len(want) {
		t.Errorf("%d mounts, want %d", len(spec.Mounts), len(want))
	}
	service := spec.Compose
	if service.Project != "shop" || service.Service != "database" || service.ConfigHash == "" || service.WorkingDir != root || len(service.NotTold) != 0 ||
		strings.Join(service.DependsOn, " ") != "mail:service_started:false" {
		t.Errorf("compose: %+v", service)
	}
	if n := service.Networks; len(n) != 2 || n[0].Name != "shop_back" || !n[0].Create || !slices.Equal(n[0].Aliases, []string{"db", "pg"}) || n[1].Create {
		t.Errorf("networks: %+v", n)
	}
}

func TestAServiceKeepsTheRoomForLocksThatItAsksFor(t *testing.T) {
	for _, asked := range []string{"-c max_locks_per_transaction=300", "-c Max_Locks_Per_Transaction=300", "--max-locks-per-transaction=300"} {
		c, _ := shop(t, strings.Replace(shopCompose, "-c max_connections=200", asked, 1))
		if args := strings.Join(containerSpec(c).Args, " "); args != asked+" -c shared_buffers=64MB" {
			t.Errorf("the server's arguments are %q", args)
		}
	}
}

func TestAnotherInstanceIsNoContainerOfTheService(t *testing.T) {
	c, _ := shop(t, shopCompose, "NAAP_INSTANCE=two")
	if spec := containerSpec(c); spec.Compose != nil || len(spec.Mounts) > 0 || spec.Container != "naap-two-db" || spec.Volume != "naap-two-db-data" {
		t.Errorf("%+v", spec)
	}
}

func TestWhatTheContainerCannotTakeFromTheServiceIsNamed(t *testing.T) {
	const head = "services:\n  d:\n    container_name: naap-db\n    image: postgres:16\n"
	for _, c := range []struct{ text, want string }{
		{"    command: [docker-entrypoint.sh, postgres, -c, max_connections=7]\n", ""},
		{"    command: [-c, max_connections=7]\n", ""},
		{"    command: [sh, -c, 'exec postgres']\n", "command"},
		{"    entrypoint: [sh, -c, 'exec docker-entrypoint.sh postgres']\n", "entrypoint"},
		{"    environment: {PGPORT: '6000'}\n    user: '70'\n", "user PGPORT"},
		{"    environment: {PGHOSTADDR: 203.0.113.1, PGSERVICE: theirs, PGUSER: postgres}\n", "PGHOSTADDR PGSERVICE"},
	} {
		of, _ := shop(t, head+c.text)
		spec := containerSpec(of)
		if got := strings.Join(spec.Compose.NotTold, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
		if spec.Env["PGHOSTADDR"] != "" || spec.Env["PGSERVICE"] != "" {
			t.Errorf("%s: the container has %v", c.text, spec.Env)
		}
	}
}

func TestAFolderOfInitScriptsIsMountedAndNothingPutIntoIt(t *testing.T) {
	c, root := shop(t, "services:\n  d:\n    container_name: naap-db\n    image: postgres:16\n    volumes:\n      - ./docker:/docker-entrypoint-initdb.d\n      - ./pg:/var/lib/postgresql/data\n")
	spec := containerSpec(c)
	if len(spec.Mounts) != 1 || spec.Mounts[0].Source != filepath.Join(root, "docker") || spec.Init.Path != "" || spec.Init.Content != nil {
		t.Errorf("%+v, %+v", spec.Mounts, spec.Init)
	}
	if spec.Volume != filepath.Join(root, "pg") {
		t.Errorf("the data is in %s", spec.Volume)
	}
}
