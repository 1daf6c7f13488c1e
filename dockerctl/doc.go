// Package dockerctl keeps the one container that an instance's PostgreSQL runs in: it finds the Docker engine, looks at
// what is there, decides what is to be done, does it, and waits until SQL answers. Nothing in it deletes or overwrites a
// volume except DeleteData, which says so.
//
// It is the one owner of the Docker client.
package dockerctl
