package trust

// Owner says who owns a file or folder.
type Owner struct {
	// Name is the user's name, or the number where the system knows no name.
	Name string
	// Mine reports whether it may act for this user: it belongs to them, or to the user who became root through sudo.
	// This is git's rule for a repository (safe.directory in git-config(1)).
	Mine bool
	// Self reports whether it belongs to the very user who runs naap, and not only to sudo's.
	Self bool
}

// OwnerOf returns who owns a file or folder. For a link, both the link and its target count: the answer is the first
// owner that is not this user.
func OwnerOf(path string) (Owner, error) { return ownerOf(path) }
