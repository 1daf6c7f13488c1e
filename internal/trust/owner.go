package trust

// Owner says who owns a file or folder.
type Owner struct {
	// Name is the user's name, or the number where the system knows no name.
	Name string
	// Mine reports whether it may speak for this user: it is theirs, or it is that of the user who became root through
	// sudo. This is git's rule for a repository (safe.directory in git-config(1)).
	Mine bool
	// Self reports whether it is the user's own that runs naap, and not sudo's.
	Self bool
}

// OwnerOf looks at who owns a file or folder. Of a link both the link and what it leads to count: the
// answer is the first that does not belong to this user.
func OwnerOf(path string) (Owner, error) { return ownerOf(path) }
