package mcpserver

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// afterInput is how long calls may go on once the client has closed its end: what was piped in is answered, where that is
// quick.
const afterInput = 2 * time.Second

// transport is one whose end is told only after the calls that were read have been answered, or have taken too long.
type transport struct {
	mcp.Transport
	ended func() // is called at the end
	over  atomic.Bool
}

// Connect is the library's.
func (t *transport) Connect(ctx context.Context) (mcp.Connection, error) {
	c, err := t.Transport.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &connection{Connection: c, of: t}, nil
}

type connection struct {
	mcp.Connection
	of   *transport
	open atomic.Int64 // calls that were read and not answered
}

func (c *connection) Read(ctx context.Context) (jsonrpc.Message, error) {
	m, err := c.Connection.Read(ctx)
	if r, ok := m.(*jsonrpc.Request); err == nil && ok && r.IsCall() {
		c.open.Add(1)
	}
	if err != nil && !c.of.over.Swap(true) {
		for began := time.Now(); c.open.Load() > 0 && time.Since(began) < afterInput && ctx.Err() == nil; {
			time.Sleep(10 * time.Millisecond)
		}
		c.of.ended()
	}
	return m, err
}

func (c *connection) Write(ctx context.Context, m jsonrpc.Message) error {
	err := c.Connection.Write(ctx, m)
	if _, ok := m.(*jsonrpc.Response); ok {
		c.open.Add(-1)
	}
	return err
}
