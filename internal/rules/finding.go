package rules

// Rule is one of the mandatory rules.
type Rule struct {
	ID     string // stable: "naap/2-own-client"
	Number int    // as the architecture counts them; 0 for those about the check itself
	Title  string // one line
	Why    string // what goes wrong if it is broken
}

// Slug returns the rule's ID without "naap/".
func (r *Rule) Slug() string { return r.ID[len("naap/"):] }

// Severity is how serious a finding is.
type Severity int

const (
	Note    Severity = iota // worth knowing; never makes a check fail
	Warning                 // against a rule's intent, or found by a guess
	Error                   // against a rule
)

// String returns "note", "warning" or "error".
func (s Severity) String() string { return [...]string{"note", "warning", "error"}[s] }

// MarshalText returns the severity's word, for JSON.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Place is part of one file. Lines and columns count from 1, columns in Unicode code points; EndColumn is the column
// after the last one, on Line.
type Place struct {
	Path      string `json:"path"` // relative to the root, with forward slashes
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndColumn int    `json:"end_column"`
	Label     string `json:"label,omitempty"` // what is there, for a place related to a finding
}

// Finding is one breach of one rule, in one place or in several that are one fault.
type Finding struct {
	Rule     *Rule
	Severity Severity
	Place    Place
	Text     string   // the line, with passwords masked
	Message  string   // what is wrong there, and what would be right
	Related  []Place  // other places that are part of it
	Fix      *Fix     // nil if there is none
	Help     []string // what to write instead, in lines, where no edit of one file does it

	first int    // the first line of the statement that the place is in: an exception may be above it
	whole *fault // what it is a part of, or nil
}

// Fix is a change that fixes a finding.
type Fix struct {
	Title string
	Edits []Edit
	Diff  string // the edits as a unified diff, with passwords masked
	// Safe reports whether the fix changes only what the rule asks for, and can be applied without review.
	Safe bool
}

// Edit replaces the bytes from Start to End of a file with New. A file that does not exist counts as empty, and is
// created.
type Edit struct {
	Path       string
	Start, End int
	New        string
}
