//go:build !unix

package files

// Windows has no such flags: os.Stat distinguishes the names of its devices and pipes from files before anything is
// opened.
const openFlags, folderFlags = 0, 0
