package workspace

// shell returns how npm runs a script's text on this system.
func shell(command string) []string { return []string{"cmd", "/d", "/s", "/c", command} }
