package postgres

import "context"

// OtherLogins returns the roles beside owner that may log in, most powerful first: "ann", "bob (a superuser)". The
// roles with which naap reads are not included, unless they have acquired more privileges than naap gives them.
func OtherLogins(ctx context.Context, q Querier, owner string) ([]string, error) {
	return CollectStrings(q.Query(ctx, `SELECT rolname || CASE WHEN rolsuper THEN ' (a superuser)' ELSE '' END FROM pg_catalog.pg_roles r
		WHERE rolcanlogin AND rolname OPERATOR(pg_catalog.<>) $1
			AND NOT (pg_catalog.starts_with(rolname::text, $2) AND NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication)
				AND NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid OPERATOR(pg_catalog.=) m.roleid
					WHERE m.member OPERATOR(pg_catalog.=) r.oid AND NOT g.rolname OPERATOR(pg_catalog.=) ANY ('{pg_read_all_data,pg_monitor}')))
		ORDER BY rolsuper DESC, rolname`, owner, ReaderPrefix))
}

// UnaskedLines returns the lines of the server's pg_hba.conf that let somebody log in over the network without a
// password, as they are written there; with loopback, also those for the server's own machine alone. Only a superuser
// may ask.
func UnaskedLines(ctx context.Context, q Querier, loopback bool) ([]string, error) {
	return CollectStrings(q.Query(ctx, `SELECT pg_catalog.concat_ws(' ', type, pg_catalog.array_to_string(database, ','), pg_catalog.array_to_string(user_name, ','), address, netmask, auth_method)
		FROM pg_catalog.pg_hba_file_rules
		WHERE type OPERATOR(pg_catalog.<>) 'local' AND auth_method OPERATOR(pg_catalog.=) ANY ('{trust,ident}')
			AND ($1 OR NOT coalesce(address OPERATOR(pg_catalog.=) ANY ('{127.0.0.1,::1,localhost,samehost}'), false))
		ORDER BY line_number`, loopback))
}
