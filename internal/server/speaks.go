package server

import (
	"context"
	"fmt"
	"io"
	"net"
)

// requestTLS asks a PostgreSQL server whether it speaks TLS. It is the one message that each server answers before it
// knows who asks, with one byte: https://www.postgresql.org/docs/16/protocol-message-formats.html (SSLRequest).
var requestTLS = [8]byte{3: 8, 4: 0x04, 0xd2, 0x16, 0x2f}

// Speaks returns nil if a PostgreSQL server takes connections at the endpoint, which need not be the one that is meant.
// It costs a tenth of what a driver spends on a connection that fails. For a server that boots on a busy machine that
// is time: Docker accepts connections for a container long before its server does, and closes them.
func (e Endpoint) Speaks(ctx context.Context) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", e.Address())
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	var answer [1]byte
	if _, err = conn.Write(requestTLS[:]); err == nil {
		_, err = io.ReadFull(conn, answer[:])
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("no server answers on %s: %w", e.Address(), err)
	}
	return nil
}
