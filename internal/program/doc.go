// Package program finds and starts the other programs that naap uses; nothing else does.
//
// A program has an absolute path before it is started, and that path leads out of reach of whoever wrote the repository
// at hand: a folder of the PATH that is relative, empty, the working directory, or inside the workspace or a repository
// around it is passed over, links followed. So is one that strangers may write to, as sudo and ssh refuse those. What a
// program is told of naap's environment is chosen for each: see the list in programs.go.
package program
