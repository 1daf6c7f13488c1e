package main

import "github.com/livepeer/naap-dev/tui"

// A capability that is missing here only makes its key say so: the compiler would not notice.
var _ interface {
	tui.Backend
	tui.Booter
	tui.Identifier
	tui.Stopper
	tui.Knower
	tui.Recorder
	tui.Counter
	tui.Exporter
	tui.Scripter
	tui.Relater
	tui.Pusher
	tui.Resetter
	tui.Undoer
	tui.Saver
	tui.Keeper
	tui.Seeder
	tui.Doctor
	tui.Checker
	tui.Logger
	tui.Eventer
	tui.Measurer
	tui.Shell
} = backend{}
