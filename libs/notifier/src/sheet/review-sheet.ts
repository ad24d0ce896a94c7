import type { ActionDigest } from '@countersign/domain-action';
import type { RequestStatus } from '@countersign/domain-thread';
import type { Timestamp } from '@countersign/kernel';

/**
 * Whose words a row holds:
 * - `verified`: from the token, the directory or the log;
 * - `claimed`: the requester's own, which nobody has verified;
 * - `catalogue`: what the organisation knows of the resource;
 * - `policy`: the rule, and what it demands.
 */
export type SheetOrigin = 'verified' | 'claimed' | 'catalogue' | 'policy';

/**
 * One labelled fact. `lines` are plain text, already made `visible`: a renderer escapes what its channel would
 * read as markup, and changes nothing else. `fromVisible` of a line gives the exact text back.
 */
export interface SheetRow {
  readonly label: string;
  readonly lines: readonly string[];
  /** Shown in a fixed-width block of its own: what runs, and what the requester says. */
  readonly isVerbatim?: boolean;
  /** A warning of ours about these lines, such as letters of several scripts in one name. */
  readonly warning?: string;
  /** The instant that its line names, for channels that can tell it in the reader's own time besides. */
  readonly instant?: Timestamp;
  /** Of a row that `paginate` had to cut. */
  readonly part?: RowPart;
  /** What `abridge` left out at its end. */
  readonly hidden?: Hidden;
}

export interface RowPart {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  /** Its first line goes on where the last one of the part before was cut. */
  readonly goesOn: boolean;
}

/** How much isn't shown, counted in what `visible` shows of it. */
export interface Hidden {
  readonly lines: number;
  /** Unicode code points. */
  readonly characters: number;
}

export interface SheetDeadline {
  readonly at: Timestamp;
  /** `15 min after it was asked`: true whenever it is read, as what is left of that isn't. */
  readonly given: string;
}

export const SHEET_PARTS = ['request', 'action', 'claims', 'catalogue', 'decision'] as const;

export interface SheetSection {
  readonly about: (typeof SHEET_PARTS)[number];
  readonly title: string;
  readonly origin: SheetOrigin;
  readonly rows: readonly SheetRow[];
}

/**
 * A review card as people read it, the same in every channel: titles and labels are ours, every line is
 * somebody's plain text. It is whole: who can't show all of it says how much it hides, and opens the rest.
 */
export interface ReviewSheet {
  readonly requestId: string;
  readonly digest: ActionDigest;
  readonly version: number;
  readonly status: RequestStatus;
  /** `A request waits for a decision`, `The request: approved`. */
  readonly heading: string;
  /** What everybody must know first: `mode`, `again`, `escalated`. In whole sentences of ours. */
  readonly notices: readonly SheetRow[];
  /** In the order of `SHEET_PARTS`: who asks and what runs before what a requester may fill with pages of its own. */
  readonly sections: readonly SheetSection[];
  /** Commands of ours that answer it by the API, one a line; empty where it asks nothing. */
  readonly commands: readonly string[];
  /** Whether it asks for a decision: buttons stand on it only then. */
  readonly asks: boolean;
  /** `high`, as the policy calls it. */
  readonly risk?: string;
  /** While it waits: when that ends. */
  readonly deadline?: SheetDeadline;
  /** Where people read the request, by the company's own settings: the only link that a card may hold. */
  readonly link?: string;
}
