//go:build !unix

package files

// Windows has no flags for these: the names of its devices and pipes are told from files by os.Stat, before anything is
// opened.
const openFlags, folderFlags = 0, 0
