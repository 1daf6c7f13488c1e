package program

import "os"

// endings returns those that a program's file may have. Batch files are taken where a program is one: their arguments
// go through cmd.exe. A shell would also look at PATHEXT and, before the PATH, in the current folder.
func endings(batch bool) []string {
	if batch {
		return []string{".exe", ".cmd", ".bat"}
	}
	return []string{".exe", ".com"}
}

func executable(info os.FileInfo) bool { return info.Mode().IsRegular() }

// Who may write to a file is not looked at: Windows says it in access lists, and its own folders are set right.
func exposed(string) string       { return "" }
func exposedFolder(string) string { return "" }
