package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// sqlPrinter prints what statements return as it arrives, in one format.
type sqlPrinter interface {
	postgres.RowSink
	// close prints what is left, where err is why the run ended early, or nil. It returns what the command fails with.
	close(err error) error
}

func (a *app) sqlPrinter(f sqlFlags) sqlPrinter {
	p := piecewise{app: a, w: a.out, goOn: f.write}
	switch {
	case a.json:
		p.w = &answerPieces{app: a}
		return &jsonPrinter{piecewise: p, indent: a.outIsTerminal()}
	case f.lines:
		p.w = a.document()
		return &linesPrinter{piecewise: p}
	case f.csv:
		return &csvPrinter{piecewise: p, shown: a.outIsTerminal()}
	}
	return newTablePrinter(p)
}

// pieceSize is how much of an answer is held before it is printed. Of a smaller answer nothing is printed for a
// statement that fails, nor for a transaction that could not be committed.
const pieceSize = 64 << 10

// piecewise prints an answer in pieces of whole rows.
type piecewise struct {
	app     *app
	w       io.Writer
	held    []byte
	whole   int   // how much of what is held is of statements that have succeeded
	begun   bool  // a piece of the statement that runs has been printed
	printed bool  // any piece has been printed
	goOn    bool  // to the statements' end, even where nothing can be printed any more: they write
	err     error // why nothing can be printed any more
}

// failedStatement is the error of a statement, which leaves what the statements before it returned.
type failedStatement struct{ error }

// begin marks where the next statement's part begins.
func (p *piecewise) begin() { p.whole, p.begun = len(p.held), false }

// grown prints a piece once enough is held.
func (p *piecewise) grown() error {
	if len(p.held) < pieceSize {
		return nil
	}
	p.begun = true
	return p.print()
}

func (p *piecewise) print() error {
	if len(p.held) > 0 && p.err == nil {
		p.printed = true
		_, p.err = p.w.Write(p.held)
	}
	p.held, p.whole = p.held[:0], 0
	if p.goOn {
		return nil
	}
	return p.err
}

// close prints what is held. Where a statement failed before a piece of it was printed, that is what the statements
// before it returned; where the run failed as a whole before any piece was printed, it is nothing.
func (p *piecewise) close(err error) error {
	var statement failedStatement
	switch {
	case err == nil:
	case errors.As(err, &statement):
		if err = statement.error; !p.begun {
			p.held = p.held[:p.whole]
		}
	case !p.printed:
		return err
	}
	_ = p.print()
	return p.failure(err)
}

// failure returns what the command fails with: err, or that its answer could not be printed, which in a session that
// only reads is what ended the run. That nobody reads the answer any more needs no word: the exit status is that of a
// program which the signal for it ends.
func (p *piecewise) failure(err error) error {
	switch {
	case p.err == nil || p.goOn && err != nil:
		return err
	case errors.Is(p.err, syscall.EPIPE):
		return exitStatus(128 + int(syscall.SIGPIPE))
	}
	return fmt.Errorf("write the answer: %w", p.err)
}

// tag adds a line for a statement that returned no rows.
func (p *piecewise) tag(r postgres.Result) {
	p.held = fmt.Appendln(p.held, p.app.plain(visible.String(r.Tag)))
}

// csvPrinter prints values as they are, because CSV is for a file or another program. That includes values that a
// spreadsheet would take for formulas, which only that spreadsheet's user can tell apart. On a terminal they are made
// safe to show.
type csvPrinter struct {
	piecewise
	shown bool
}

func (p *csvPrinter) Begin(columns []postgres.PageColumn) error {
	p.begin()
	head := say.Each(columns, func(c postgres.PageColumn) string {
		if p.shown {
			return visible.String(c.Name)
		}
		return c.Name
	})
	var line bytes.Buffer
	w := csv.NewWriter(&line)
	if err := w.Write(head); err != nil {
		return err
	}
	w.Flush()
	p.held = append(p.held, line.Bytes()...)
	return nil
}

func (p *csvPrinter) Row(values [][]byte) error {
	if len(values) == 0 { // of a SELECT of nothing
		return nil
	}
	for i, v := range values {
		if i > 0 {
			p.held = append(p.held, ',')
		}
		if p.shown && v != nil {
			v = []byte(visible.String(string(v)))
		}
		p.held = postgres.AppendCSV(p.held, v, true)
	}
	p.held = append(p.held, '\n')
	return p.grown()
}

func (p *csvPrinter) End(r postgres.Result) error {
	if r.Columns == nil {
		p.tag(r)
	}
	p.begin()
	return p.grown()
}

// linesPrinter prints each row as a JSON object. What is no row is said on stderr.
type linesPrinter struct {
	piecewise
	object func(dst []byte, values [][]byte) []byte
	tags   []string
}

func (p *linesPrinter) Begin(columns []postgres.PageColumn) error {
	p.begin()
	p.object = postgres.JSONObjects(columns)
	return nil
}

func (p *linesPrinter) Row(values [][]byte) error {
	if len(values) == 0 { // of a SELECT of nothing
		return nil
	}
	p.held = append(p.object(p.held, values), '\n')
	return p.grown()
}

func (p *linesPrinter) End(r postgres.Result) error {
	if r.Columns == nil {
		p.tags = append(p.tags, r.Tag)
	}
	p.begin()
	return p.grown()
}

func (p *linesPrinter) close(err error) error {
	if err == nil {
		for _, tag := range p.tags {
			p.app.tell("%s", visible.String(tag))
		}
	}
	return p.piecewise.close(err)
}
