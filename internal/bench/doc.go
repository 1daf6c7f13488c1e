// Package bench compares naap with its peers and with the physical floor: docker, psql, and real Prisma. Each
// comparison is a benchmark of a few rounds; within a round naap and its peers take turns, so that a machine that gets
// slower or faster meanwhile does so for all of them. The medians end up in one table, beside the aims:
//
//	go test -run '^$' -bench . ./internal/bench
//
// The program is built as a release is: without cgo, stripped, and without paths of the machine.
//
// A comparison without its peer on this machine is skipped with the reason. Nothing here fails for being slow.
package bench
