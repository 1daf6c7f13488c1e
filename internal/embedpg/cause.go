package embedpg

import (
	"regexp"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// Codes that are asked for.
const (
	codePortTaken = "port.taken"
	codeDataBusy  = "data.busy"
)

// causes are why a server or initdb failed, by what PostgreSQL writes of it; the first that matches is the one. The
// texts are those of the sources of version 16.
func causes() []cause {
	return []cause{
		{regexp.MustCompile(`could not bind .*(Address already in use)|Is another postmaster already running on port`),
			codePortTaken, "the port is taken", []remedy.Advice{remedy.Again("dev up", "--port", "N").Note("a free port")}},
		{regexp.MustCompile(`could not bind .*Permission denied`),
			"port.denied", "the port may not be listened on", []remedy.Advice{remedy.Again("dev up", "--port", "N").Note("a port above 1024")}},
		{regexp.MustCompile(`pre-existing shared memory block|lock file "postmaster.pid" already exists`),
			codeDataBusy, "processes of an earlier server still use the data", []remedy.Advice{remedy.Line("wait some seconds, then: ", remedy.Again("dev up"))}},
		{regexp.MustCompile(`could not (create|resize|map) .*shared memory.*(No space left|Cannot allocate|Invalid argument)|could not map anonymous shared memory`),
			"postgres.memory", "there is not enough shared memory for PostgreSQL", remedy.Lines("close programs, or give /dev/shm more room: mount -o remount,size=256M /dev/shm")},
		{regexp.MustCompile(`No space left on device|Disk quota exceeded`),
			"disk.full", "the disk is full", []remedy.Advice{remedy.Words("df -h"), remedy.Line("make room, then: ", remedy.Again("dev up"))}},
		{regexp.MustCompile(`has invalid permissions|has wrong ownership|data directory .*Permission denied|could not (open|access|read|create) .*Permission denied`),
			"data.permission", "PostgreSQL may not use its data directory", remedy.Lines("it must belong to the server's user and be closed to others: chmod 0700 DIR")},
		{regexp.MustCompile(`database files are incompatible with server|initialized by PostgreSQL version`),
			"data.version", "the data was made by another version of PostgreSQL", nil},
		{regexp.MustCompile(`PANIC:|could not locate a valid checkpoint record|invalid checkpoint|incorrect checksum in control file|could not (open|read) file "(global|base|pg_wal|pg_xact)|invalid magic number`),
			"data.corrupted", "the data is damaged", []remedy.Advice{remedy.Line("restore it from a backup, or begin again: ", remedy.Naap("dev down", "--delete-data"))}},
		{regexp.MustCompile(`unrecognized configuration parameter|configuration file .* contains errors|syntax error in file|invalid value for parameter|is outside the valid range for parameter|could not load pg_hba.conf`),
			"postgres.configuration", "PostgreSQL does not accept its settings", remedy.Lines("correct the setting that the log names in postgresql.conf or pg_hba.conf")},
		{regexp.MustCompile(`error while loading shared libraries|Library not loaded|could not load library|GLIBC_[0-9.]+' not found`),
			"postgres.libraries", "PostgreSQL's programs do not run on this machine", []remedy.Advice{remedy.Again("dev up", "--postgres-bin", "DIR").Note("of a PostgreSQL 16 that does")}},
	}
}

type cause struct {
	pattern *regexp.Regexp
	code    string
	message string
	fix     []remedy.Advice
}

// classify finds the cause in what the server wrote last.
func classify(lines []string) *remedy.Error {
	known := causes()
	// From the end: what an earlier start wrote is not why this one failed.
	for i := len(lines) - 1; i >= 0; i-- {
		for _, c := range known {
			if c.pattern.MatchString(lines[i]) {
				return remedy.New(c.code, remedy.ExitNoServer, "PostgreSQL did not start: %s", c.message).WithHelp(c.fix...)
			}
		}
	}
	return remedy.New("postgres.died", remedy.ExitNoServer, "PostgreSQL ended while it was starting")
}
