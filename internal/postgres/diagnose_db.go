package postgres

import (
	"net"
	"net/url"
	"strconv"
)

// Diagnose is like the function Diagnose, for an error of a connection of the pool: it names the server that was asked.
func (db *DB) Diagnose(err error) error {
	if err == nil {
		return nil
	}
	c := db.Pool.Config().ConnConfig
	at := url.URL{Scheme: "postgresql", User: url.User(c.User), Host: net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))), Path: "/" + c.Database}
	if c.Host != "" && c.Host[0] == '/' {
		at.Host, at.RawQuery = "", url.Values{"host": {c.Host}, "port": {strconv.Itoa(int(c.Port))}}.Encode()
	}
	return Diagnose(err, at.String())
}
