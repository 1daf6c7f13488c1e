// Package archtest keeps the plan of the house: which room may import which, and which room owns which outside library.
// It is made of tests alone; ARCHITECTURE.md draws what they hold.
package archtest
