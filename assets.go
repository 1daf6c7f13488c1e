// Package naap holds the files that are part of the program: the built-in workspace.
//
// They lie at the module's root because go:embed cannot reach up from a subfolder, and because people look for them
// there: init-schemas.sql makes the schemas, seeds/schema.prisma the tables, seeds/SCHEMA.sql the rows.
package naap

import "embed"

// Assets are init-schemas.sql and the folder seeds.
//
//go:embed init-schemas.sql seeds
var Assets embed.FS
