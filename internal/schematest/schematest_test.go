package schematest_test

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/schematest"
)

// TestTheSchemaIsValid checks sizes at which the pattern of references has its edges.
func TestTheSchemaIsValid(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {9, 3}, {100, 10}, {101, 100}} {
		s, err := prisma.Parse(prisma.Source{Name: "schema.prisma", Text: schematest.Prisma(size[0], size[1]) + schematest.Extra("More")})
		if err != nil {
			t.Fatalf("%v: %v", size, err)
		}
		if len(s.Models) != size[0]+1 {
			t.Errorf("%v: %d models", size, len(s.Models))
		}
	}
}
