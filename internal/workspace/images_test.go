package workspace

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheMajorVersionOfAnImageIsKnownByItsName(t *testing.T) {
	for ref, want := range map[string]int{
		"postgres:15": 15, "postgres:15.4-alpine": 15, "docker.io/library/postgres:14@sha256:00": 14, "postgres": 0, "postgres:latest": 0, "postgres:alpine": 0,
		"postgis/postgis:15-3.4": 15, "pgvector/pgvector:pg15": 15, "pgvector/pgvector:0.7.0-pg17": 17, "pgvector/pgvector:0.7.0": 0,
		"timescale/timescaledb:latest-pg15": 15, "timescale/timescaledb:2.14.2": 0, "bitnami/postgresql:15.3.0": 15, "localhost:5000/postgres:13": 13,
		"${IMAGE:-postgres:15}": 15, "postgres:${PG:-13}-alpine": 13, "postgres:${PG}": 0, "redis:7": 0, "postgres-exporter:15": 0,
	} {
		equal(t, ref, ImageMajor(ref), want)
	}
}

func TestServerImagesOfAnyServiceAreFoundWithTheirLines(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "prisma/schema.prisma"), "datasource db {\n provider = \"postgresql\"\n}\n")
	write(t, filepath.Join(root, "compose.yml"), "services:\r\n  cache:\r\n    image: redis:7\r\n  store:\r\n    image: \"postgres:15-alpine\" # old\r\n")
	write(t, filepath.Join(root, "naap.toml"), "image = \"postgres:14\"\n")
	var got []string
	for _, i := range mustFind(t, root, nil).ServerImages(t.Context()) {
		got = append(got, fmt.Sprint(strings.TrimPrefix(i.Where, root+"/"), " ", i.Ref, " ", i.Major))
	}
	equal(t, "images", strings.Join(got, "; "), "naap.toml:1 postgres:14 14; compose.yml:5 postgres:15-alpine 15")
}
