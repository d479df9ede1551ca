/** The data tier of a site: MariaDB, and two Redis servers with TLS and an access control list. */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificate } from "./certificate.ts";
import { freePort, kill, type Processes, processes, run, until } from "./processes.ts";

export type Cache = "sessions" | "cache";
export type Part = "database" | Cache;

type Ports = { readonly database: number; readonly sessions: number; readonly cache: number };

/** Where its servers listen. */
export interface Place {
  readonly address: string;
  /** Beside the address, what clients may call it. */
  readonly names: readonly string[];
  readonly ports: Ports;
  /** In front of each of its commands. */
  readonly within: readonly string[];
}

export interface DataTier {
  readonly ports: Ports;
  /** Of the authority that signed the servers' certificates. */
  readonly certificate: string;
  /** PHP that returns the passwords by name, as the node's own role would have resolved them. */
  readonly secrets: string;
  /** As a user of whoever looks on, whom nobody's password keeps out. */
  redis(which: Cache, ...command: string[]): string;
  /** What these statements print, run on Moodle's database by the server's own root. */
  sql(statements: string): string;
  /** From now on the server takes these passwords of Moodle's user, and no other. */
  takes(part: Part, ...passwords: string[]): void;
  lose(part: Part): Promise<void>;
  /** What was lost comes back: a cache empty, the database with all that it had. */
  restore(part: Part): Promise<void>;
  end(): Promise<void>;
}

/** On this host's loopback. */
const loopback = async (): Promise<Place> => ({
  address: "127.0.0.1",
  names: ["localhost"],
  ports: { database: await freePort(), sessions: await freePort(), cache: await freePort() },
  within: [],
});

/** @param folder of the caller's own; takes `data-tier` in it */
export async function dataTier(folder: string, place?: Place): Promise<DataTier> {
  const { address, names, ports, within } = place ?? (await loopback());
  const at = (name: string): string => join(folder, "data-tier", name);
  for (const each of ["database", "temporary"]) mkdirSync(at(each), { recursive: true });
  const all = processes();
  const start: Processes["start"] = (...command) => {
    const [program = "", ...options] = [...within, command[0], ...command[1]];
    return all.start(program, options);
  };
  const certificate = at("certificate.pem");
  makeCertificate({ certificate, key: at("key.pem") }, [...names.map((name) => `DNS:${name}`), `IP:${address}`]);
  const servers = new Map<Part, ChildProcess>();
  run("mariadb-install-db", [...databaseFiles(), "--auth-root-authentication-method=normal"]);
  for (const part of ["database", "sessions", "cache"] as const) await startPart(part);
  prepareDatabase();

  function startPart(part: Part): Promise<void> {
    return part === "database" ? startDatabase() : startCache(part);
  }

  function databaseFiles(): string[] {
    // A server that starts clears its folder for temporary tables, also of those of others.
    return ["--no-defaults", "--user=root", `--datadir=${at("database")}`, `--tmpdir=${at("temporary")}`];
  }

  async function startDatabase(): Promise<void> {
    const reach = [`--socket=${at("database.sock")}`, `--bind-address=${address}`, `--port=${ports.database}`];
    // Nothing here outlives the machine, so nothing waits for a disk.
    const careless = ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--skip-log-bin"];
    servers.set("database", start("mariadbd", [...databaseFiles(), ...reach, ...careless, "--skip-name-resolve"]));
    await until(() => sql("SELECT 1"), "MariaDB");
  }

  function sql(statements: string, ...of: string[]): string {
    const place = ["--no-defaults", "--user=root", `--socket=${at("database.sock")}`];
    return run("mariadb", [...place, "--skip-column-names", "--execute", statements, ...of]).trim();
  }

  function prepareDatabase(): void {
    sql("CREATE DATABASE moodle CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
    sql(`CREATE USER 'moodle'@'%' IDENTIFIED BY '${passwordOf("database")}'`);
    sql("GRANT ALL ON moodle.* TO 'moodle'@'%'");
  }

  async function startCache(which: Cache): Promise<void> {
    const settings = [
      `bind ${address}\nport 0\ntls-port ${ports[which]}\ntls-auth-clients no\nsave ""\ndir ${at("")}`,
      `tls-cert-file ${certificate}\ntls-key-file ${at("key.pem")}`,
      `user default off\nuser moodle on >${passwordOf(which)} ~* &* +@all\nuser judge on nopass ~* &* +@all\n`,
    ];
    writeFileSync(at(`${which}.conf`), settings.join("\n"));
    servers.set(which, start("redis-server", [at(`${which}.conf`)]));
    await until(() => {
      if (redis(which, "ping") !== "PONG") throw new Error("no answer");
    }, `Redis for ${which}`);
  }

  function redis(which: Cache, ...command: string[]): string {
    const place = ["--tls", "--cacert", certificate, "-h", address, "-p", String(ports[which])];
    const judge = ["--user", "judge", "--pass", "-", "--no-auth-warning"];
    const [program = "", ...options] = [...within, "redis-cli", ...place, ...judge, ...command];
    return run(program, options).trim();
  }

  const secrets = ["database", "sessions", "cache"].map((name) => `'${name}' => '${passwordOf(name)}'`);
  return {
    ports,
    certificate,
    secrets: `<?php return [${secrets.join(", ")}];`,
    redis,
    sql: (statements) => sql(statements, "moodle"),
    takes(part, ...passwords) {
      if (part !== "database")
        redis(part, "acl", "setuser", "moodle", "resetpass", ...passwords.map((each) => `>${each}`));
      else {
        const each = passwords.map((password) => `mysql_native_password USING PASSWORD('${password}')`);
        sql(`ALTER USER 'moodle'@'%' IDENTIFIED VIA ${each.join(" OR ")}`);
      }
    },
    async lose(part) {
      const child = servers.get(part);
      if (child !== undefined) await kill(child);
    },
    restore: startPart,
    end: all.end,
  };
}

export const passwordOf = (name: string): string => `${name}-pass`;
