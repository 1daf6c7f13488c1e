package reset

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// BenchmarkReset resets schemas of the real schema file, with few and with many rows: the times should not differ.
func BenchmarkReset(b *testing.B) {
	for _, rows := range []int{1_000, 1_000_000} {
		for _, name := range []string{"plugin_wallet", "public"} {
			b.Run(fmt.Sprintf("%s/%d", name, rows), func(b *testing.B) { benchReset(b, name, rows) })
		}
	}
}

func benchReset(b *testing.B, name string, rows int) {
	h := newHouse(b, pgtest.NewDatabase(b), monorepoText(b))
	var tables int
	for _, t := range h.want.Tables {
		if t.Schema == name {
			tables++
		}
	}
	h.fill(b, max(1, rows/tables), name, `public."User"`)
	opt := h.options()
	for b.Loop() {
		p, err := Compute(context.Background(), h.db, []string{name}, opt)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Apply(context.Background(), h.db, p, opt); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if _, err := Undo(context.Background(), h.db, 0, opt); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkUndo takes a reset back.
func BenchmarkUndo(b *testing.B) {
	for _, name := range []string{"plugin_wallet", "public"} {
		b.Run(name, func(b *testing.B) {
			h := newHouse(b, pgtest.NewDatabase(b), monorepoText(b))
			h.fill(b, 20_000, name, `public."User"`)
			opt := h.options()
			for b.Loop() {
				b.StopTimer()
				h.reset(b, opt, name)
				b.StartTimer()
				if _, err := Undo(context.Background(), h.db, 0, opt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSameByHand is the floor: the rename and the statements alone, sent in one message.
func BenchmarkSameByHand(b *testing.B) {
	for _, name := range []string{"plugin_wallet", "public"} {
		b.Run(name, func(b *testing.B) {
			h := newHouse(b, pgtest.NewDatabase(b), monorepoText(b))
			sql := h.byHand(b, name)
			for b.Loop() {
				err := h.db.InTx(context.Background(), func(tx postgres.Tx) error {
					_, err := postgres.ExecStatements(context.Background(), postgres.TxConn(tx), sql)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				h.run(b, "DROP SCHEMA naap_undo_1 CASCADE")
				b.StartTimer()
			}
		})
	}
}

// byHand are the statements of a reset that knows beforehand what to do.
func (h *house) byHand(b *testing.B, name string) []string {
	b.Helper()
	ctx := context.Background()
	var sql []string
	err := h.db.InTx(ctx, func(tx postgres.Tx) error {
		s := &swap{tx: tx, opt: h.options(), schemas: []string{name}}
		if err := s.begin(ctx); err != nil {
			return err
		}
		links, err := look(ctx, tx, s.schemas)
		if err != nil {
			return err
		}
		var keys []string
		for _, k := range append(links.In, links.Out...) {
			sql = append(sql, k.drop())
			if !k.out {
				keys = append(keys, k.create()...)
			}
		}
		quoted := postgres.Ident(name)
		sql = append(sql, "ALTER SCHEMA "+quoted+" RENAME TO naap_undo_1", "CREATE SCHEMA "+quoted)
		if err := s.exec(ctx, sql...); err != nil {
			return err
		}
		plan, err := schemaplan.Compute(ctx, tx, h.want, schemaplan.ComputeOptions{Schemas: s.schemas})
		if err != nil {
			return err
		}
		for _, step := range plan.Steps {
			sql = append(sql, step.Statements...)
		}
		sql = append(sql, keys...)
		return errRehearsed
	})
	if !errors.Is(err, errRehearsed) {
		b.Fatal(err)
	}
	return sql
}
