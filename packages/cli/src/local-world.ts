/** What `warden up` starts, as it is agreed with `@warden/worlds/local`. */

export interface LocalOptions {
  readonly port: number;
  readonly consolePort: number;
  readonly desired: number;
  readonly speed: number;
  readonly timing: "quick" | "aws";
  readonly inspect?: number;
}

export interface StoryLine {
  /** Milliseconds since the start. */
  readonly at: number;
  readonly who: string;
  readonly text: string;
  readonly tone: "step" | "good" | "bad" | "note";
}

export interface LocalWorld {
  readonly endpoint: string;
  readonly console: string | undefined;
  readonly region: string;
  stop(): Promise<void>;
}

export type StartLocal = (options: LocalOptions, tell: (line: StoryLine) => void) => Promise<LocalWorld>;
