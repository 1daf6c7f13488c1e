package rules

// Rule is one of the mandatory rules.
type Rule struct {
	ID     string // stable: "naap/2-own-client"
	Number int    // as the architecture counts them; 0 for those about the check itself
	Title  string // one line
	Why    string // what goes wrong where it is broken
}

// Slug is the rule's ID without "naap/".
func (r *Rule) Slug() string { return r.ID[len("naap/"):] }

// Severity is how much a finding weighs.
type Severity int

const (
	Note    Severity = iota // worth knowing; never makes a check fail
	Warning                 // against a rule's intent, or found by a guess
	Error                   // against a rule
)

// String is "note", "warning" or "error".
func (s Severity) String() string { return [...]string{"note", "warning", "error"}[s] }

// MarshalText makes a severity its word in JSON.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Place is a stretch of one file. Lines and columns count from 1, columns in Unicode code points; EndColumn is the
// column behind the last one, on Line.
type Place struct {
	Path      string `json:"path"` // relative to the root, with forward slashes
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndColumn int    `json:"end_column"`
	Label     string `json:"label,omitempty"` // what stands there, for a place that a finding relates to
}

// Finding is one breach of one rule.
type Finding struct {
	Rule     *Rule
	Severity Severity
	Place    Place
	Text     string  // the line, with passwords masked
	Message  string  // what is wrong there and what would be right
	Related  []Place // other places that belong to it
	Fix      *Fix    // nil where none can be made

	first int // the line where the statement begins that the place is in: an exception may stand above it
}

// Fix is a change that mends a finding.
type Fix struct {
	Title string
	Edits []Edit
	Diff  string // the edits as a unified diff, with passwords masked
	// Safe tells that it changes nothing but what the rule asks for, and can be applied unseen.
	Safe bool
}

// Edit replaces the bytes from Start to End of a file with New. A file that does not exist has no bytes: it is made.
type Edit struct {
	Path       string
	Start, End int
	New        string
}
