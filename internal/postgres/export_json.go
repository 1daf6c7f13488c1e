package postgres

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// row_to_json decides how an exported row looks as JSON. It takes the server longer than all else that it does for the
// row, more than twice as long as CSV takes as a whole, so that naap writes the same from the values' text where every
// column has a type whose form in JSON is known here. Otherwise the server does it.

// serversObjects returns what appends a row as row_to_json does, or nil where only the server can.
func serversObjects(ctx context.Context, pc *pgconn.PgConn, q exported) (func(dst []byte, values [][]byte) []byte, error) {
	if !strings.HasPrefix(pc.ParameterStatus("DateStyle"), "ISO") {
		return nil, nil
	}
	description, err := pc.Prepare(ctx, "", q.sql, nil)
	if err != nil {
		return nil, err
	}
	var o objects
	var unknown []string
	seen := map[string]bool{}
	for _, f := range description.Fields {
		write := serversValue(f.DataTypeOID)
		if write == nil {
			write = appendAsServer
			unknown = append(unknown, strconv.FormatUint(uint64(f.DataTypeOID), 10))
		}
		o = append(o, member{append(appendAsServer(nil, []byte(f.Name)), ':'), write})
		seen[f.Name] = true
	}
	if len(o) == 0 || len(seen) < len(o) {
		return nil, nil
	}
	if all, err := areEnums(ctx, pc, unknown); err != nil || !all {
		return nil, err
	}
	return o.append, nil
}

// areEnums reports whether all types are enums, whose labels are strings in JSON. An enum may have a cast to json of its
// own, which row_to_json would use.
func areEnums(ctx context.Context, pc *pgconn.PgConn, types []string) (bool, error) {
	if len(types) == 0 {
		return true, nil
	}
	all := false
	a := newAsk(`SELECT bool_and(t.typtype = 'e' AND NOT EXISTS (
		SELECT FROM pg_catalog.pg_cast c WHERE c.castsource = t.oid AND c.casttarget = 'pg_catalog.json'::pg_catalog.regtype))
		FROM pg_catalog.pg_type t WHERE t.oid = ANY ($1::pg_catalog.oid[])`,
		func(r textRow) { all = r.bool(0) }, "{"+strings.Join(types, ",")+"}")
	if err := exchange(ctx, pc, a); err != nil {
		return false, err
	}
	return all, a.err
}

// serversValue returns what appends the text of a type as row_to_json appends its value, or nil for a type that is not
// known here. See json_categorize_type and datum_to_json in the server's source.
func serversValue(oid uint32) func(dst, value []byte) []byte {
	switch oid {
	case 16: // bool
		return appendBool
	case 20, 21, 23, 700, 701, 1700: // int8, int2, int4, float4, float8, numeric
		return appendNumber
	case 114, 3802: // json, jsonb
		return appendOnOneLine
	case 1114, 1184: // timestamp, timestamptz
		return appendTimestamp
	case 17, 19, 25, 26, 869, 1042, 1043, 1082, 1083, 1186, 1266, 2950:
		// bytea, name, text, oid, inet, bpchar, varchar, date, time, interval, timetz, uuid
		return appendAsServer
	}
	return nil
}

// appendOnOneLine replaces the line breaks in a value of type json, which are white space between its tokens: inside
// strings they are \n.
func appendOnOneLine(dst, value []byte) []byte {
	from := len(dst)
	dst = append(dst, value...)
	if bytes.ContainsAny(value, "\r\n") {
		for i := from; i < len(dst); i++ {
			if dst[i] == '\r' || dst[i] == '\n' {
				dst[i] = ' '
			}
		}
	}
	return dst
}

// appendObject appends the object that the server made of a row.
func appendObject(dst []byte, values [][]byte) []byte { return appendOnOneLine(dst, values[0]) }

// appendTimestamp writes the server's ISO text as XML Schema has it, with a T between date and time and minutes in the
// zone: 2024-01-02 03:04:05+00 as 2024-01-02T03:04:05+00:00.
func appendTimestamp(dst, value []byte) []byte {
	date, rest, ok := bytes.Cut(value, []byte(" "))
	if !ok || len(rest) < len("03:04:05") { // infinity
		return appendAsServer(dst, value)
	}
	dst = append(append(append(dst, '"'), date...), 'T')
	clock, era, _ := bytes.Cut(rest, []byte(" ")) // BC
	dst = append(dst, clock...)
	if n := len(clock); clock[n-3] == '+' || clock[n-3] == '-' {
		dst = append(dst, ":00"...)
	}
	if len(era) > 0 {
		dst = append(append(dst, ' '), era...)
	}
	return append(dst, '"')
}
