package devenv

import (
	"time"

	"github.com/livepeer/naap-dev/internal/client"
	"github.com/livepeer/naap-dev/internal/engine"
)

// Status is the document of `naap dev status --json`. Its field names are a contract.
type Status struct {
	Version       int               `json:"version"`
	Instance      string            `json:"instance"`
	State         engine.State      `json:"state"`
	Detail        string            `json:"detail,omitempty"`        // more about the state: "exited with code 137"
	Engine        string            `json:"engine"`                  // docker, embedded or external; "" while absent
	EngineReason  string            `json:"engine_reason,omitempty"` // why this engine
	Endpoint      *statusEndpoint   `json:"endpoint,omitempty"`
	DatabaseURL   string            `json:"database_url,omitempty"` // a password other than the public default is masked
	ServerVersion string            `json:"server_version,omitempty"`
	Workspace     statusWorkspace   `json:"workspace"`
	Owner         *statusOwner      `json:"owner,omitempty"`     // absent where no owner is recorded
	Container     *engine.Container `json:"container,omitempty"` // with the Docker engine
	Process       *engine.Process   `json:"process,omitempty"`   // with the embedded engine
	Schemas       []statusSchema    `json:"schemas"`
	Drift         *StatusDrift      `json:"drift,omitempty"`
	Migrations    *StatusMigrations `json:"migrations,omitempty"` // absent where there are none, or push is set
	Seeds         []statusSeed      `json:"seeds"`
	Clients       []StatusClient    `json:"clients,omitempty"` // absent where no generator writes one
	Health        *statusHealth     `json:"health,omitempty"`
	Problem       *statusProblem    `json:"problem,omitempty"` // what is wrong where State is unhealthy
	Warnings      []string          `json:"warnings,omitempty"`
}

// statusEndpoint is where the server listens.
type statusEndpoint struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Database string `json:"database"`
}

// statusWorkspace is what the instance is made from.
type statusWorkspace struct {
	Kind       string `json:"kind"`
	Root       string `json:"root,omitempty"`
	SchemaFile string `json:"schema_file,omitempty"`
}

// statusOwner is the workspace that the database's ledger names.
type statusOwner struct {
	Ours       bool      `json:"ours"` // whether it is this workspace
	Builtin    bool      `json:"builtin"`
	Root       string    `json:"root,omitempty"` // where it was when it last wrote
	Host       string    `json:"host,omitempty"`
	SchemaFile string    `json:"schema_file,omitempty"` // relative to its repository, or to its root without one
	Since      time.Time `json:"since"`
	How        string    `json:"how"` // made, taken over, adopted or restored
}

// statusSchema is one schema of the database.
type statusSchema struct {
	Name          string   `json:"name"`
	Owner         string   `json:"owner,omitempty"` // the plugin or service that it belongs to
	Tables        int      `json:"tables"`
	Rows          int64    `json:"rows"`
	RowsExact     bool     `json:"rows_exact"`
	EmptyTables   []string `json:"empty_tables"`
	Bytes         int64    `json:"bytes"`
	MissingTables []string `json:"missing_tables"` // in the Prisma file, not in the database
	UnknownTables []string `json:"unknown_tables"` // in the database, not in the Prisma file
}

// StatusDrift counts what a push would do.
type StatusDrift struct {
	PendingStatements int    `json:"pending_statements"`
	Destructive       int    `json:"destructive"`
	Problem           string `json:"problem,omitempty"` // why it could not be counted: an error in the Prisma file
}

// statusSeed is one seed file.
type statusSeed struct {
	Name  string `json:"name"`
	State string `json:"state"` // applied, changed or pending
	Rows  int64  `json:"rows,omitempty"`
}

// StatusClient is the client that one of Prisma's generators writes.
type StatusClient struct {
	Generator string        `json:"generator"`        // its name in the Prisma file
	Folder    string        `json:"folder,omitempty"` // relative to the root where it is inside
	State     client.State  `json:"state"`            // fresh, stale, missing or unread
	Why       string        `json:"why,omitempty"`    // it is unread, or missing
	Models    []statusModel `json:"models,omitempty"` // with stale: what it was not generated for
	Generate  string        `json:"generate,omitempty"`
}

// statusModel is a model, view or enum that a client knows otherwise than the Prisma file has it.
type statusModel struct {
	Schema string     `json:"schema"`
	Name   string     `json:"name"`
	Change client.How `json:"change"` // added, removed or changed
	Fields []string   `json:"fields,omitempty"`
}

// statusHealth is what the server says about itself.
type statusHealth struct {
	LatencyMS     float64           `json:"latency_ms"`
	Connections   statusConnections `json:"connections"`
	CacheHitRatio float64           `json:"cache_hit_ratio"`
	WaitingLocks  int               `json:"waiting_locks"`
}

// statusConnections counts sessions.
type statusConnections struct {
	Used int `json:"used"`
	Max  int `json:"max"`
}

// statusProblem is an error as a value.
type statusProblem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
}
