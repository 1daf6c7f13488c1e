package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// Parameter is a named parameter of a text, :name, as the server understands it.
type Parameter struct {
	Name string
	Type string // as psql names it; "" where the server does not say: it depends on a statement before
	Kind ColumnKind
}

// Arguments are the values of named parameters, as text; nil is NULL.
type Arguments map[string]*string

// Parameters returns the named parameters of a text, each once, with their types as the server describes them. Nothing is
// run. Where the first statement has a mistake, the error is the server's, with its place.
func (s *Session) Parameters(ctx context.Context, text string) ([]Parameter, *Position, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	statements := Split(text)
	if len(sqltext.NamedParameters(text)) == 0 {
		return nil, nil, nil
	}
	if at, err := refused(statements); err != nil {
		p := PositionAt(text, statements[at].Offset)
		return nil, &p, err
	}
	if err := s.ready(ctx); err != nil {
		return nil, nil, err
	}
	var list []Parameter
	for i, st := range statements {
		r := Result{Statement: st}
		found, err := s.described(ctx, &r)
		if r.Err = err; err != nil && i == 0 {
			r.locate(text)
			return nil, r.At, err
		}
		for _, p := range found {
			if n := slices.IndexFunc(list, func(other Parameter) bool { return other.Name == p.Name }); n < 0 {
				list = append(list, p)
			} else if list[n].Type == "" {
				list[n] = p
			}
		}
	}
	return list, nil, nil
}

// described asks the server to describe the parameters of one statement.
func (s *Session) described(ctx context.Context, r *Result) ([]Parameter, error) {
	sql, names, err := numbered(r.Statement.Text)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	list := make([]Parameter, len(names))
	for i, name := range names {
		list[i].Name = name
	}
	if err := s.begin(ctx); err != nil {
		return list, err
	}
	defer s.undo(ctx)
	x := execution{s: s, pc: s.conn.PgConn(), r: r}
	f := x.pc.Frontend()
	f.SendParse(&pgproto3.Parse{Query: sql})
	f.SendDescribe(&pgproto3.Describe{ObjectType: 'S'})
	f.SendSync(&pgproto3.Sync{})
	var types []uint32
	if err := x.receive(ctx, func(m pgproto3.BackendMessage) {
		if d, ok := m.(*pgproto3.ParameterDescription); ok {
			types = slices.Clone(d.ParameterOIDs)
		}
	}); err != nil {
		return list, err
	}
	if err := x.know(ctx, types); err != nil {
		return list, err
	}
	for i, oid := range types[:min(len(types), len(list))] {
		list[i].Type, list[i].Kind = s.types[oid].name, s.types[oid].kind
	}
	return list, nil
}

// numbered returns a statement with numbers in place of its named parameters, each as long as the name was, so that places
// in it stay the same, and the names by their numbers.
func numbered(text string) (sql string, names []string, err error) {
	list := sqltext.NamedParameters(text)
	if len(list) == 0 {
		return text, nil, nil
	}
	for _, p := range list {
		if p.Identifier {
			return "", nil, remedy.New("sql.parameter", remedy.ExitUsage, `:"%s" stands for a name, which cannot be a parameter`, p.Name).WithFix("write the name itself")
		}
	}
	for t := range sqltext.Tokens(text) {
		if t.Kind == sqltext.Parameter {
			return "", nil, remedy.New("sql.parameter", remedy.ExitUsage, "%s and named parameters are not possible in one statement", text[t.Start:t.End]).WithFix("name all of them")
		}
	}
	for _, short := range []bool{true, false} { // those of one letter have room for one digit
		for _, p := range list {
			if short == (p.End-p.Start < len("$10")) && !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	b := []byte(text)
	for _, p := range list {
		number := "$" + strconv.Itoa(slices.Index(names, p.Name)+1)
		room := p.End - p.Start
		if len(number) > room {
			return "", nil, remedy.New("sql.parameter", remedy.ExitUsage, "there are too many parameters whose names have one letter").WithFix("give them longer names")
		}
		copy(b[p.Start:p.End], number+strings.Repeat(" ", room-len(number)))
	}
	return string(b), names, nil
}

// arguments returns a statement with its parameters numbered, and their values. Without Arguments it is as it was.
func (st Statement) arguments(args Arguments) (sql string, values [][]byte, err error) {
	if args == nil {
		return st.Text, nil, nil
	}
	sql, names, err := numbered(st.Text)
	if err != nil {
		return "", nil, err
	}
	for _, name := range names {
		v, ok := args[name]
		switch {
		case !ok:
			return "", nil, remedy.New("sql.parameter", remedy.ExitUsage, "the parameter :%s has no value", name)
		case v == nil:
			values = append(values, nil)
		default:
			values = append(values, []byte(*v))
		}
	}
	return sql, values, nil
}
