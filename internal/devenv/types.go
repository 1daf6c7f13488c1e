package devenv

import (
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// What an engine says about the server, and what was found wrong, as the screens and the plain output show it.
type (
	EngineEvent = server.Event
	EngineStats = server.Stats
	Lacks       = engine.Lacks
	State       = engine.State

	Finding  = remedy.Finding
	Severity = remedy.Severity
)

// The constants of these types that screens name.
const (
	Running   = engine.Running
	Starting  = engine.Starting
	Stopped   = engine.Stopped
	Unhealthy = engine.Unhealthy
	Absent    = engine.Absent

	Fine    = remedy.Fine
	Notable = remedy.Notable
	Warning = remedy.Warning
	Broken  = remedy.Broken
)

// What the screens and the plain output show of a database, under the verbs' own names, because tui may not import the
// driver's owner. Each type is documented where it is defined.
type (
	Activity         = postgres.Activity
	Cell             = postgres.Cell
	Check            = postgres.Check
	Column           = postgres.Column
	ColumnKind       = postgres.ColumnKind
	ColumnReference  = postgres.ColumnReference
	Completion       = postgres.Completion
	CompletionColumn = postgres.CompletionColumn
	CompletionTable  = postgres.CompletionTable
	Condition        = postgres.Condition
	Cursor           = postgres.Cursor
	Direction        = postgres.Direction
	ExportFormat     = postgres.ExportFormat
	ExportRequest    = postgres.ExportRequest
	ExportResult     = postgres.ExportResult
	ForeignKey       = postgres.ForeignKey
	ForeignKeyEdge   = postgres.ForeignKeyEdge
	Health           = postgres.Health
	Index            = postgres.Index
	KeyColumn        = postgres.KeyColumn
	LockWait         = postgres.LockWait
	Neighbours       = postgres.Neighbours
	Operator         = postgres.Operator
	Outcome          = postgres.Outcome
	Page             = postgres.Page
	PageColumn       = postgres.PageColumn
	PageRequest      = postgres.PageRequest
	Position         = postgres.Position
	QueryPlan        = postgres.QueryPlan
	Record           = postgres.Record
	RecordLink       = postgres.RecordLink
	Relations        = postgres.Relations
	Result           = postgres.Result
	RowCount         = postgres.RowCount
	RunOptions       = postgres.RunOptions
	SchemaEdge       = postgres.SchemaEdge
	SchemaInfo       = postgres.SchemaInfo
	ServerInfo       = postgres.ServerInfo
	SessionGroup     = postgres.SessionGroup
	Snapshot         = postgres.Snapshot
	SortKey          = postgres.SortKey
	Statement        = postgres.Statement
	TableDetail      = postgres.TableDetail
	TableInfo        = postgres.TableInfo
	TableRef         = postgres.TableRef
	TableStats       = postgres.TableStats
)

// The constants of these types that screens name.
const (
	FirstPage = postgres.FirstPage
	NextPage  = postgres.NextPage
	PrevPage  = postgres.PrevPage
	LastPage  = postgres.LastPage
	PageAt    = postgres.PageAt

	Equal        = postgres.Equal
	NotEqual     = postgres.NotEqual
	Less         = postgres.Less
	LessEqual    = postgres.LessEqual
	Greater      = postgres.Greater
	GreaterEqual = postgres.GreaterEqual
	Contains     = postgres.Contains
	StartsWith   = postgres.StartsWith
	Matches      = postgres.Matches
	IsNull       = postgres.IsNull
	IsNotNull    = postgres.IsNotNull
	AnyOf        = postgres.AnyOf

	KindTable = postgres.KindTable
	KindView  = postgres.KindView

	TextKind      = postgres.TextKind
	NumberKind    = postgres.NumberKind
	BoolKind      = postgres.BoolKind
	TimeKind      = postgres.TimeKind
	JSONKind      = postgres.JSONKind
	BytesKind     = postgres.BytesKind
	UUIDKind      = postgres.UUIDKind
	EnumKind      = postgres.EnumKind
	ArrayKind     = postgres.ArrayKind
	CompositeKind = postgres.CompositeKind
	RangeKind     = postgres.RangeKind

	ExportCSV       = postgres.ExportCSV
	ExportJSONLines = postgres.ExportJSONLines
	ExportJSON      = postgres.ExportJSON

	DefaultCountTo = postgres.DefaultCountTo
)
