/**
 * The facts of a node that audits read: what `node/probe.php` writes and SSM Inventory keeps as type `Custom:Moodle`. All
 * values are texts there, at most 50 of them; an empty one was not known on the node, and `?` had a form that may not
 * leave it (somebody wrote something else into that setting).
 */
import * as z from "zod/mini";

/** As the node's file has it, and as GetInventory and ListInventoryEntries give its content back. */
export const inventoryType = "Custom:Moodle";

const anyText = z.string();
const flag = z.enum(["true", "false", ""]);
const where = z.enum(["shared", "local", ""]);

export const moodleFacts = z.strictObject({
  v: z.literal("1"),

  // Moodle's code on the disk.
  release: anyText,
  version: anyText,
  branch: anyText,
  code_writable: flag,
  config_writable: flag,
  document_root: anyText,

  // PHP; settings as `name=value name=value`.
  php: anyText,
  php_settings: anyText,
  extensions: anyText,
  phpredis: anyText,
  opcache: anyText,

  // The machine.
  hostname: anyText,
  /** Of the shared files: type and options. */
  mount: anyText,
  bare_mountpoint: z.enum(["unwritable", "writable", ""]),
  clock_source: anyText,
  clock_offset: anyText,

  /** Who said what follows: Moodle with its database, `config.php` alone, or nobody. */
  moodle: z.enum(["site", "config", ""]),
  wwwroot: z.optional(anyText),
  dbtype: z.optional(anyText),
  getremoteaddrconf: z.optional(anyText),
  debug: z.optional(anyText),
  lock_factory: z.optional(anyText),
  xsendfile: z.optional(anyText),
  sslproxy: z.optional(flag),
  reverseproxy: z.optional(flag),
  preventexecpath: z.optional(flag),
  disableupdateautodeploy: z.optional(flag),
  uninstallclionly: z.optional(flag),
  cronclionly: z.optional(flag),
  debugdisplay: z.optional(flag),
  cookiesecure: z.optional(flag),
  cookiehttponly: z.optional(flag),
  maintenance_enabled: z.optional(flag),
  session_handler_class: z.optional(anyText),
  /** Host and port. */
  session_redis: z.optional(anyText),
  session_redis_prefix: z.optional(anyText),
  session_redis_encrypt: z.optional(z.enum(["verified", "unverified", "none"])),
  session_redis_lock_expire: z.optional(anyText),
  session_redis_acquire_lock_timeout: z.optional(anyText),
  cachedir: z.optional(where),
  tempdir: z.optional(where),
  backuptempdir: z.optional(where),
  localcachedir: z.optional(where),

  // Only from a Moodle with its database.
  upgrade_pending: z.optional(flag),
  /** Host names that running tasks have written. */
  task_hosts: z.optional(anyText),
  /** The file of the cache configuration that is in use. */
  altcacheconfigpath: z.optional(anyText),
  /** Classes: `application=cachestore_redis session=… request=…`. */
  muc_modes: z.optional(anyText),
  /** The class that really holds core/config now. */
  muc_config: z.optional(anyText),
});
export type MoodleFacts = z.infer<typeof moodleFacts>;

/** The file that the SSM Agent takes up. */
export const inventoryDocument = z.strictObject({
  SchemaVersion: z.literal("1.0"),
  TypeName: z.literal(inventoryType),
  Content: moodleFacts,
});
