package schemaplan

import (
	"container/heap"
	"fmt"
	"slices"
	"sort"
)

// phases is Prisma's order of statements, except that foreign keys and indexes are dropped before the enums that they
// may refer to. Where that is not enough, the steps' needs decide.
var phases = map[Kind]int{
	renameTable: 1, renameColumn: 2, renameEnumValue: 2, CreateSchema: 3, createExtension: 4, AlterExtension: 5, createEnum: 6,
	addEnumValue: 7, dropForeignKey: 8, dropIndex: 9, rebuildEnum: 10,
	dropPrimaryKey: 11, renamePrimaryKey: 11, dropColumn: 11, addColumn: 11, alterColumn: 11, recreateColumn: 11,
	addPrimaryKey: 11,
	DropTable:     12, dropEnum: 13, CreateTable: 14, createIndex: 15, renameForeignKey: 16, addForeignKey: 17,
	renameIndex: 18,
}

// arrange puts the steps in order: by phase, then as they were found, each after what it needs. Enum values that the
// plan itself uses come first of all, in a transaction of their own.
func arrange(steps []*Step) []*Step {
	sort.SliceStable(steps, func(i, j int) bool { return phases[steps[i].Kind] < phases[steps[j].Kind] })
	steps = splitEnumValues(steps)
	for {
		out, stuck := inDependencyOrder(steps)
		if len(stuck) == 0 {
			return out
		}
		i := slices.IndexFunc(stuck, func(s *Step) bool { return s.aside != nil })
		if i < 0 {
			return append(out, stuck...) // no known way around it: the server will say
		}
		steps = stepAside(steps, stuck[i])
	}
}

// stepAside breaks a cycle of names that are exchanged: one of the renames goes via an unused name.
func stepAside(steps []*Step, s *Step) []*Step {
	between := fmt.Sprintf("naap renamed %d", len(steps)) // grows with each
	first := *s
	first.Summary += ", by way of another name"
	first.Statements, s.Statements = []string{s.aside(between, false)}, []string{s.aside(between, true)}
	first.requires, s.provides = nil, nil
	key := "aside " + s.Object
	first.provides = append(first.provides, key)
	s.requires = append(s.requires, key)
	first.aside, s.aside = nil, nil
	return slices.Insert(steps, slices.Index(steps, s), &first)
}

// inDependencyOrder sorts the steps, each after what it needs; stuck are those that wait for each other.
func inDependencyOrder(steps []*Step) (out, stuck []*Step) {
	plan := Plan{Steps: steps}
	providers := plan.providers()
	waits := make([]int, len(steps))
	followers := make([][]int, len(steps))
	for i, s := range steps {
		for _, key := range s.requires {
			for _, j := range providers[key] {
				if i != j {
					followers[j] = append(followers[j], i)
					waits[i]++
				}
			}
		}
	}
	ready := &intHeap{}
	for i, n := range waits {
		if n == 0 {
			heap.Push(ready, i)
		}
	}
	taken := make([]bool, len(steps))
	for ready.Len() > 0 {
		i := heap.Pop(ready).(int)
		out, taken[i] = append(out, steps[i]), true
		for _, j := range followers[i] {
			if waits[j]--; waits[j] == 0 {
				heap.Push(ready, j)
			}
		}
	}
	for i, s := range steps {
		if !taken[i] {
			stuck = append(stuck, s)
		}
	}
	return out, stuck
}

// splitEnumValues moves the values that another step uses to the front, and ends a transaction after them.
func splitEnumValues(steps []*Step) []*Step {
	used := map[string]bool{}
	for _, s := range steps {
		for _, key := range s.requires {
			used[key] = true
		}
	}
	var first, rest []*Step
	for _, s := range steps {
		if s.Kind == addEnumValue && used[s.provides[0]] {
			first = append(first, s)
		} else {
			rest = append(rest, s)
		}
	}
	if len(first) > 0 {
		first[len(first)-1].CommitAfter = true
	}
	return append(first, rest...)
}

// splitEnums returns the enums whose new values need a transaction to end first.
func splitEnums(steps []*Step) map[qName]bool {
	out := map[qName]bool{}
	for i, s := range steps {
		if s.CommitAfter {
			for _, first := range steps[:i+1] {
				out[first.enum] = true
			}
		}
	}
	return out
}

type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *intHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
