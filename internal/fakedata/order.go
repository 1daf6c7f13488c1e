package fakedata

// job is the tables that are filled in one transaction: one table, or a circle of them.
type job struct {
	tables []*table
	needs  map[*job]bool // jobs that come first
	after  map[*job]bool // jobs that also come first but are not needed: names suggest that rows refer to theirs
}

// order sorts the tables into jobs, those that are referred to first (Tarjan's strongly connected components, which
// come out in that order).
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
	for _, j := range o.jobs {
		for _, t := range j.tables {
			for _, f := range t.out {
				if other := o.job[f.to]; f.named && !f.always && other != nil && !other.reaches(j, map[*job]bool{}) {
					j.after[other] = true
				}
			}
		}
	}
	p.jobs = sorted(o.jobs)
}

// reaches reports whether a job is, or comes after, another.
func (j *job) reaches(other *job, seen map[*job]bool) bool {
	if j == other {
		return true
	}
	seen[j] = true
	for _, before := range []map[*job]bool{j.needs, j.after} {
		for b := range before {
			if !seen[b] && b.reaches(other, seen) {
				return true
			}
		}
	}
	return false
}

// sorted returns the jobs, each after those that it needs and otherwise in their order.
func sorted(jobs []*job) []*job {
	var out []*job
	placed := map[*job]bool{}
	var place func(*job)
	place = func(j *job) {
		if placed[j] {
			return
		}
		placed[j] = true
		for _, other := range jobs {
			if j.needs[other] || j.after[other] {
				place(other)
			}
		}
		out = append(out, j)
	}
	for _, j := range jobs {
		place(j)
	}
	return out
}

// refersTo returns the tables whose rows a constraint requires to exist first.
func (t *table) refersTo() []*table {
	var list []*table
	for _, f := range t.out {
		if f.to != t && !f.named && f.to.planned && f.to.refused == "" && !f.always {
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
	j := &job{needs: map[*job]bool{}, after: map[*job]bool{}}
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
