package program

import "os"

// endings returns the extensions that a program's file may have. Batch files are accepted where a program is one: their
// arguments go through cmd.exe. A shell would also look at PATHEXT and, before the PATH, in the current folder.
func endings(batch bool) []string {
	if batch {
		return []string{".exe", ".cmd", ".bat"}
	}
	return []string{".exe", ".com"}
}

func executable(info os.FileInfo) bool { return info.Mode().IsRegular() }

// Who may write to a file is not checked: on Windows access lists say that, and its own folders are set correctly.
func exposed(string) string       { return "" }
func exposedFolder(string) string { return "" }
