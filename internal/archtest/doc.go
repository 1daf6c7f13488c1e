// Package archtest keeps the plan of the house: which room may import which, which room owns which outside library, and how
// many names each package exports. It is made of tests alone; ARCHITECTURE.md draws what they hold.
package archtest
