package engine

// DiskFree is not looked at here: Docker's own disk is a virtual one.
func DiskFree(string) (bytes int64, ok bool) { return 0, false }
