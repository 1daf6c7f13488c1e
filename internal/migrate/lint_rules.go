package migrate

// LintRule is something that Lint looks for.
type LintRule struct {
	ID    string // stable: "naap/migrate-rewrite"
	Title string // one line
	Why   string // what goes wrong
}

var (
	lintScript = &LintRule{"naap/migrate-script", "A script can be run at all",
		"PostgreSQL refuses the script, on every database, and everything after it waits."}
	lintAlone = &LintRule{"naap/migrate-alone", "What PostgreSQL runs only by itself is alone in its migration",
		"A script of several statements is one transaction, in which PostgreSQL refuses these statements (25001)."}
	lintEnum = &LintRule{"naap/migrate-enum", "A new enum value is not used in the transaction that adds it",
		"PostgreSQL refuses to use it before that is committed (55P04)."}
	lintTransaction = &LintRule{"naap/migrate-transaction", "A script is one transaction",
		"Without BEGIN and COMMIT of its own, all of a script is in the database or nothing of it. What it commits itself stays when a later statement fails."}
	lintRepeat = &LintRule{"naap/migrate-repeat", "What failed can be run again",
		"What a script committed before it failed is in its way when it is run again, and has to be removed by hand."}
	lintEdited = &LintRule{"naap/migrate-edited", "An applied migration is not edited",
		"A new database gets something else than those that have it already."}
	lintKept = &LintRule{"naap/migrate-kept", "What naap and Prisma keep in the database stays",
		"Without it nothing knows which migrations and seeds the database has, and nothing can be undone."}
	lintDestroys = &LintRule{"naap/migrate-destroys", "Nothing is destroyed unseen",
		"Rows and values that a migration removes are gone on every database where it is run."}
	lintRows = &LintRule{"naap/migrate-rows", "A statement also works where there are rows",
		"It succeeds on an empty database and fails on one that is used."}
	lintRewrite = &LintRule{"naap/migrate-rewrite", "An existing table is not rewritten",
		"All rows and indexes are written again, while nobody can read or write the table."}
	lintScan = &LintRule{"naap/migrate-scan", "An existing table is not read through under a lock",
		"All rows are checked while others cannot write the table, or not even read it."}
	lintIndex = &LintRule{"naap/migrate-index", "An index on an existing table is built CONCURRENTLY",
		"Nobody can write the table until the index is built."}
	lintLock = &LintRule{"naap/migrate-lock", "A lock on an existing table is short",
		"A lock lasts to the end of the transaction. What waits for it blocks everybody who comes later, even before it has it."}
	lintSetting = &LintRule{"naap/migrate-setting", "A setting ends with its script",
		"SET lasts for the session, and so for the scripts that run after it; run one by one, they get something else."}
	lintQualified = &LintRule{"naap/migrate-qualified", "Names say their schema",
		"Where there are several schemas, a name without one is looked for in the search_path, which another tool may set otherwise."}
)

// LintRules returns what Lint looks for.
func LintRules() []*LintRule {
	return []*LintRule{
		lintScript, lintAlone, lintEnum, lintTransaction, lintRepeat, lintEdited, lintKept, lintDestroys, lintRows, lintRewrite, lintScan, lintIndex,
		lintLock, lintSetting, lintQualified,
	}
}
