// Package archtest keeps the plan of the house: which room may import which, which room owns which outside library, and
// how many names each package exports. It consists of tests only; ARCHITECTURE.md describes what they enforce.
package archtest
