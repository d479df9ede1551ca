/**
 * Users as JMeter has them, and so as the write-up measured: a closed loop, in which each asks for the next page when it has
 * the last one. A slow site is asked less, so its figures are kinder than those of `warden lab load`.
 */
import { Agent } from "node:http";
import type { Duplex } from "node:stream";
import type { Content, User } from "./content.ts";
import { type Page, PageFailed, type Thing, visit } from "./visit.ts";

export interface Site {
  /** A connection on which the site speaks HTTP: where it has TLS, the caller has seen to that. */
  connect(): Duplex;
  /** Of each request, `host` among them. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Clock {
  /** Milliseconds, from wherever. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export interface Sample {
  readonly of: Thing;
  /** Since the first user came, in milliseconds. */
  readonly at: number;
  readonly ms: number;
  /** Why it is no right answer. */
  readonly failed?: string;
}

export interface Crowd {
  readonly users: number;
  /** Seconds over which they come. */
  readonly ramp: number;
  /** When a user goes: after so many visits, or at the end of the visit in which the time is over since the last user came. */
  readonly until: { readonly visits: number } | { readonly seconds: number };
}

/** Each user has one connection that is kept, and in each visit a session of its own. */
export async function browse(site: Site, content: Content, crowd: Crowd, clock: Clock): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const began = clock.now();
  const since = (): number => clock.now() - began;
  const goesOn = (visits: number): boolean =>
    "visits" in crowd.until ? visits < crowd.until.visits : since() < (crowd.ramp + crowd.until.seconds) * 1000;

  async function live(index: number): Promise<void> {
    await clock.sleep((index / crowd.users) * crowd.ramp * 1000);
    const agent = agentOf(site);
    for (let visits = 0; goesOn(visits); visits++) {
      const isFine = await oneVisit(agent, userAt(content, index));
      // Whoever is refused at once would ask for nothing but that, without end.
      if (!isFine) await clock.sleep(pauseAfterFailure);
    }
    agent.destroy();
  }

  async function oneVisit(agent: Agent, user: User): Promise<boolean> {
    const caller = { agent, headers: site.headers, patience };
    let views = 0;
    const timed = async (page: Page, get: () => Promise<void>): Promise<void> => {
      const at = since();
      try {
        await get();
        const ms = since() - at;
        samples.push({ of: page, at, ms });
        if (page !== "sign-in") views += ms;
      } catch (error) {
        if (error instanceof PageFailed) samples.push({ of: page, at, ms: since() - at, failed: error.message });
        throw error;
      }
    };
    try {
      const at = since();
      await visit(caller, content, user, timed);
      samples.push({ of: "views", at, ms: views });
      return true;
    } catch (error) {
      if (error instanceof PageFailed) return false;
      throw error;
    }
  }

  await Promise.all(Array.from({ length: crowd.users }, (_, index) => live(index)));
  return samples;
}

/** Milliseconds: a page that takes longer is a failure, as with the load balancer's own time-out. */
const patience = 60_000;
const pauseAfterFailure = 500;

function userAt({ users }: Content, index: number): User {
  const user = users[index % users.length];
  if (user === undefined) throw new Error("the site has no users");
  return user;
}

function agentOf(site: Site): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => site.connect();
  return agent;
}
