/** A site configuration as an operator writes it, with what has no default. */
export const school = `site: school
address: https://moodle.school.example
timeZone: Europe/Vienna
release: "5.1"
php: { version: "8.3" }
database: { kind: aurora-mysql, version: "8.0", host: db.example, name: moodle, user: moodle,
  password: { secret: school/database, key: password }, connections: 500 }
sessions: { redis: { host: sessions.example, password: { secret: school/sessions } } }
cache: { redis: { host: cache.example } }
files: { efs: fs-0123456789abcdef0 }
`;
