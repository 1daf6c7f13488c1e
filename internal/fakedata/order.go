package fakedata

// job is tables that are filled in one transaction: one table, or a circle of them.
type job struct {
	tables []*table
	needs  map[*job]bool // jobs that come first
}

// order sorts the tables into jobs, those that are referred to first (Tarjan's strongly connected components, which come
// out in that order).
func (p *Plan) order() {
	o := &orderer{index: map[*table]int{}, low: map[*table]int{}, on: map[*table]bool{}, job: map[*table]*job{}}
	for _, t := range p.db.tables {
		if t.planned && t.refused == "" && o.index[t] == 0 {
			o.visit(t)
		}
	}
	for _, j := range o.jobs {
		for _, t := range j.tables {
			for _, to := range t.refersTo() {
				if other := o.job[to]; other != nil && other != j {
					j.needs[other] = true
				}
			}
		}
	}
	p.jobs = o.jobs
}

// refersTo are the tables whose rows must be there before.
func (t *table) refersTo() []*table {
	var list []*table
	for _, f := range t.out {
		if f.to != t && f.to.planned && f.to.refused == "" && !f.always {
			list = append(list, f.to)
		}
	}
	return list
}

type orderer struct {
	index, low map[*table]int
	on         map[*table]bool
	stack      []*table
	count      int
	jobs       []*job
	job        map[*table]*job
}

func (o *orderer) visit(t *table) {
	o.count++
	o.index[t], o.low[t] = o.count, o.count
	o.stack, o.on[t] = append(o.stack, t), true
	for _, to := range t.refersTo() {
		if o.index[to] == 0 {
			o.visit(to)
			o.low[t] = min(o.low[t], o.low[to])
		} else if o.on[to] {
			o.low[t] = min(o.low[t], o.index[to])
		}
	}
	if o.low[t] != o.index[t] {
		return
	}
	j := &job{needs: map[*job]bool{}}
	for {
		last := o.stack[len(o.stack)-1]
		o.stack, o.on[last] = o.stack[:len(o.stack)-1], false
		j.tables, o.job[last] = append(j.tables, last), j
		if last == t {
			break
		}
	}
	o.jobs = append(o.jobs, j)
}
