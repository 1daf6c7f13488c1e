// Package embedpg is the engine for a machine without Docker: a private PostgreSQL 16, found on the machine or fetched
// once, that runs on its own as a child of nobody, on loopback only, and needs a password.
package embedpg
