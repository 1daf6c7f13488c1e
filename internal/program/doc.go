// Package program finds and starts the other programs that naap uses; nothing else does.
//
// A program is started by its absolute path, which is out of reach of whoever wrote the repository at hand: a folder of
// the PATH that is relative, empty, the working directory, or inside the workspace or a repository around it is
// skipped, with links followed. So is one that strangers may write to, as sudo and ssh refuse those. What a program
// sees of naap's environment is chosen for each: see the list in programs.go.
package program
