package devenv

import "os"

// othersRead is left to the folder, which is the user's own: the bits of a mode say nothing here.
func othersRead(os.FileInfo) bool { return false }
