package devenv

// diskFree is not looked at here: Docker's own disk is a virtual one.
func diskFree(string) (bytes int64, ok bool) { return 0, false }
