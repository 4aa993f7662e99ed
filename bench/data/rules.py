"""What triggers would have refused, asked afterwards: each query finds rows that break a rule, and must find none.

Checks, unique and foreign keys need no query: the first are in force while rows come in, the others are made again
over all of them. Every trigger that is switched off meanwhile stands here, by its name.
"""

EVERY = 50  # of large databases the chains of every fiftieth entity are compared, and those of the known ones

NOBODY_OF_THE_ENTITY = """
    SELECT 1 FROM services_{table} held JOIN staff_stafflogin login ON login.id = held.login_id
    WHERE login.entity_id <> held.entity_id
"""

BROKEN: dict[str, str] = {
    "accounts_keep_numbers": """
        SELECT 1 FROM accounts_entity entity JOIN accounts_formernumber former USING (number)
        WHERE former.entity_id <> entity.id
    """,
    "staff_entity_has_administrator": """
        SELECT 1 FROM accounts_entity entity WHERE status = 'active' AND NOT EXISTS (
            SELECT 1 FROM staff_stafflogin WHERE entity_id = entity.id AND is_administrator AND status <> 'departed')
    """,
    "applications_administrator_by_application": """
        WITH later AS (
            SELECT id, entity_id, row_number() OVER (PARTITION BY entity_id ORDER BY id) AS nth
            FROM staff_stafflogin WHERE is_administrator)
        SELECT 1 FROM later WHERE nth > 1 AND NOT EXISTS (
            SELECT 1 FROM applications_power power
            JOIN applications_application asked ON asked.id = power.application_id
            WHERE power.login_id = later.id AND asked.state = 'approved' AND asked.entity_id = later.entity_id)
    """,
    "staff_officer_of_authority": """
        SELECT 1 FROM staff_stafflogin login JOIN accounts_entity entity ON entity.id = login.entity_id
        WHERE login.is_staff AND NOT entity.keeps_portal
    """,
    "staff_role_of_officer": """
        SELECT 1 FROM staff_officerrole role JOIN staff_stafflogin login ON login.id = role.login_id
        WHERE NOT login.is_staff
    """,
    "services_manager_has_role": """
        SELECT 1 FROM services_cataloguemanager manager WHERE NOT EXISTS (
            SELECT 1 FROM staff_officerrole WHERE login_id = manager.login_id AND role = 'catalogue')
    """,
    "services_merged_in_service": """
        SELECT 1 FROM services_servicegroup one JOIN services_servicegroup other ON other.id = one.merged_into_id
        WHERE other.service_id <> one.service_id
    """,
    "services_assignment_belongs": f"""
        {NOBODY_OF_THE_ENTITY.format(table="assignment")}
        UNION ALL
        SELECT 1 FROM services_assignment held JOIN staff_stafflogin login ON login.id = held.login_id
        WHERE login.status = 'departed' AND held.ended_at IS NULL
        UNION ALL
        SELECT 1 FROM services_assignment held JOIN services_servicegroup grp ON grp.id = held.group_id
        LEFT JOIN services_opening opening ON opening.entity_id = held.entity_id AND opening.service_id = grp.service_id
        WHERE opening.id IS NULL
    """,
    "services_assignment_group_takes": """
        SELECT 1 FROM services_assignment held JOIN services_servicegroup grp ON grp.id = held.group_id
        WHERE held.ended_at IS NULL AND (grp.withdrawn_at IS NOT NULL OR grp.merged_into_id IS NOT NULL)
    """,
    "services_power_belongs": NOBODY_OF_THE_ENTITY.format(table="serviceadministrator"),
    "services_power_given": """
        SELECT 1 FROM staff_stafflogin login LEFT JOIN services_serviceadministrator held ON held.login_id = login.id
        WHERE login.assigns <> (held.id IS NOT NULL)
    """,
    "services_power_present": """
        SELECT 1 FROM services_serviceadministrator held JOIN staff_stafflogin login ON login.id = held.login_id
        WHERE login.status = 'departed'
    """,
    "services_power_service_belongs": """
        SELECT 1 FROM services_serviceadministrator_services reach
        JOIN services_serviceadministrator power ON power.id = reach.serviceadministrator_id
        WHERE NOT EXISTS (
            SELECT 1 FROM services_opening
            WHERE entity_id = power.entity_id AND service_id = reach.eservice_id)
    """,
    "staff_count_added": """
        (SELECT entity_id, status, is_administrator, assigns, count(*) FROM staff_stafflogin GROUP BY 1, 2, 3, 4
        EXCEPT SELECT entity_id, status, is_administrator, assigns, n FROM staff_headcount)
        UNION ALL
        (SELECT entity_id, status, is_administrator, assigns, n FROM staff_headcount
        EXCEPT SELECT entity_id, status, is_administrator, assigns, count(*) FROM staff_stafflogin GROUP BY 1, 2, 3, 4)
    """,
    "services_count_joined": """
        WITH counted AS (
            SELECT held.entity_id, grp.service_id, grp.id AS group_id, count(DISTINCT held.login_id) AS n
            FROM services_assignment held JOIN services_servicegroup grp ON grp.id = held.group_id
            JOIN staff_stafflogin login ON login.id = held.login_id AND login.status <> 'departed'
            WHERE held.ended_at IS NULL
            GROUP BY GROUPING SETS ((held.entity_id, grp.service_id, grp.id), (held.entity_id, grp.service_id)))
        (SELECT entity_id, service_id, group_id, n FROM counted
        EXCEPT SELECT entity_id, service_id, group_id, n FROM services_membercount)
        UNION ALL
        (SELECT entity_id, service_id, group_id, n FROM services_membercount
        EXCEPT SELECT entity_id, service_id, group_id, n FROM counted)
    """,
    "applications_state_is_last_move": """
        SELECT 1 FROM applications_application asked WHERE state <> coalesce((
            SELECT now FROM applications_move WHERE application_id = asked.id ORDER BY id DESC LIMIT 1), 'draft')
    """,
    # Numbers without a gap everywhere; hashes, and what follows what, in each `every`th entity.
    "audit_1_chain": """
        SELECT 1 FROM (
            SELECT 1 FROM audit_event GROUP BY entity_number HAVING count(*) <> max(seq) OR min(seq) <> 1) gap
        UNION ALL
        SELECT 1 FROM (
            SELECT seq, lag(seq) OVER chain AS before, prev_hash, lag(hash) OVER chain AS follows,
                hash = audit_digest(line) AS unchanged
            FROM audit_event line WHERE entity_number IN (
                SELECT number FROM accounts_entity WHERE id <= 3 OR id %% %(every)s = 0)
            WINDOW chain AS (PARTITION BY entity_number ORDER BY seq)) told
        WHERE NOT unchanged OR prev_hash IS DISTINCT FROM follows OR seq <> coalesce(before, 0) + 1
    """,
}
# Triggers on these tables that act on nothing that COPY does, or only do something more.
NOTHING_TO_ASK = {
    "api_assignments_made": "notes what was touched for e-services that read changes, and here none does",
}
