package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// jsonPrinter prints one document of all results, in which values are strings as the server prints them and NULL is
// null. A result begins with what the server said of it, which comes after the rows: a result that is too long to be
// held until then ends with it.
type jsonPrinter struct {
	piecewise
	indent  bool
	results int
	columns []postgres.PageColumn
	rows    []byte // of the result that is not printed yet, each with what is before it
	long    bool   // the result is being printed
}

// line begins a new line of the document where it is indented.
func (p *jsonPrinter) line(dst []byte, depth int) []byte {
	if !p.indent {
		return dst
	}
	dst = append(dst, '\n')
	for range depth {
		dst = append(dst, "  "...)
	}
	return dst
}

// key begins a member of an object.
func (p *jsonPrinter) key(dst []byte, depth int, name string) []byte {
	dst = postgres.AppendJSON(p.line(dst, depth), []byte(name))
	if p.indent {
		return append(dst, ": "...)
	}
	return append(dst, ':')
}

// array appends an array in which each value is on a line of its own.
func (p *jsonPrinter) array(dst []byte, depth int, values [][]byte) []byte {
	dst = append(dst, '[')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst = p.line(dst, depth+1); v == nil {
			dst = append(dst, "null"...)
		} else {
			dst = postgres.AppendJSON(dst, v)
		}
	}
	if len(values) > 0 {
		dst = p.line(dst, depth)
	}
	return append(dst, ']')
}

// open begins the document with the first result, and separates the others.
func (p *jsonPrinter) open() {
	if p.results == 0 {
		p.opening()
	} else {
		p.held = append(p.held, ',')
	}
	p.results++
	p.held = append(p.line(p.held, 2), '{')
}

func (p *jsonPrinter) opening() {
	p.held = append(p.key(append(p.held, '{'), 1, "version"), "1,"...)
	p.held = append(p.key(p.held, 1, "results"), '[')
}

func (p *jsonPrinter) Begin(columns []postgres.PageColumn) error {
	p.begin()
	p.columns, p.rows, p.long = columns, p.rows[:0], false
	return nil
}

func (p *jsonPrinter) Row(values [][]byte) error {
	if p.long {
		p.held = p.array(p.line(append(p.held, ','), 4), 4, values)
		return p.grown()
	}
	if len(p.rows) > 0 {
		p.rows = append(p.rows, ',')
	}
	p.rows = p.array(p.line(p.rows, 4), 4, values)
	if len(p.rows) < pieceSize {
		return nil
	}
	p.open()
	p.header()
	p.held = append(p.held, p.rows...)
	p.rows, p.long = p.rows[:0], true
	return p.grown()
}

// header appends the columns' names, where there are any, and begins the rows.
func (p *jsonPrinter) header() {
	if len(p.columns) > 0 {
		p.names()
		p.held = append(p.held, ',')
	}
	p.held = append(p.key(p.held, 3, "rows"), '[')
}

func (p *jsonPrinter) names() {
	names := say.Each(p.columns, func(c postgres.PageColumn) []byte { return []byte(c.Name) })
	p.held = p.array(p.key(p.held, 3, "columns"), 3, names)
}

// said appends what the server said of a result.
func (p *jsonPrinter) said(r postgres.Result) {
	p.held = append(postgres.AppendJSON(p.key(p.held, 3, "tag"), []byte(r.Tag)), ',')
	p.held = strconv.AppendInt(p.key(p.held, 3, "affected"), r.Affected, 10)
}

func (p *jsonPrinter) End(r postgres.Result) error {
	if p.long {
		p.held = append(p.line(p.held, 3), ']', ',')
		p.said(r)
	} else {
		p.open()
		p.said(r)
		switch {
		case len(p.rows) > 0:
			p.held = append(p.held, ',')
			p.header()
			p.held = append(p.line(append(p.held, p.rows...), 3), ']')
		case len(p.columns) > 0:
			p.held = append(p.held, ',')
			p.names()
		}
	}
	p.held = append(p.line(p.held, 2), '}')
	p.columns, p.rows, p.long = nil, p.rows[:0], false
	p.begin()
	return p.grown()
}

// close ends the document. Of one that was begun, a failure is the last member, as it would be the only one of a
// document that was not: whoever reads it finds it there, and the result that is not whole has no tag.
func (p *jsonPrinter) close(err error) error {
	var statement failedStatement
	if errors.As(err, &statement) {
		err = statement.error
	}
	switch {
	case err == nil:
		p.end()
	case p.printed && p.err == nil:
		p.app.cutOff = p.fail
		return err
	default:
		return p.failure(err)
	}
	_ = p.print()
	return p.failure(nil)
}

// end ends the results.
func (p *jsonPrinter) end() {
	if p.results == 0 {
		p.opening()
		p.held = append(p.held, ']')
	} else {
		p.held = append(p.line(p.held, 1), ']')
	}
	p.held = append(p.line(p.held, 0), '}', '\n')
}

// fail ends a document that was begun with a failure.
func (p *jsonPrinter) fail(failure failureBody) {
	if p.long {
		p.held = append(p.line(append(p.line(p.held, 3), ']'), 2), '}')
	}
	p.held = append(p.line(p.held, 1), ']', ',')
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if p.indent {
		enc.SetIndent("  ", "  ")
	}
	_ = enc.Encode(failure)
	p.held = append(p.key(p.held, 1, "error"), bytes.TrimSpace(body.Bytes())...)
	p.held = append(p.line(p.held, 0), '}', '\n')
	_ = p.print()
}

// answerPieces writes the one document of --json, unless there is one already.
type answerPieces struct {
	app *app
	is  bool // this one is it
}

func (w *answerPieces) Write(piece []byte) (int, error) {
	w.app.mu.Lock()
	defer w.app.mu.Unlock()
	if !w.is && w.app.answered {
		return len(piece), nil
	}
	w.is, w.app.answered = true, true
	w.app.begun.Store(true)
	return w.app.document().Write(piece)
}
