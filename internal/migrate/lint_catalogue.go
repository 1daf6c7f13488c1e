package migrate

// catalogue is what the scripts that were read so far have made, as far as it matters to those that follow. What was
// made otherwise is not in it.
type catalogue struct {
	tables    map[string]*lintTable
	indexes   map[string]relation // the table that an index is on
	enums     map[string]bool
	functions map[string]string // how volatile they are, by name: IMMUTABLE, STABLE or VOLATILE
}

type lintTable struct {
	partitioned bool
	columns     map[string]lintColumn
	checks      map[string]notNullCheck // by the constraint's name
}

type lintColumn struct {
	typ     string // as squeezed returns it
	notNull bool
}

// notNullCheck is a constraint CHECK (column IS NOT NULL).
type notNullCheck struct {
	column string
	valid  bool
}

func newCatalogue() *catalogue {
	return &catalogue{map[string]*lintTable{}, map[string]relation{}, map[string]bool{}, map[string]string{}}
}

// table returns a table, and makes it where no script has made it.
func (c *catalogue) table(key string) *lintTable {
	t := c.tables[key]
	if t == nil {
		t = &lintTable{columns: map[string]lintColumn{}, checks: map[string]notNullCheck{}}
		c.tables[key] = t
	}
	return t
}

// provesNotNull reports whether a valid constraint says that a column has no NULL, so that the server need not look.
func (t *lintTable) provesNotNull(column string) bool {
	if t.columns[column].notNull {
		return true
	}
	for _, c := range t.checks {
		if c.valid && c.column == column {
			return true
		}
	}
	return false
}
