/** A site as it lies in the table: the stack writes it by itself, without a client. */
import type { Site } from "@warden/control";
import { type Item, toItem } from "./items.ts";
import { siteItem } from "./keys.ts";

export const siteRow = (site: Site): Item => toItem({ ...siteItem(site.site), site });
