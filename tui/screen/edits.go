package screen

import "github.com/livepeer/naap-dev/internal/rowedit"

// Edits is what the user has changed in rows: what is pending, in whatever tables, and what was committed since the program
// began.
type Edits struct {
	rowedit.Pending
	Doubtful *rowedit.Commit   // what Pending became, if the transaction of Pending.Doubt was committed
	Commits  []*rowedit.Commit // that can be taken back, the newest last
}

// Committed notes a commit, after which nothing is pending.
func (e *Edits) Committed(c *rowedit.Commit) {
	e.Pending, e.Doubtful = rowedit.Pending{}, nil
	if c != nil && c.Back != nil {
		e.Commits = append(e.Commits, c)
	}
}

// TakenBack forgets a commit that was taken back.
func (e *Edits) TakenBack(gone *rowedit.Commit) {
	var left []*rowedit.Commit
	for _, c := range e.Commits {
		if c != gone {
			left = append(left, c)
		}
	}
	e.Commits = left
}
