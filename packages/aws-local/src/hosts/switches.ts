/** What can be switched on a modelled machine while it runs. */
import type { DocumentResult, HostAnswer } from "../region.ts";

/** Faults that come and go while the machine runs. */
export interface MachineSwitches {
  /** The agent takes nothing and reports nothing; what it already started goes on. */
  freezeAgent(): void;
  /** The agent is back: it reports what ended meanwhile. */
  thawAgent(): void;
  /** Documents start and never end by themselves. */
  hangDocuments(hang: boolean): void;
  /** The next run of this document fails without doing anything. */
  failNext(documentName: string, result?: DocumentResult): void;
  /** Every run of this document claims this result without doing anything; `undefined` stops the lie. */
  lie(documentName: string, result: DocumentResult | undefined): void;
  stopWeb(): void;
  hangWeb(): void;
  startWeb(): void;
  /** The web server answers this whatever is true; `startWeb` stops the lie. */
  lieWeb(answer: HostAnswer): void;
  /** 1 is the usual speed. */
  slowDown(times: number): void;
}
