package main

import (
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// A table's columns are as wide as the widest of their values among the rows that are held: mostly all of them. The
// columns of a longer table are as wide as those before, and become wider where a value further down needs it.
const (
	tableRows  = 10_000
	tableBytes = 4 << 20
)

// tablePrinter prints rows for people.
type tablePrinter struct {
	piecewise
	null   string
	widths []int  // of the columns, in characters
	text   []byte // the cells of the lines that are held, one after the other
	ends   []int  // where each cell ends
	rows   int
}

func newTablePrinter(p piecewise) *tablePrinter {
	null := "∅"
	if p.app.ascii {
		null = "NULL"
	}
	return &tablePrinter{piecewise: p, null: null}
}

func (p *tablePrinter) Begin(columns []postgres.PageColumn) error {
	p.begin()
	p.rows, p.widths = 0, make([]int, len(columns))
	p.text, p.ends = p.text[:0], p.ends[:0]
	for i, c := range columns {
		p.cell(i, visible.String(c.Name))
	}
	return nil
}

func (p *tablePrinter) cell(column int, text string) {
	p.text = append(p.text, text...)
	p.ends = append(p.ends, len(p.text))
	p.widths[column] = max(p.widths[column], utf8.RuneCountInString(text))
}

func (p *tablePrinter) Row(values [][]byte) error {
	if len(values) == 0 { // of a SELECT of nothing
		return nil
	}
	for i, v := range values {
		if v == nil {
			p.cell(i, p.null)
		} else {
			p.cell(i, visible.String(string(v)))
		}
	}
	p.rows++
	if p.rows%tableRows != 0 && len(p.text) < tableBytes {
		return nil
	}
	return p.lines()
}

// lines prints the lines that are held, two blanks between their columns.
func (p *tablePrinter) lines() error {
	from := 0
	for i, end := range p.ends {
		cell := p.text[from:end]
		p.held = append(p.held, cell...)
		from = end
		column := i % len(p.widths)
		if column < len(p.widths)-1 {
			for n := utf8.RuneCount(cell); n < p.widths[column]+2; n++ {
				p.held = append(p.held, ' ')
			}
			continue
		}
		p.held = append(p.held, '\n')
		if err := p.grown(); err != nil {
			return err
		}
	}
	p.text, p.ends = p.text[:0], p.ends[:0]
	return p.grown()
}

func (p *tablePrinter) End(r postgres.Result) error {
	if r.Columns == nil {
		p.tag(r)
	} else {
		if err := p.lines(); err != nil {
			return err
		}
		p.held = append(p.held, p.app.plain("("+say.Count(p.rows, "row")+")")+"\n"...)
	}
	p.begin()
	return p.grown()
}

// close prints the rows that came before the failure, where others of the same statement are printed already.
func (p *tablePrinter) close(err error) error {
	if err != nil && p.begun {
		_ = p.lines()
	}
	return p.piecewise.close(err)
}
