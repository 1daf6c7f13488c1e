package bench

import (
	"testing"
	"time"
)

// whole measures all of f.
func whole(f func()) effort {
	began := time.Now()
	f()
	return effort{wall: time.Since(began)}
}

// BenchmarkColdUpDocker measures from only the image to a database with all of the platform's tables.
func BenchmarkColdUpDocker(b *testing.B) {
	needDocker(b)
	needProgram(b, "psql")
	repo, sql := naapRepo(b), naapSQL(b)
	in, hand, compose := newInstance(b, "docker", repo), newByHand(b, repo), newComposed(b, repo)
	naap := contender{"naap dev up", func(b *testing.B) effort {
		defer in.delete(b)
		took := in.up(b)
		tables(b, in.url("naap"), naapTables)
		return took
	}}
	byHand := contender{"docker run + 20 ms poll + psql", func(b *testing.B) effort {
		defer hand.delete()
		took := whole(func() { hand.create(b); run(b, psqlFile(serverURL(hand.port, "naap"), sql)) })
		tables(b, serverURL(hand.port, "naap"), naapTables)
		return took
	}}
	byCompose := compose.peer("docker compose up --wait + psql", 1, func(b *testing.B) effort {
		defer compose.delete()
		took := whole(func() { compose.up(b); run(b, psqlFile(serverURL(compose.port, "naap"), sql)) })
		tables(b, serverURL(compose.port, "naap"), naapTables)
		return took
	})
	compare(b, "cold up, Docker, 112 tables", 0, naap, append([]peer{{byHand, 0.9}}, byCompose...)...)
}

// BenchmarkStoppedToReadyDocker measures from a stopped server with all tables to one that answers.
func BenchmarkStoppedToReadyDocker(b *testing.B) {
	needDocker(b)
	needProgram(b, "psql")
	repo, sql := naapRepo(b), naapSQL(b)
	in, hand, compose := newInstance(b, "docker", repo), newByHand(b, repo), newComposed(b, repo)
	in.up(b)
	hand.create(b)
	run(b, psqlFile(serverURL(hand.port, "naap"), sql))
	byCompose := compose.peer("docker compose up --wait", 1, func(b *testing.B) effort {
		stop(b, compose.project+"-db")
		return whole(func() { compose.up(b) })
	})
	if byCompose != nil {
		compose.up(b)
		run(b, psqlFile(serverURL(compose.port, "naap"), sql))
	}
	var all series
	naap := contender{"naap dev up, until SQL answers", func(b *testing.B) effort {
		stop(b, in.container())
		ready, end := in.upUntilReady(b)
		all = append(all, end)
		return ready
	}}
	byHand := contender{"docker start + 20 ms poll", func(b *testing.B) effort {
		stop(b, hand.name)
		return whole(func() { hand.start(b) })
	}}
	compare(b, "stopped → ready, Docker, 112 tables", 0, naap, append([]peer{{byHand, 1.1}}, byCompose...)...)
	alsoSeen("stopped → compared with the Prisma file and summed up", "stopped → ready, Docker, 112 tables", all)
}

const nothingLimit = 150 * time.Millisecond

// BenchmarkNothingToDoDocker measures `up` where all is up already, beside a process that only asks whether it is.
func BenchmarkNothingToDoDocker(b *testing.B) {
	needDocker(b)
	nothingToDo(b, "docker", "already up, Docker, 112 tables")
}

// BenchmarkNothingToDoEmbedded is the same without Docker.
func BenchmarkNothingToDoEmbedded(b *testing.B) {
	nothingToDo(b, "embedded", "already up, embedded, 112 tables")
}

func nothingToDo(b *testing.B, engine, name string) {
	in := newInstance(b, engine, naapRepo(b))
	in.up(b)
	up := contender{"naap dev up", in.up}
	version := contender{"naap version (a process that does nothing)", func(b *testing.B) effort { return in.run(b, "version") }}
	compare(b, name, nothingLimit, up, append([]peer{{contender: version}}, in.earlier(b, idleShare, "dev", "up", "--detach")...)...)
}

// idleShare is what a verb that finds nothing to do may take of what an earlier naap took.
const idleShare = 0.6

// BenchmarkIdleDocker measures a push that finds nothing to do, and a status, beside an earlier naap.
func BenchmarkIdleDocker(b *testing.B) {
	needDocker(b)
	benchIdle(b, "docker", "Docker")
}

// BenchmarkIdleEmbedded is the same without Docker.
func BenchmarkIdleEmbedded(b *testing.B) { benchIdle(b, "embedded", "embedded") }

func benchIdle(b *testing.B, engine, title string) {
	in := newInstance(b, engine, naapRepo(b))
	in.up(b)
	for _, verb := range []string{"push", "status"} {
		b.Run(verb, func(b *testing.B) {
			naap := contender{"naap dev " + verb, func(b *testing.B) effort { return in.run(b, "dev", verb) }}
			compare(b, verb+", nothing to do, "+title+", 112 tables", 0, naap, in.earlier(b, idleShare, "dev", verb)...)
		})
	}
}

// BenchmarkColdUpEmbedded measures from no data folder to a database with all of the platform's tables; PostgreSQL's
// programs are already there.
func BenchmarkColdUpEmbedded(b *testing.B) {
	in := newInstance(b, "embedded", naapRepo(b))
	in.up(b) // downloads the programs if they are missing
	in.delete(b)
	naap := contender{"naap dev up", func(b *testing.B) effort {
		defer in.delete(b)
		took := in.up(b)
		tables(b, in.url("naap"), naapTables)
		return took
	}}
	compare(b, "cold up, embedded, 112 tables", 3*time.Second, naap)
}
