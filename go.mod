module github.com/livepeer/naap-dev

go 1.26.0
