//go:build !windows

package workspace

// Shell returns how npm runs a script's text on this system.
func Shell(command string) []string { return []string{"sh", "-c", command} }
