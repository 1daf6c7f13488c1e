// Package embedpg is the engine for a machine without Docker: a private PostgreSQL 16, found on the machine or fetched
// once, that runs detached from naap, listens on loopback only, and asks for a password.
package embedpg
