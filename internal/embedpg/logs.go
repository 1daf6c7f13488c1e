package embedpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/server"
)

// The log is trimmed at a start, and whenever naap adopts the server: beyond maxLog bytes all but the newest keepLog
// bytes go, and those move to the old log file.
const (
	maxLog  = 10 << 20
	keepLog = 1 << 20
)

// Logs writes the server's log to w; a server that never started has none. Followed, it goes on until the context ends,
// which is not an error. It is the server's own text: whoever shows it makes it safe.
func (e *Engine) Logs(ctx context.Context, w io.Writer, opt server.LogOptions) error {
	file, err := files.Open(ctx, e.at.logFile())
	for errors.Is(err, fs.ErrNotExist) && opt.Follow { // there may be a server yet
		if pause(ctx) != nil {
			return nil
		}
		file, err = files.Open(ctx, e.at.logFile())
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the server's log: %w", err)
	}
	defer file.Close()
	at, err := tailOffset(file, opt.Tail)
	if err != nil {
		return fmt.Errorf("read the server's log: %w", err)
	}
	_, err = io.Copy(w, &logReader{ctx: ctx, file: file, at: at, follow: opt.Follow})
	return err
}

// logReader reads a file that grows, and now and then is emptied.
type logReader struct {
	ctx    context.Context
	file   *os.File
	at     int64
	follow bool
}

func (l *logReader) Read(p []byte) (int, error) {
	for {
		n, err := l.file.ReadAt(p, l.at)
		l.at += int64(n)
		switch {
		case n > 0:
			return n, nil
		case err != nil && err != io.EOF:
			return 0, err
		case !l.follow || pause(l.ctx) != nil:
			return 0, io.EOF
		}
		if info, err := l.file.Stat(); err == nil && info.Size() < l.at {
			l.at = 0 // it was trimmed
		}
	}
}

// tailOffset returns where the last n lines of a file begin.
func tailOffset(file *os.File, n int) (int64, error) {
	info, err := file.Stat()
	if err != nil || n < 0 {
		return 0, err
	}
	end := info.Size()
	if n == 0 {
		return end, nil
	}
	const block = 64 << 10
	buf := make([]byte, block)
	found := -1 // the line feed that ends the last line doesn't begin another
	for at := end; at > 0; {
		size := min(at, block)
		at -= size
		if _, err := file.ReadAt(buf[:size], at); err != nil && err != io.EOF {
			return 0, err
		}
		for i := size - 1; i >= 0; i-- {
			if buf[i] != '\n' {
				if found < 0 {
					found = 0 // a last line that is still being written
				}
				continue
			}
			if found++; found == n {
				return at + i + 1, nil
			}
		}
	}
	return 0, nil
}

// openLog trims the log, and notes where this run's part of it begins.
func (r *run) openLog() error {
	if err := r.trimLog(); err != nil {
		return err
	}
	if info, err := os.Stat(r.at.logFile()); err == nil {
		r.logFrom = info.Size()
	}
	return nil
}

// newLog returns what the server has logged in this run; of much, the end.
func (r *run) newLog() string {
	file, err := files.Open(context.Background(), r.at.logFile())
	if err != nil {
		return ""
	}
	defer file.Close()
	from := r.logFrom
	if info, err := file.Stat(); err == nil {
		from = max(from, info.Size()-64<<10)
	}
	text, _ := io.ReadAll(io.NewSectionReader(file, from, 64<<10))
	return string(text)
}

// trimLog keeps the log from growing for ever. The file is emptied in place, as the server keeps it open, for appending.
func (e *Engine) trimLog() error {
	info, err := os.Stat(e.at.logFile())
	if err != nil || info.Size() <= maxLog {
		return nil
	}
	file, err := os.OpenFile(e.at.logFile(), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("trim the server's log: %w", err)
	}
	defer file.Close()
	kept, err := io.ReadAll(io.NewSectionReader(file, info.Size()-keepLog, keepLog))
	if err != nil {
		return fmt.Errorf("trim the server's log: %w", err)
	}
	if _, rest, ok := bytes.Cut(kept, []byte("\n")); ok {
		kept = rest
	}
	if err := os.WriteFile(e.at.oldLogFile(), kept, 0o600); err != nil {
		return fmt.Errorf("trim the server's log: %w", err)
	}
	return file.Truncate(0)
}
