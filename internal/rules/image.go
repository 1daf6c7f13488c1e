package rules

import (
	"path"
	"strings"
)

// databaseImages are the last parts of the names of images that are a database server.
var databaseImages = map[string]bool{
	"postgres": true, "postgresql": true, "postgresql-repmgr": true, "postgis": true, "pgvector": true, "pgvecto-rs": true,
	"timescaledb": true, "timescaledb-ha": true, "citus": true, "edb": true, "spilo": true, "cloudnative-pg": true,
	"mysql": true, "mysql-server": true, "mariadb": true, "percona": true, "percona-server": true, "mongo": true,
	"mongodb": true, "mongodb-community-server": true, "cockroach": true, "couchdb": true, "neon": true,
}

// isDatabaseImage reports whether an image is a database server's. Tools with postgres in their name, such as
// exporters, poolers and backup jobs, are not.
func isDatabaseImage(image string) bool {
	image = expand(strings.TrimSpace(image))
	image, _, _ = strings.Cut(image, "@")
	base := path.Base(image)
	base, _, _ = strings.Cut(base, ":")
	if base == "server" && strings.Contains(image, "mssql") {
		return true
	}
	return databaseImages[strings.ToLower(base)]
}

// clients are the programs in a database image that connect to a server instead of being one, and those that do
// something else.
var clients = map[string]bool{
	"psql": true, "pg_dump": true, "pg_dumpall": true, "pg_restore": true, "pg_isready": true, "createdb": true,
	"dropdb": true, "createuser": true, "pg_basebackup": true, "pgbench": true, "vacuumdb": true, "reindexdb": true,
	"mysql": true, "mysqldump": true, "mongosh": true, "mongo": true, "mongodump": true, "mongorestore": true,
	"sh": true, "bash": true, "ash": true, "cat": true, "ls": true, "id": true, "tar": true, "cp": true, "chown": true, "true": true,
}
